"""Corrected shares use the labels of the random sample only, and respect the filters."""

import numpy as np
import pytest

from analysis import query
from analysis.query import EVERY_POST, Filters
from analysis.review import (
    compute_corrected_shares,
    compute_random_keys,
    count_further_labels,
    read_predictions,
    read_random_seed,
)
from analysis.workspace import Batch
from tests.review.conftest import LabelPosts

OTHER = {"negative": "positive", "neutral": "neutral", "positive": "negative"}


def sentiments(batch: Batch) -> list[str]:
    found = query.read_arrays(batch, EVERY_POST, ["position", "sentiment"])
    return [str(name) for name in found["sentiment"][np.argsort(found["position"])]]


def in_random_order(batch: Batch) -> list[int]:
    return np.argsort(compute_random_keys(read_random_seed(batch), np.arange(60))).tolist()


def as_labels(places: list[int], values: list[str]) -> dict[str, str]:
    return {f"p{place}": values[place] for place in places}


def test_too_few_labels_give_no_corrected_shares(label: LabelPosts, scored_batch: Batch) -> None:
    order = in_random_order(scored_batch)
    found = compute_corrected_shares(label(**as_labels(order[:29], sentiments(scored_batch))), EVERY_POST)
    assert (found.posts, found.sample, found.shares) == (60, 29, ())
    assert found.reason == "Label 1 more of the random sample to see corrected shares."
    assert count_further_labels(found, 0.03) is None


def test_labels_that_trained_the_model_do_not_correct_the_shares_of_its_head(
    label: LabelPosts, scored_batch: Batch
) -> None:
    values = sentiments(scored_batch)
    label(field="topics", **{f"p{place}": ("daily_life",) for place in range(60)})
    batch = label(**as_labels(list(range(60)), values))
    batch.set_bundle("mine@1a2b3c4d", trained_heads=("sentiment",))
    try:
        found = compute_corrected_shares(batch, EVERY_POST)
        assert (found.sample, found.shares, found.is_in_sample) == (60, (), True)
        assert "trained the model" in found.reason
        assert compute_corrected_shares(batch, EVERY_POST, "topics").shares
        batch.set_bundle("mine@1a2b3c4d", trained_heads=("topic",))
        assert compute_corrected_shares(batch, EVERY_POST).shares
        assert compute_corrected_shares(batch, EVERY_POST, "topics").is_in_sample
    finally:
        batch.set_bundle("compact@1a2b3c4d")


def test_a_model_that_is_always_right_is_not_corrected(label: LabelPosts, scored_batch: Batch) -> None:
    values = sentiments(scored_batch)
    found = compute_corrected_shares(
        label(**as_labels(in_random_order(scored_batch)[:40], values)), EVERY_POST
    )
    for each in found.shares:
        assert each.predicted == values.count(each.name)
        assert each.correct == 40
        assert each.powered.share == pytest.approx(each.raw.share)
        assert each.powered.low <= each.raw.share <= each.powered.high
    assert sum(each.by_confusion.share for each in found.shares) == pytest.approx(1)


def test_a_model_that_confuses_two_classes_is_corrected(label: LabelPosts, scored_batch: Batch) -> None:
    values = [OTHER[value] for value in sentiments(scored_batch)]
    found = compute_corrected_shares(label(**as_labels(list(range(60)), values)), EVERY_POST)
    for each in found.shares:
        truth = values.count(each.name) / 60
        assert each.powered.share == pytest.approx(truth)
        assert each.by_confusion.share == pytest.approx(truth)
    assert found.shares[0].raw.share != pytest.approx(found.shares[0].powered.share)


def test_labels_outside_the_random_order_change_nothing(label: LabelPosts, scored_batch: Batch) -> None:
    order, values = in_random_order(scored_batch), sentiments(scored_batch)
    wrong = [OTHER[value] for value in values]
    before = compute_corrected_shares(label(**as_labels(order[:35], values)), EVERY_POST)
    after = compute_corrected_shares(label(**as_labels(order[45:], wrong)), EVERY_POST)
    assert before == after
    assert before.sample == 35


def test_unsure_and_disputed_posts_are_counted_and_left_out(label: LabelPosts, scored_batch: Batch) -> None:
    order, values = in_random_order(scored_batch), sentiments(scored_batch)
    label(**as_labels(order[:36], values) | {f"p{order[0]}": "unsure"})
    disputed = order[1]
    found = compute_corrected_shares(
        label("ben", **{f"p{disputed}": OTHER.get(values[disputed], "")}), EVERY_POST
    )
    is_disputed = OTHER[values[disputed]] != values[disputed]
    assert found.undecided == 1 + is_disputed
    assert found.sample == 35 - is_disputed
    decided = compute_corrected_shares(
        label("cy", action="decide", **{f"p{disputed}": "neutral"}), EVERY_POST
    )
    assert decided.undecided == 1


def test_filters_restrict_the_posts_and_the_sample(label: LabelPosts, scored_batch: Batch) -> None:
    filters = Filters(inputs=("both",))
    matching = query.list_positions(scored_batch, filters, limit=60)
    batch = label(**as_labels(matching, sentiments(scored_batch)))
    found = compute_corrected_shares(batch, filters)
    assert found.posts == found.sample == len(matching) == 30
    assert compute_corrected_shares(batch, EVERY_POST).sample < 30


def test_topics_and_tones_are_corrected_class_by_class(label: LabelPosts, scored_batch: Batch) -> None:
    topics = read_predictions(scored_batch, EVERY_POST, "topics")
    assert set(topics.classes) >= {"arts_culture", "daily_life", "sports_gaming"}
    batch = label(field="topics", **{f"p{place}": ("sports_gaming", "travel") for place in range(60)})
    found = {each.name: each for each in compute_corrected_shares(batch, EVERY_POST, "topics").shares}
    assert found["sports_gaming"].powered.share == pytest.approx(1)
    assert found["travel"].raw.share == 0
    assert found["daily_life"].by_confusion.share == pytest.approx(0)
    batch = label(field="tone", **{f"p{place}": ("none",) for place in range(60)})
    tones = {each.name: each for each in compute_corrected_shares(batch, EVERY_POST, "tone").shares}
    assert {"irony", "offensive", "hate"} <= tones.keys()
    assert tones["irony"].powered.share == pytest.approx(0)


def test_more_labels_are_worth_less_the_more_there_are(label: LabelPosts, scored_batch: Batch) -> None:
    order, values = in_random_order(scored_batch), sentiments(scored_batch)
    guesses = [values[place] if place % 3 else "neutral" for place in range(60)]
    few = count_further_labels(
        compute_corrected_shares(label(**as_labels(order[:30], guesses)), EVERY_POST), 0.05
    )
    more = count_further_labels(
        compute_corrected_shares(label(**as_labels(order[:50], guesses)), EVERY_POST), 0.05
    )
    every = count_further_labels(
        compute_corrected_shares(label(**as_labels(order, guesses)), EVERY_POST), 0.05
    )
    assert few is not None
    assert more is not None
    assert 30 > few > more >= 0
    assert every == 0
