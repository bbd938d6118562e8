"""Each order of the queue puts the right posts first, and leaves out those that the coder has labelled."""

import numpy as np
import pytest

from analysis import query
from analysis.query import EVERY_POST, Filters
from analysis.review import (
    ADJUDICATION,
    ORDERS,
    RANDOM,
    compute_random_keys,
    count_labels,
    list_queue,
    read_random_seed,
)
from analysis.workspace import Batch
from tests.review.conftest import LabelPosts


def test_the_random_order_is_that_of_the_batch_for_every_coder(
    label: LabelPosts, scored_batch: Batch
) -> None:
    order = np.argsort(compute_random_keys(read_random_seed(scored_batch), np.arange(60))).tolist()
    batch = label(**{f"p{place}": "neutral" for place in order[:3]})
    assert list_queue(batch, EVERY_POST, RANDOM, "ann", 60) == order[3:]
    assert list_queue(batch, EVERY_POST, RANDOM, "ben", 5) == order[:5]
    assert (count_labels(batch, "ann"), count_labels(batch, "ben")) == (3, 0)


@pytest.mark.parametrize(("order", "column"), [("confidence", "confidence"), ("modalities", "agreement")])
def test_the_lowest_values_come_first(label: LabelPosts, order: str, column: str) -> None:
    posts = query.read_posts_at(label(), list_queue(label(), EVERY_POST, order, "ann", 60))
    assert len(posts) > 10
    assert posts[column].notna().all()
    assert posts[column].is_monotonic_increasing
    few = list_queue(label(), EVERY_POST, order, "ann", 7)
    assert few == posts["position"].tolist()[:7]


def test_posts_near_the_boundary_have_two_likely_sentiments(label: LabelPosts) -> None:
    posts = query.read_posts_at(label(), list_queue(label(), EVERY_POST, "boundary", "ann", 60))
    highest = np.sort(posts[["p_negative", "p_neutral", "p_positive"]].to_numpy(), axis=1)
    assert (np.diff(highest[:, 2] - highest[:, 1]) >= 0).all()
    assert len(posts) == 60


def test_only_posts_in_other_languages_are_in_their_order(label: LabelPosts) -> None:
    found = list_queue(label(), EVERY_POST, "language", "ann", 60)
    expected = query.list_positions(label(), Filters(other_language=True), limit=60)
    assert sorted(found) == expected


def test_coders_disagree_until_somebody_decides(label: LabelPosts) -> None:
    label("ann", p1="negative", p2="negative", p3="negative")
    batch = label("ben", p1="negative", p2="positive", p3="neutral")
    assert sorted(list_queue(batch, EVERY_POST, ADJUDICATION, "cy")) == [2, 3]
    batch = label("ann", action="decide", p2="positive")
    assert list_queue(batch, EVERY_POST, ADJUDICATION, "ann") == [3]


def test_filters_apply_to_every_order(label: LabelPosts) -> None:
    images = set(query.list_positions(label(), Filters(inputs=("image",)), limit=60))
    for order in ORDERS:
        assert set(list_queue(label(), Filters(inputs=("image",)), order, "ann", 60)) <= images
