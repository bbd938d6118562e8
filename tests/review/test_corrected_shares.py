"""The intervals of corrected shares cover the true shares, also where the model's own shares do not."""

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.query import compute_share_interval
from analysis.review import (
    EstimatedShare,
    add_known_posts,
    estimate_share_by_ppi,
    estimate_shares_by_confusion,
)

DRAWS = 1_000
MISTAKES = ((0.80, 0.15, 0.05), (0.20, 0.70, 0.10), (0.05, 0.20, 0.75))
"""Probability of each prediction (columns) for posts of each true class (rows)."""


def predict(truth: NDArray[np.int64], chance: np.random.Generator) -> NDArray[np.int64]:
    """Make predictions with the mistakes above."""
    return np.array([chance.choice(3, p=MISTAKES[each]) for each in truth])


def cover(shares: tuple[float, ...], posts: int, size: int) -> dict[str, NDArray[np.float64]]:
    """Measure how often each interval covers the true share of each class."""
    chance = np.random.default_rng(1)
    truth = chance.choice(3, size=posts, p=shares)
    predicted = predict(truth, chance)
    counts = np.bincount(predicted, minlength=3)
    actual = np.bincount(truth, minlength=3) / posts
    covered = {name: np.zeros(3) for name in ("powered", "by confusion", "raw")}
    for _ in range(DRAWS):
        sample = chance.choice(posts, size, replace=False)
        by_confusion = estimate_shares_by_confusion(truth[sample], predicted[sample], counts.tolist(), 3)
        for name in range(3):
            powered = estimate_share_by_ppi(
                truth[sample] == name, predicted[sample] == name, counts[name] / posts, posts
            )
            raw = compute_share_interval(counts[name], posts)
            covered["powered"][name] += powered.low <= actual[name] <= powered.high
            covered["by confusion"][name] += by_confusion[name].low <= actual[name] <= by_confusion[name].high
            covered["raw"][name] += raw[0] <= actual[name] <= raw[1]
    return {name: values / DRAWS for name, values in covered.items()}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shares", "posts", "size"), [((0.25, 0.5, 0.25), 2_000, 300), ((0.15, 0.45, 0.4), 20_000, 200)]
)
def test_95_percent_intervals_cover_the_truth_in_95_percent_of_draws(
    shares: tuple[float, ...], posts: int, size: int
) -> None:
    covered = cover(shares, posts, size)
    for name in ("powered", "by confusion"):
        assert ((covered[name] >= 0.93) & (covered[name] <= 0.97)).all(), (name, covered[name])
    assert covered["raw"][0] < 0.5  # too many posts are called negative


@pytest.mark.slow
@pytest.mark.parametrize(("posts", "size"), [(2_000, 300), (20_000, 200)])
def test_intervals_cover_the_truth_if_the_model_was_trained_on_posts_that_nobody_drew_at_random(
    posts: int, size: int
) -> None:
    """The model knows the training posts by heart, and most of them are negative; the sample is one of the rest."""
    chance = np.random.default_rng(1)
    truth = chance.choice(3, size=posts, p=(0.25, 0.5, 0.25))
    actual = np.bincount(truth, minlength=3) / posts
    predicted = predict(truth, chance)
    trained = chance.choice(
        posts, 400, replace=False, p=np.where(truth == 0, 4, 1) / np.where(truth == 0, 4, 1).sum()
    )
    predicted[trained] = truth[trained]
    rest = np.setdiff1d(np.arange(posts), trained)
    known, counts = np.bincount(truth[trained], minlength=3), np.bincount(predicted[rest], minlength=3)
    covered = {name: np.zeros(3) for name in ("powered", "by confusion", "all labels as one sample")}
    for _ in range(DRAWS):
        sample = chance.choice(rest, size, replace=False)
        by_confusion = estimate_shares_by_confusion(truth[sample], predicted[sample], counts.tolist(), 3)
        mixed = np.concatenate([trained, sample])
        for name in range(3):
            powered = estimate_share_by_ppi(
                truth[sample] == name, predicted[sample] == name, counts[name] / len(rest), len(rest)
            )
            wrong = estimate_share_by_ppi(
                truth[mixed] == name, predicted[mixed] == name, float((predicted == name).mean()), posts
            )
            for method, found in (
                ("powered", add_known_posts(powered, len(rest), int(known[name]), len(trained))),
                (
                    "by confusion",
                    add_known_posts(by_confusion[name], len(rest), int(known[name]), len(trained)),
                ),
                ("all labels as one sample", wrong),
            ):
                covered[method][name] += found.low <= actual[name] <= found.high
    for method in ("powered", "by confusion"):
        shares = covered[method] / DRAWS
        assert ((shares >= 0.93) & (shares <= 0.97)).all(), (method, shares)
    assert covered["all labels as one sample"].min() / DRAWS < 0.5


def test_known_posts_and_the_rest_are_weighted_by_their_numbers() -> None:
    """Three of ten known posts and a quarter of the other ninety have the class."""
    share = add_known_posts(EstimatedShare(0.25, 0.2, 0.3), 90, 3, 10)
    assert (share.share, share.low, share.high) == pytest.approx((0.255, 0.21, 0.3))
    assert add_known_posts(EstimatedShare(0, 0, 0), 0, 3, 10) == EstimatedShare(0.3, 0.3, 0.3)


@pytest.mark.parametrize(
    ("share", "found", "mistaken", "size"), [(0.02, 0.5, 0.01, 50), (0.005, 0.5, 0.01, 200)]
)
def test_intervals_cover_the_shares_of_rare_classes(
    share: float, found: float, mistaken: float, size: int
) -> None:
    chance, posts, covered = np.random.default_rng(1), 5_000, 0
    truth = np.arange(posts) < posts * share
    predicted = chance.random(posts) < np.where(truth, found, mistaken)
    for _ in range(300):
        sample = chance.choice(posts, size, replace=False)
        powered = estimate_share_by_ppi(truth[sample], predicted[sample], float(predicted.mean()), posts)
        covered += powered.low <= share <= powered.high
    assert covered / 300 >= 0.9


def test_a_class_that_nobody_gave_is_not_ruled_out() -> None:
    none = np.zeros(50, dtype=bool)
    share = estimate_share_by_ppi(none, none, 0.0, 1_000_000)
    assert (share.share, share.low) == (0, 0)
    assert share.high == pytest.approx(compute_share_interval(0, 50)[1], abs=0.01)


def test_labels_of_all_posts_give_the_true_shares() -> None:
    chance = np.random.default_rng(0)
    truth = chance.choice(3, size=90)
    predicted = predict(truth, chance)
    actual = np.bincount(truth, minlength=3) / 90
    counts = np.bincount(predicted, minlength=3)
    for name, share in enumerate(estimate_shares_by_confusion(truth, predicted, counts.tolist(), 3)):
        assert (share.share, share.low, share.high) == pytest.approx((actual[name],) * 3)
        powered = estimate_share_by_ppi(truth == name, predicted == name, counts[name] / 90, 90)
        assert (powered.share, powered.low, powered.high) == pytest.approx((actual[name],) * 3)


def test_useless_predictions_leave_the_share_of_the_labels() -> None:
    truth = np.arange(100) < 30
    share = estimate_share_by_ppi(truth, np.zeros(100, dtype=bool), 0.9, 1_000_000)
    assert share.share == pytest.approx(0.3)
    assert (share.low, share.high) == pytest.approx(compute_share_interval(30, 100), abs=0.01)


def test_perfect_predictions_give_a_narrower_interval_than_the_labels_alone() -> None:
    truth = np.arange(100) < 30
    share = estimate_share_by_ppi(truth, truth, 0.35, 1_000_000)
    assert share.share == pytest.approx(0.35)
    low, high = compute_share_interval(35, 100)
    assert share.high - share.low < (high - low) / 2
    assert share.low < 0.35 < share.high  # mistakes may exist although the sample has none


def test_the_estimate_by_hand() -> None:
    """The covariance is (2 - 10 x 0.4 x 0.4) / 9, the variance (4 - 10 x 0.4 x 0.4) / 9, so lambda is 1/6."""
    truth = np.array([1, 1, 1, 0, 0, 0, 0, 0, 0, 1], dtype=bool)
    predicted = np.array([1, 1, 0, 1, 1, 0, 0, 0, 0, 0], dtype=bool)
    share = estimate_share_by_ppi(truth, predicted, 0.5, 40)
    assert share.share == pytest.approx(0.5 / 6 + (0.4 - 0.4 / 6))


def test_a_class_that_nobody_saw_keeps_an_upper_limit() -> None:
    shares = estimate_shares_by_confusion(np.zeros(50, int), np.zeros(50, int), [900, 100], 2)
    assert shares[1].high > 0.1  # no post that was predicted so has a label
    assert shares[1].low > 0


def test_a_sample_of_two_posts_is_refused() -> None:
    with pytest.raises(ValueError, match="at least three"):
        estimate_share_by_ppi(np.array([True, False]), np.array([True, False]), 0.5, 10)
