from pathlib import Path

import pytest

from analysis.model.bundle import Bundle
from analysis.scoring.benchmark import made_batch, made_texts, time_cold_starts, time_scoring

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PICTURES = sorted((ROOT / "sample_posts" / "pictures").glob("*.jpg"))[:3]


def test_scoring_is_measured_beside_the_reference_and_the_limit(tiny_bundle: Bundle) -> None:
    found = time_scoring(str(tiny_bundle.folder), PICTURES, posts=150, fewer=16, engine="torch")
    assert set(found.posts_per_second) == {"PostLens", "reference", "limit"}
    assert all(rate > 0 for rate in found.posts_per_second.values())
    assert found.posts_per_second["PostLens"] * sum(found.half_seconds) == pytest.approx(150)
    assert 50 < found.peak_mb[0] <= found.peak_mb[1]


def test_every_made_post_is_one_of_its_own(tmp_path: Path) -> None:
    posts = made_batch(tmp_path, 40, PICTURES).posts()
    assert posts["text"].nunique() == 40
    assert posts["images"].explode().nunique() == 40
    assert made_texts(40) == posts["text"].tolist()


def test_cold_starts_are_measured(tmp_path: Path) -> None:
    app = tmp_path / "app.py"
    app.write_text("import streamlit as st\nst.write('hello')\n")
    table = tmp_path / "one.csv"
    table.write_text("post_id,text\na,good\n")
    found = time_cold_starts(app, table, runs=1)
    assert list(found) == ["import analysis", "postlens score, one post", "the app's first page"]
    assert all(seconds > 0 for seconds in found.values())
    assert (tmp_path / "one.csv.csv").exists()
