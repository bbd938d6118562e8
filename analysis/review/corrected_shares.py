"""Shares of classes corrected by the labels of a random sample, with 95 % intervals, by two published methods.

The model's shares alone are biased: it makes some mistakes more often than others. Both methods use the predictions
for all posts and the labels of a random sample of them. The intervals are those of the share among these very posts,
so they shrink to nothing as all posts are labelled.

Labels that trained the model do not show the mistakes that it makes in other posts. Their posts are then a stratum of
which all labels are known, and the methods estimate the share of the rest from a random sample of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.query import compute_share_interval

_DRAWS = 4_000
"""Enough for two stable digits of the limits."""
_PRIOR = 0.5
"""Of each class in each row of the confusion matrix (Jeffreys 1946)."""
_LEVEL = 0.975
"""Quantile of the upper limit of a two-sided 95 % interval."""


@dataclass(frozen=True)
class EstimatedShare:
    """An estimated share with the limits of its 95 % interval, all 0..1."""

    share: float
    low: float
    high: float


def estimate_share_by_ppi(
    labels: NDArray[np.bool_], predictions: NDArray[np.bool_], predicted_share: float, posts: int
) -> EstimatedShare:
    """Estimate the share of a class by prediction-powered inference.

    The share is that of the predictions, times lambda, plus the mean difference between labels and lambda times
    predictions in the sample (Angelopoulos et al. 2023, "Prediction-powered inference", Science 382), with the lambda
    of least variance (Angelopoulos, Duchi & Zrnic 2023, "PPI++"). As the posts are a finite population, of which the
    sample is a part, this is the regression estimator (Cochran 1977, "Sampling Techniques", 7.3) with its variance.
    The interval is the score interval of a sample of the size that has this variance (Korn & Graubard 1998), with a
    quantile of Student's t. The sample counts as if it had one more mistake, because a sample without any, or with
    no post of a rare class, does not show that there is none.

    Args:
        labels: Whether each post of the sample has the class: (sample,).
        predictions: Whether the class was predicted for it: (sample,).
        predicted_share: Share of all posts for which the class was predicted.
        posts: Number of all posts.

    Raises:
        ValueError: The sample has fewer than three posts.
    """
    from scipy.special import stdtrit  # quantiles of Student's t; takes half a second to import

    size = len(labels)
    if size < 3:
        raise ValueError("a sample needs at least three posts")
    truth, predicted = labels.astype(np.float64), predictions.astype(np.float64)
    variance = predicted.var(ddof=1)
    tuning = np.cov(truth, predicted)[0, 1] / variance if variance else 0.0
    tuning = min(max(float(tuning), 0.0), 1.0)
    rest = truth - tuning * predicted
    share = min(max(tuning * predicted_share + float(rest.mean()), 0.0), 1.0)
    least = 1 / (size + 2)
    squares = float(((rest - rest.mean()) ** 2).sum()) + 1 - least
    error = squares / size**2 * (1 - size / posts)
    if not error:
        return EstimatedShare(share, share, share)
    inside = min(max(share, least), 1 - least)
    effective = inside * (1 - inside) / error
    low, high = compute_share_interval(share * effective, effective, float(stdtrit(size - 2, _LEVEL)))
    return EstimatedShare(share, low, high)


def estimate_shares_by_confusion(
    labels: NDArray[np.int64], predictions: NDArray[np.int64], predicted_counts: Sequence[int], classes: int
) -> list[EstimatedShare]:
    """Estimate the shares of exclusive classes from the confusion matrix of a random sample.

    The predictions divide all posts into groups. In each, the shares of the labels among its posts without a label
    are estimated from those with one, with a Dirichlet prior, and the groups are added up by their known sizes
    (post-stratification: Little 1993; correction of classified counts: Rogan & Gladen 1978). The interval has 95 % of
    the posterior of the counts in all posts.

    Args:
        labels: Class of each post of the sample: (sample,).
        predictions: Predicted class of each: (sample,).
        predicted_counts: For each class, number of all posts for which it was predicted.
        classes: Number of classes.

    Returns:
        One share per class.
    """
    generator = np.random.default_rng(0)
    counts = np.zeros((_DRAWS, classes))
    expected = np.zeros(classes)
    for group, posts in enumerate(predicted_counts):
        found = np.bincount(labels[predictions == group], minlength=classes)  # (classes,)
        rest = posts - int(found.sum())
        counts += found
        expected += found
        if rest:
            shares = generator.dirichlet(found + _PRIOR, size=_DRAWS)  # (draws, classes)
            counts += generator.multinomial(rest, shares)
            expected += rest * (found + _PRIOR) / (found.sum() + classes * _PRIOR)
    total = sum(predicted_counts)
    low, high = np.quantile(counts / total, [1 - _LEVEL, _LEVEL], axis=0)
    return [EstimatedShare(*map(float, limits)) for limits in zip(expected / total, low, high, strict=True)]


def add_known_posts(rest: EstimatedShare, rest_posts: int, known: int, known_posts: int) -> EstimatedShare:
    """Combine the estimated share of some posts with others whose labels are known.

    The two strata are weighted by their numbers of posts (Cochran 1977, 5.3). Only the first has an error, so the
    limits move like the share.

    Args:
        rest: The estimated share.
        rest_posts: Number of posts that it is about.
        known: Number of known posts that have the class.
        known_posts: Number of known posts.
    """
    posts = rest_posts + known_posts
    share, low, high = ((known + rest_posts * each) / posts for each in (rest.share, rest.low, rest.high))
    return EstimatedShare(share, low, high)
