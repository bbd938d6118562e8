"""Search by meaning: embeddings, and posts near a text or a post."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from analysis.errors import ScoringError
from analysis.model.bundle import Bundle
from analysis.scoring.embeddings import embed_batch
from analysis.search import find_custom_topics, find_similar_posts, search_posts
from analysis.workspace import Batch
from tests.scored import new_batch, texts_and_images


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory, tiny_bundle: Bundle) -> Batch:
    """Six texts, the last with an image, and an image alone, in three parts; scored."""
    return texts_and_images(tmp_path_factory.mktemp("meaning"), tiny_bundle)


def vectors(batch: Batch, bundle: Bundle) -> pd.DataFrame:
    tables = [table.to_pandas() for table in embed_batch(batch, bundle)]
    return pd.concat(tables, ignore_index=True).set_index("post_id")


def test_the_posts_nearest_to_a_query_come_first(batch: Batch, tiny_bundle: Bundle) -> None:
    found = search_posts(batch, tiny_bundle, "lovely day", limit=4)
    assert found["post_id"][0] == "p0"
    assert found["similarity"][0] == pytest.approx(1, abs=2e-3)
    assert found["similarity"].is_monotonic_decreasing
    assert len(found) == 4


def test_a_post_with_both_counts_by_the_nearer_of_text_and_image(batch: Batch, tiny_bundle: Bundle) -> None:
    similarity = search_posts(batch, tiny_bundle, "red phone", limit=9).set_index("post_id")["similarity"]
    own = vectors(batch, tiny_bundle)
    query = own.loc["p3", "text_embedding"]
    expected = max(query @ own.loc["p5", "text_embedding"], query @ own.loc["p5", "image_embedding"])
    assert similarity["p5"] == pytest.approx(expected, abs=5e-3)
    assert similarity["image"] == pytest.approx(query @ own.loc["image", "image_embedding"], abs=5e-3)


def test_similar_posts_exclude_the_post_and_include_its_copy(batch: Batch) -> None:
    found = find_similar_posts(batch, "image", limit=9)
    assert found["post_id"][0] == "p5"  # it has the same image
    assert "image" not in set(found["post_id"])
    assert found["post_id"].is_unique
    assert find_similar_posts(batch, "nowhere", limit=9).empty


def test_a_batch_without_embeddings_is_an_error_with_a_remedy(tmp_path: Path, tiny_bundle: Bundle) -> None:
    batch = new_batch(tmp_path)
    batch.set_bundle(tiny_bundle.id)
    for ask in (
        lambda: search_posts(batch, tiny_bundle, "rain", 3),
        lambda: find_similar_posts(batch, "p1", 3),
        lambda: find_custom_topics(batch, tiny_bundle, ["rain"]),
    ):
        with pytest.raises(ScoringError, match=r"has no embeddings.*Score it again"):
            ask()


def test_embeddings_of_another_model_are_not_compared_with(batch: Batch, additive_bundle: Bundle) -> None:
    with pytest.raises(ScoringError, match="was scored with another model"):
        search_posts(batch, additive_bundle, "rain", 3)
