from pathlib import Path

import pytest

from analysis.bench.scoring import generate_synthetic_texts, time_scoring, write_synthetic_unscored_batch
from analysis.model.bundle import Bundle

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
IMAGES = sorted((ROOT / "sample_posts" / "images").glob("*.jpg"))[:3]


def test_scoring_is_measured_against_the_reference_and_the_limit(tiny_bundle: Bundle) -> None:
    found = time_scoring(str(tiny_bundle.folder), IMAGES, posts=150, fewer=4, engine="torch")
    assert set(found.posts_per_second) == {"PostLens", "reference", "limit"}
    assert all(rate > 0 for rate in found.posts_per_second.values())
    assert found.posts_per_second["PostLens"] * sum(found.half_seconds) == pytest.approx(150)
    assert 50 < found.peak_mb[0] <= found.peak_mb[1]
    assert any("times the reference" in line for line in found.lines())


def test_all_synthetic_posts_differ(tmp_path: Path) -> None:
    posts = write_synthetic_unscored_batch(tmp_path, 40, IMAGES).posts()
    assert posts["text"].nunique() == 40
    assert posts["images"].explode().nunique() == 40
    assert generate_synthetic_texts(40) == posts["text"].tolist()
