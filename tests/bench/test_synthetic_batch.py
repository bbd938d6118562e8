"""The app reads the synthetic batch like a real one: its parts match its posts, and pages show its numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from analysis import query
from analysis.bench.pages import PAGES, time_csv_export, time_filters, time_open_page
from analysis.bench.synthetic_batch import write_synthetic_scored_batch
from analysis.intake.media import stored_image_path
from analysis.model import Bundle
from analysis.posts import POST_COLUMNS, list_inputs_used
from analysis.settings import Settings
from analysis.workspace import Batch

pytestmark = pytest.mark.slow

POSTS = 300
ROOT = Path(__file__).parents[2]
APP, IMAGES = ROOT / "app.py", ROOT / "sample_posts" / "images"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("made")


@pytest.fixture(scope="module")
def batch(home: Path, tiny_bundle: Bundle) -> Batch:
    return write_synthetic_scored_batch(
        home, POSTS, IMAGES, heads=tiny_bundle.heads, settings=Settings(part_posts=50)
    )


@pytest.fixture
def served(home: Path, batch: Batch, tiny_bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of the app, whose model is the tiny one, as in all tests of pages: it is loaded once a process."""
    monkeypatch.setenv("POSTLENS_HOME", str(home))
    monkeypatch.setenv("POSTLENS_MODEL", str(tiny_bundle.folder))
    return home


@pytest.fixture(scope="module")
def parts(batch: Batch) -> pd.DataFrame:
    return pd.concat(part.to_pandas() for _, part in batch.read_parts("scores"))


def test_every_post_has_a_score_that_agrees_with_itself(
    batch: Batch, parts: pd.DataFrame, tiny_bundle: Bundle
) -> None:
    posts = batch.posts()
    assert tuple(posts.columns) == POST_COLUMNS
    assert list(parts["post_id"]) == list(posts["post_id"])
    assert parts["post_id"].is_unique
    assert len(parts) == batch.scored() == POSTS
    used = [list_inputs_used(post.text, len(post.images)) for post in posts.itertuples()]
    assert list(parts["inputs_used"]) == used
    sentiments = parts[["p_negative", "p_neutral", "p_positive"]]
    np.testing.assert_allclose(sentiments.sum(axis=1), 1)
    assert list("p_" + parts["sentiment"]) == list(sentiments.idxmax(axis=1))
    np.testing.assert_allclose(parts["valence"], parts["p_positive"] - parts["p_negative"])
    of_text = parts[[f"p_{name}" for name in tiny_bundle.heads["emotion"].classes]]
    assert set(of_text.sum(axis=1).round(6)) == {0.0, 1.0}
    assert of_text.isna().all(axis=1).equals(parts["inputs_used"] == "image")


def test_posts_are_as_varied_as_real_ones(batch: Batch) -> None:
    posts = batch.posts()
    assert {"text", "image", "both"} == set(
        query.count_by(batch, query.EVERY_POST, "inputs_used")["inputs_used"]
    )
    assert any(text.startswith("=") for text in posts["text"])
    assert any("<b>" in text for text in posts["text"])
    assert (posts["text"] == "").any()
    assert (posts["created_at"].max() - posts["created_at"].min()).days > 80
    for media_id in {name for names in posts["images"] for name in names}:
        assert stored_image_path(batch.folder / "media", media_id).is_file()


def test_a_batch_can_be_made_as_if_scoring_were_not_done(tmp_path: Path) -> None:
    batch = write_synthetic_scored_batch(
        tmp_path, 120, IMAGES, parts_scored=1, settings=Settings(part_posts=50)
    )
    assert query.compute_totals(batch).scored == batch.scored() == 50


def test_the_same_number_of_posts_gives_the_same_batch(
    tmp_path: Path, batch: Batch, tiny_bundle: Bundle
) -> None:
    again = write_synthetic_scored_batch(
        tmp_path, POSTS, IMAGES, heads=tiny_bundle.heads, settings=Settings(part_posts=50)
    )
    pd.testing.assert_frame_equal(query.read_page(again, limit=POSTS), query.read_page(batch, limit=POSTS))


@pytest.mark.parametrize("page", PAGES)
def test_pages_open_on_it_and_are_measured(served: Path, batch: Batch, page: str) -> None:
    found = [*time_open_page(served, batch.id, page, APP), *time_filters(served, batch.id, page, APP)]
    assert [each.name.split(",")[0] for each in found] == [page] * 6
    assert all(each.seconds > 0 for each in found)


@pytest.mark.usefixtures("served")
def test_numbers_on_pages_are_those_of_its_parts(parts: pd.DataFrame) -> None:
    app = AppTest.from_file(str(APP), default_timeout=60).run()
    shown = {metric.label: metric.value for metric in app.metric}
    negative = (parts["sentiment"] == "negative").mean()
    assert shown["Posts"] == "300"
    links = [link.proto.label for link in app.get("page_link")]
    share = f"{negative:.0%}".replace("%", " %")
    assert any(label.startswith(f"▼ Negative **{share} (") for label in links)


def test_csv_export_is_measured_and_the_file_is_removed(served: Path, batch: Batch) -> None:
    (measured,) = time_csv_export(served, batch.id, "CSV", APP)
    assert "posts/s" in measured.note
    assert not list(served.rglob("report.csv"))
