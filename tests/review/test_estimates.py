"""Corrected shares use the labels of the random sample only, and respect the filters."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from uuid import uuid4

import numpy as np
import pytest

from analysis import query
from analysis.query import EVERY_POST, Filters
from analysis.review import (
    FIELDS,
    RANDOM,
    compute_corrected_shares,
    compute_random_keys,
    count_further_labels,
    list_queue,
    read_predictions,
    read_random_seed,
)
from analysis.workspace import Batch, Workspace
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


@pytest.fixture
def train(scored_batch: Batch) -> Iterator[Callable[..., None]]:
    """A function that makes it seem as if the labels so far had trained heads of the model of the scores."""
    batch = Workspace(scored_batch.folder.parents[1]).open(scored_batch.id)

    def set_trained(*heads: str) -> None:
        batch.set_bundle(f"mine@{uuid4().hex}", trained_heads=heads)

    yield set_trained
    batch.set_bundle("compact@1a2b3c4d")


def test_labels_that_trained_the_model_do_not_correct_the_shares_of_its_head(
    label: LabelPosts, scored_batch: Batch, train: Callable[..., None]
) -> None:
    values, order = sentiments(scored_batch), in_random_order(scored_batch)
    label(field="topics", **{f"p{place}": ("daily_life",) for place in order[:40]})
    label(**as_labels(order[:25], values))
    train("sentiment")
    found = compute_corrected_shares(label(**as_labels(order[25:30], values)), EVERY_POST)
    assert (found.known, found.sample, found.shares, found.is_expected) == (25, 5, (), True)
    assert "trained the model" in found.reason
    assert "Label 25 more of the random sample" in found.reason
    assert compute_corrected_shares(label(), EVERY_POST, "topics").known == 0
    assert compute_corrected_shares(label(), EVERY_POST, "topics").shares
    train("topic")
    assert compute_corrected_shares(label(), EVERY_POST).known == 0
    assert compute_corrected_shares(label(), EVERY_POST, "topics").known == 40


def test_labels_after_training_correct_the_shares_of_the_other_posts(
    label: LabelPosts, scored_batch: Batch, train: Callable[..., None]
) -> None:
    """All training posts are negative, so that they and the rest differ."""
    order = in_random_order(scored_batch)
    trained, later = order[10:30], order[:10] + order[30:50]
    label(**{f"p{place}": "negative" for place in trained})
    train("sentiment")
    batch = label(**{f"p{place}": "neutral" if place % 2 else "positive" for place in later})
    found = compute_corrected_shares(batch, EVERY_POST)
    assert (found.posts, found.known, found.sample, found.rest) == (60, 20, 30, 40)
    negative, neutral, positive = found.shares
    assert negative.powered.low >= 20 / 60
    assert negative.by_confusion.low >= 20 / 60
    assert negative.powered.share == pytest.approx(20 / 60, abs=0.01)
    assert neutral.powered.share + positive.powered.share == pytest.approx(40 / 60, abs=0.2)
    assert neutral.powered.high <= 40 / 60
    assert "20 posts that the model trained on" in found.describe_basis()
    assert "a random sample of 30 of the other 40 posts" in found.describe_basis()
    assert (count_further_labels(found, 0.001) or 0) <= 10
    all_labelled = label(**{f"p{place}": "neutral" for place in order[50:]})
    exact = compute_corrected_shares(all_labelled, EVERY_POST).shares[0]
    assert exact.powered == exact.by_confusion
    assert (exact.powered.low, exact.powered.high) == pytest.approx((20 / 60, 20 / 60))


def test_posts_labelled_before_training_never_join_the_sample_whatever_their_label(
    label: LabelPosts, scored_batch: Batch, train: Callable[..., None]
) -> None:
    """Labels that cannot train the model, such as “can't tell”, and those that were taken back later, too."""
    order = in_random_order(scored_batch)
    label(
        **{f"p{place}": "unsure" for place in order[:5]} | {f"p{place}": "neutral" for place in order[5:10]}
    )
    train("sentiment")
    label(**{f"p{order[9]}": ""})
    batch = label(**{f"p{place}": "neutral" for place in order[:5] + order[10:25]})
    found = compute_corrected_shares(batch, EVERY_POST)
    assert (found.known, found.sample, found.undecided) == (9, 15, 0)
    assert list_queue(batch, EVERY_POST, RANDOM, "ann", 60) == order[25:]
    assert list_queue(batch, EVERY_POST, RANDOM, "ben", 60) == order[10:]
    everything = label("ben", **{f"p{place}": "neutral" for place in order[10:]})
    assert list_queue(everything, EVERY_POST, RANDOM, "ben", 60) == order[:10]


def test_the_model_before_is_corrected_by_all_labels_and_a_return_keeps_the_later_ones(
    label: LabelPosts, scored_batch: Batch
) -> None:
    order, values = in_random_order(scored_batch), sentiments(scored_batch)
    batch = label(**as_labels(order[:10], values))
    batch.set_bundle("again@1a2b3c4d", trained_heads=("sentiment",))
    batch = label(**as_labels(order[10:45], values))
    batch.set_bundle("compact@1a2b3c4d")
    assert compute_corrected_shares(label(), EVERY_POST).sample == 45
    batch.set_bundle("again@1a2b3c4d", trained_heads=("sentiment",))
    found = compute_corrected_shares(label(), EVERY_POST)
    assert (found.known, found.sample) == (10, 35)
    assert found.shares
    batch.set_bundle("compact@1a2b3c4d")


def test_a_batch_without_a_record_of_its_training_posts_has_no_corrected_shares(
    label: LabelPosts, scored_batch: Batch
) -> None:
    batch = label(**as_labels(in_random_order(scored_batch), sentiments(scored_batch)))
    batch.manifest = replace(batch.manifest, trained_heads=("sentiment",))
    found = compute_corrected_shares(batch, EVERY_POST)
    assert (found.shares, found.is_expected) == ((), True)
    assert "was not recorded by an earlier version" in found.reason


@pytest.mark.parametrize(
    ("filters", "title"),
    [
        (Filters(review=("agreed",)), "Review"),
        (Filters(corrected_sentiments=("negative",)), "Corrected sentiment"),
        (Filters(tags=("urgent",)), "Tag"),
    ],
)
def test_filters_that_depend_on_labels_give_no_corrected_shares(
    label: LabelPosts, scored_batch: Batch, filters: Filters, title: str
) -> None:
    label(field="tags", **{f"p{place}": ("urgent",) for place in range(40)})
    batch = label(**as_labels(list(range(60)), sentiments(scored_batch)))
    for field in FIELDS:
        found = compute_corrected_shares(batch, filters.replace(languages=("en",)), field)
        assert (found.shares, found.is_expected) == ((), True)
        assert f"the filter “{title}” selects posts by what people labelled" in found.reason
        assert "Remove it" in found.reason
    assert compute_corrected_shares(batch, Filters(sentiments=("neutral",))).shares


def test_a_few_matching_posts_that_are_all_labelled_have_exact_shares(
    label: LabelPosts, scored_batch: Batch
) -> None:
    values, places = sentiments(scored_batch), [1, 2, 3]
    filters = Filters(post_ids=tuple(f"p{place}" for place in places))
    found = compute_corrected_shares(label(**as_labels(places[:2], values)), filters)
    assert found.reason == "Label 1 more of the random sample to see corrected shares."
    found = compute_corrected_shares(label(**as_labels(places, values)), filters)
    assert [each.powered.low for each in found.shares] == [each.powered.share for each in found.shares]
    found = compute_corrected_shares(label("ben", p1="unsure"), filters)
    assert found.reason.startswith("Too few of these posts have a clear label")


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
