"""Custom topics: each post has every topic whose similarity reaches the threshold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from analysis import query
from analysis.custom_topics import parse_topic_names
from analysis.errors import ScoringError
from analysis.model.bundle import Bundle
from analysis.search import choose_threshold, find_custom_topics, make_text_target, rank_posts
from analysis.settings import Settings
from analysis.workspace import Batch, Workspace
from tests.scored import new_batch, score, texts_and_images

NAMES = ("lovely day", "red phone")


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory, tiny_bundle: Bundle) -> Batch:
    """Six texts, the last with an image, and an image alone, in three parts; scored."""
    return texts_and_images(tmp_path_factory.mktemp("topics"), tiny_bundle)


def with_threshold(batch: Batch, least: float) -> Batch:
    settings = type(batch.settings)(custom_topic_from=least)
    return Workspace(batch.folder.parents[1], settings).open(batch.id)


def test_a_post_has_every_topic_that_is_similar_enough(batch: Batch, tiny_bundle: Bundle) -> None:
    near = {
        name: rank_posts(batch, make_text_target(tiny_bundle, name)).set_index("post_id")["similarity"]
        for name in NAMES
    }
    lowest = min(near["lovely day"]["p3"], near["red phone"]["p3"]) - 1e-6
    batch = with_threshold(batch, float(lowest))
    found = batch.with_custom_topics(find_custom_topics(batch, tiny_bundle, NAMES))
    posts = query.read_page(found).set_index("post_id")
    assert posts.loc["p3", "own_topics"] == "lovely day; red phone"
    for name in NAMES:
        assert posts[f"similarity: {name}"].to_dict() == pytest.approx(near[name].to_dict(), abs=1e-6)
        has = [name in str(names).split("; ") for names in posts["own_topics"]]
        assert has == list(near[name][posts.index] >= lowest)


def test_a_post_that_is_similar_to_no_topic_has_none(batch: Batch, tiny_bundle: Bundle) -> None:
    batch = with_threshold(batch, 0.995)
    found = batch.with_custom_topics(find_custom_topics(batch, tiny_bundle, NAMES))
    given = query.read_page(found).set_index("post_id")["own_topics"]
    assert (given["p0"], given["p3"], given["image"]) == ("lovely day", "red phone", "none of these")


def test_posts_without_embeddings_have_no_value(tmp_path: Path, tiny_bundle: Bundle) -> None:
    batch = score(new_batch(tmp_path, part_posts=6), range(1, 2))  # the second part only
    batch.set_bundle(tiny_bundle.id)
    vector = np.eye(8, dtype=np.float32)[0]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("analysis.search.topics.compute_topic_vector", lambda *_: vector)
        topics = find_custom_topics(batch, tiny_bundle, ["rain"])
    posts = query.read_page(batch.with_custom_topics(topics))
    assert list(posts["own_topics"].notna()) == [6 <= position < 12 for position in range(20)]
    assert list(posts["similarity: rain"].notna()) == list(posts["own_topics"].notna())


def test_names_are_separated_by_commas_or_lines() -> None:
    assert parse_topic_names(" late  delivery, prices,,Prices\n\u202erain\x00; none of these") == [
        "late delivery",
        "prices",
        "rain",
    ]
    assert parse_topic_names("prices, fees\r\n\nrain", by_line=True) == ["prices, fees", "rain"]
    assert parse_topic_names("\ud800") == ["?"]


@pytest.mark.parametrize(
    ("names", "fact"),
    [
        ([], "needs a name"),
        (["none of these"], "needs a name"),
        (["x" * 121], "has 121 characters"),
        (["a;b"], "has a semicolon"),
        ([f"topic {number}" for number in range(21)], "are 21; the limit is 20"),
    ],
)
def test_names_that_are_not_valid_are_refused(
    batch: Batch, tiny_bundle: Bundle, names: list[str], fact: str
) -> None:
    with pytest.raises(ScoringError, match=fact):
        find_custom_topics(batch, tiny_bundle, names)


@pytest.mark.parametrize(
    ("posts", "chosen"),
    [
        (3, 0.71),  # rounded up: two posts; rounded down, there would be four
        (1, 0.9),
        (6, 0.4),  # rounded up, the nearly equal posts would all be out
        (8, 0.25),  # the default: the eighth post has 0.1
        (99, 0.25),
    ],
)
def test_the_threshold_of_a_topic_gives_about_as_many_posts_as_asked_for(posts: int, chosen: float) -> None:
    similarity = np.array([0.4012, 0.9, 0.705, np.nan, 0.85, 0.4011, 0.4013, 0.1, 0.704], np.float32)
    assert choose_threshold(similarity, posts, Settings()) == chosen
