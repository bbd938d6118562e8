"""Search by meaning: embeddings, and posts near a text or a post."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from analysis.errors import ScoringError
from analysis.model.bundle import Bundle
from analysis.posts import post_frame
from analysis.query import Filters
from analysis.scoring.embeddings import embed_batch
from analysis.search import (
    find_custom_topics,
    make_example_target,
    make_image_target,
    make_text_target,
    rank_posts,
)
from analysis.search.index import VectorIndex, open_index
from analysis.search.posts import _find_highest
from analysis.settings import Settings
from analysis.workspace import Batch
from tests.scored import new_batch, score, texts_and_images


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory, tiny_bundle: Bundle) -> Batch:
    """Six texts, the last with an image, and an image alone, in three parts; scored."""
    return texts_and_images(tmp_path_factory.mktemp("meaning"), tiny_bundle)


def vectors(batch: Batch, bundle: Bundle) -> pd.DataFrame:
    tables = [table.to_pandas() for table in embed_batch(batch, bundle)]
    return pd.concat(tables, ignore_index=True).set_index("post_id")


def test_the_posts_nearest_to_a_query_come_first(batch: Batch, tiny_bundle: Bundle) -> None:
    found = rank_posts(batch, make_text_target(tiny_bundle, "lovely day"), limit=4)
    assert found["post_id"][0] == "p0"
    assert found["similarity"][0] == pytest.approx(1, abs=2e-3)
    assert found["similarity"].is_monotonic_decreasing
    assert len(found) == 4


def test_a_post_with_both_counts_by_the_nearer_of_text_and_image(batch: Batch, tiny_bundle: Bundle) -> None:
    found = rank_posts(batch, make_text_target(tiny_bundle, "red phone")).set_index("post_id")
    similarity = found["similarity"]
    own = vectors(batch, tiny_bundle)
    query = own.loc["p3", "text_embedding"]
    expected = max(query @ own.loc["p5", "text_embedding"], query @ own.loc["p5", "image_embedding"])
    assert similarity["p5"] == pytest.approx(expected, abs=5e-3)
    assert similarity["image"] == pytest.approx(query @ own.loc["image", "image_embedding"], abs=5e-3)
    assert found["match"]["image"] == "image"
    assert found["match"]["p3"] == "text"


def test_similar_posts_exclude_the_post_and_include_its_copy(batch: Batch) -> None:
    found = rank_posts(batch, make_example_target([(batch, "image")]))
    assert found["post_id"][0] == "p5"  # it has the same image
    assert "image" not in set(found["post_id"])
    assert found["post_id"].is_unique
    assert rank_posts(batch, make_example_target([(batch, "nowhere")])).empty


def test_a_batch_without_embeddings_is_an_error_with_a_remedy(tmp_path: Path, tiny_bundle: Bundle) -> None:
    batch = new_batch(tmp_path)
    batch.set_bundle(tiny_bundle.id)
    for ask in (
        lambda: rank_posts(batch, make_text_target(tiny_bundle, "rain")),
        lambda: make_example_target([(batch, "p1")]),
        lambda: find_custom_topics(batch, tiny_bundle, ["rain"]),
    ):
        with pytest.raises(ScoringError, match=r"has no embeddings.*Score it again"):
            ask()


def test_embeddings_of_another_model_are_not_compared_with(batch: Batch, additive_bundle: Bundle) -> None:
    with pytest.raises(ScoringError, match="was scored with another model"):
        rank_posts(batch, make_text_target(additive_bundle, "rain"))


def test_a_search_by_an_image_finds_the_post_with_it(batch: Batch, tiny_bundle: Bundle) -> None:
    (media_id,) = batch.posts().set_index("post_id")["images"]["image"]
    with Image.open(batch.media_path(media_id)) as opened:
        found = rank_posts(batch, make_image_target(tiny_bundle, opened.convert("RGB")))
    assert set(found["post_id"][:2]) == {"p5", "image"}
    assert found["similarity"][0] == pytest.approx(1, abs=2e-3)
    assert list(found["match"][:2]) == ["image", "image"]
    assert len(found) == 7


def test_the_limit_applies_to_posts_that_match_the_filters(batch: Batch, tiny_bundle: Bundle) -> None:
    target = make_text_target(tiny_bundle, "lovely day")
    last = rank_posts(batch, target)["post_id"].iloc[-1]
    found = rank_posts(batch, target, Filters(post_ids=(last,)), limit=1)
    assert list(found["post_id"]) == [last]
    assert rank_posts(batch, target, Filters(search="-good"), limit=0).empty
    assert rank_posts(batch, target, Filters(search="no post contains this")).empty


def make_index(n_posts: int = 5_000, dim: int = 16) -> VectorIndex:
    """Random vectors: half of the posts have a text, two thirds an image; every tenth vector is a copy."""
    random = np.random.default_rng(0)
    modalities = {}
    for name, rows in (("text", np.arange(0, n_posts, 2)), ("image", np.flatnonzero(np.arange(n_posts) % 3))):
        vectors = random.normal(size=(len(rows), dim))
        vectors[::10] = vectors[0]
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        modalities[name] = (rows, vectors.astype(np.float16))
    return VectorIndex(n_posts, modalities)


@pytest.mark.parametrize("n_queries", [1, 3])
@pytest.mark.parametrize("share", [0.0, 0.01, 0.7, 1.0])
def test_similarities_are_those_of_brute_force(n_queries: int, share: float) -> None:
    index, random = make_index(), np.random.default_rng(1)
    queries = random.normal(size=(n_queries, 16)).astype(np.float32)
    queries /= np.linalg.norm(queries, axis=1, keepdims=True)
    wanted = np.flatnonzero(random.random(5_000) < share)
    found, which = index.compare(queries, None if share == 1 else wanted)
    dense = np.full((2, 5_000), np.nan, dtype=np.float32)
    for number, (rows, vectors) in enumerate(index.modalities.values()):
        dense[number, rows] = (vectors.astype(np.float64) @ queries.T.astype(np.float64)).max(1)
    expected = np.fmax(dense[0], dense[1])
    expected[np.setdiff1d(np.arange(5_000), wanted)] = np.nan
    assert np.allclose(found, expected, atol=1e-6, equal_nan=True)
    known = ~np.isnan(found)
    assert (which[known] == np.where(np.isnan(dense), -2, dense).argmax(0)[known]).all()


@pytest.mark.parametrize("limit", [0, 1, 7, 200, 10_000])
def test_the_highest_are_those_of_a_full_sort_also_among_equals(limit: int) -> None:
    values = np.random.default_rng(2).integers(0, 50, 5_000).astype(np.float32) / 50
    values[::7] = np.nan
    order = sorted((position for position in range(5_000) if values[position] >= 0), key=lambda p: -values[p])
    assert _find_highest(values, limit).tolist() == order[:limit]


def test_vectors_are_read_again_after_the_batch_is_scored_again(tmp_path: Path, tiny_bundle: Bundle) -> None:
    batch = texts_and_images(tmp_path, tiny_bundle)
    target = make_text_target(tiny_bundle, "lovely day")
    first = rank_posts(batch, target)
    assert open_index(batch) is open_index(batch)
    part = batch.read_part("embeddings", 0)
    batch.write_part("embeddings", 0, part.assign(text_embedding=[-each for each in part["text_embedding"]]))
    again = rank_posts(batch, target)
    assert again["post_id"].iloc[-1] == first["post_id"][0]


def test_posts_like_the_liked_ones_and_unlike_the_others_come_first(tmp_path: Path) -> None:
    batch = score(new_batch(tmp_path, post_frame([{"post_id": f"p{i}", "text": "x"} for i in range(4)])))
    vectors = np.array([[1, 0, 0], [0.9, 0.44, 0], [0.9, -0.44, 0], [0, 0.6, 0.8]], dtype=np.float16)
    batch.write_part(
        "embeddings",
        0,
        pd.DataFrame(
            {"post_id": [f"p{i}" for i in range(4)], "text_embedding": list(vectors), "image_embedding": None}
        ),
    )
    target = make_example_target([(batch, "p0")], [(batch, "p3")])
    expected = np.array([1, 0, 0]) - Settings().unliked_weight * np.array([0, 0.6, 0.8])
    assert target.vectors[0] == pytest.approx(expected / np.linalg.norm(expected), abs=1e-3)
    found = rank_posts(batch, target)
    assert list(found["post_id"]) == ["p2", "p1"]  # the examples themselves are left out
    neutral = rank_posts(batch, make_example_target([(batch, "p0")]))
    assert list(neutral["similarity"][:2]) == pytest.approx([0.9, 0.9], abs=2e-3)
