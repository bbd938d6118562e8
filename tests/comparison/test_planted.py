"""Differences that were planted in a batch are found, in sentiment, words and images, and no others are."""

from __future__ import annotations

from pathlib import Path
from random import Random

import numpy as np
import pandas as pd
import pytest

from analysis import query
from analysis.comparison import (
    compare_with_reference,
    estimate_class_shares,
    estimate_segments,
    find_typical_images,
    find_typical_words,
)
from analysis.comparison.typical_images import choose_typical
from analysis.model.config import SENTIMENTS
from analysis.posts import post_frame
from analysis.query import Filters, Members, Segment
from analysis.workspace import Batch
from tests.scored import IMAGE, embeddings_of, new_batch, score, scores_of, words_of

POSTS = 600
AUTHORS = ("ann", "bob", "eve")
SHARES = {"ann": (0.2, 0.3, 0.5), "bob": (0.5, 0.3, 0.2), "eve": (0.2, 0.3, 0.5)}
"""Planted shares of the sentiments: those of bob differ."""


def plant(folder: Path) -> Batch:
    """Posts of three authors in turn; half of bob's name a broken screen, and all of his images are alike."""
    chance = Random(0)
    rows = [
        {
            "post_id": f"p{row}",
            "author": AUTHORS[row % 3],
            "text": f"the phone is {'broken 💥' if row % 3 == 1 and chance.random() < 0.5 else 'here'} on the 21st "
            + " ".join(f"thing{chr(97 + (row // 3 + place) % 20)}" for place in range(6)),
            "images": [IMAGE],
            "image_names": ["a.jpg"],
        }
        for row in range(POSTS)
    ]
    batch = new_batch(folder, post_frame(rows), part_posts=256)
    posts = batch.posts()
    scores = scores_of(posts)
    scores["sentiment"] = [chance.choices(SENTIMENTS, SHARES[name])[0] for name in posts["author"]]
    embeddings = embeddings_of(posts)
    for row in range(1, POSTS, 3):  # bob's images point into the first dimension
        vector = embeddings.at[row, "image_embedding"].astype(np.float32) + 3 * np.eye(8, dtype=np.float32)[0]
        embeddings.at[row, "image_embedding"] = (vector / np.linalg.norm(vector)).astype(np.float16)
    for index in range(batch.n_parts):
        made = {"embeddings": embeddings, "scores": scores, "words": words_of(posts)}
        for kind, frame in made.items():
            batch.write_part(kind, index, frame.iloc[batch.part_rows(index)])
    batch.set_bundle("compact@1a2b3c4d")
    return batch


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    return plant(tmp_path_factory.mktemp("planted"))


@pytest.fixture(scope="module")
def members(planted: Batch) -> Members:
    return query.find_members([Segment(name, planted, Filters(authors=(name,))) for name in AUTHORS])


def test_only_the_planted_difference_of_sentiment_is_clear(members: Members) -> None:
    estimates = estimate_segments(query.count_segments(members))
    nets = [each.net for each in estimates]
    assert all(nets)
    differences = compare_with_reference([(nets[1], nets[0]), (nets[2], nets[0])])  # type: ignore[list-item]
    bob, eve = differences
    assert bob
    assert eve
    assert bob.is_clear
    assert bob.low < -0.6 < bob.high < 0
    assert not eve.is_clear
    assert eve.low < 0 < eve.high
    shares = [each.sentiments["negative"] for each in estimates]
    assert shares[1]
    assert shares[1].low < 0.5 < shares[1].high


def test_shares_of_voice_and_of_topics_add_up(members: Members) -> None:
    counts = query.count_segments(members)
    assert sum(each.voice.value for each in estimate_segments(counts) if each.voice) == pytest.approx(1)
    topics = estimate_class_shares(query.count_segment_classes(members, "topic"), len(AUTHORS))
    for number in range(len(AUTHORS)):
        shares = [each[number] for each in topics.values()]
        assert sum(each.value for each in shares if each) == pytest.approx(1)


def test_only_the_planted_words_and_emoji_are_typical(members: Members) -> None:
    words = find_typical_words(query.count_segment_words(members, 10_000).table, len(AUTHORS), 10)
    assert sorted((word.kind, word.key) for word in words[1]) == [("emoji", "💥"), ("words", "broken")]
    assert words[0] == words[2] == []  # "here" is a stop word


def test_typical_images_are_those_of_the_segment(members: Members) -> None:
    found = find_typical_images(members, 3, 10_000)
    assert found
    assert (found.compared, found.is_sample) == (POSTS, False)
    assert [len(each) for each in found.posts] == [3, 3, 3]
    for number, of_segment in enumerate(found.posts):
        assert {position % 3 for _, position in of_segment} == {number}


def test_images_of_a_large_batch_are_a_sample(members: Members) -> None:
    found = find_typical_images(members, 3, 256)
    assert found
    assert found.is_sample
    assert found.compared == 256


def test_images_are_not_compared_without_embeddings_or_across_models(tmp_path: Path, planted: Batch) -> None:
    other = score(new_batch(tmp_path, batch_id="other"))
    other.set_bundle("compact@00000000")
    segments = [Segment("planted", planted, query.EVERY_POST), Segment("other", other, query.EVERY_POST)]
    assert find_typical_images(query.find_members(segments), 3, 1_000) is None
    other.clear("embeddings")
    of_other = [Segment(name, other, Filters(sentiments=(name,))) for name in ("positive", "negative")]
    assert find_typical_images(query.find_members(of_other), 3, 1_000) is None


def test_posts_without_images_have_no_typical_images(tmp_path: Path) -> None:
    posts = post_frame([{"post_id": f"p{row}", "text": "a", "author": "ab"[row % 2]} for row in range(8)])
    batch = score(new_batch(tmp_path, posts))
    members = query.find_members([Segment(name, batch, Filters(authors=(name,))) for name in "ab"])
    found = find_typical_images(members, 3, 1_000)
    assert found
    assert (found.posts, found.compared) == ([[], []], 0)


def test_of_images_that_are_nearly_equal_one_is_chosen() -> None:
    vectors = np.array([[1, 0], [0.999, 0.04], [0.8, 0.6], [0, 1]], np.float32)
    assert choose_typical(vectors, np.array([True, True, True, False]), 3) == [0, 2]
    assert choose_typical(vectors, np.array([True] * 4), 3) == []


def test_without_any_likes_there_is_nothing_to_estimate(members: Members) -> None:
    assert pd.isna(query.count_segments(members).table["likes"]).all()
    assert query.count_segments(members, "likes").amount == 0
    assert [each.net for each in estimate_segments(query.count_segments(members, "likes"))] == [None] * 3
