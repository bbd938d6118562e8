"""The shares of a batch's classes as the model has them, and corrected by the labels of people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analysis import query
from analysis.columns.reviews import UNSURE
from analysis.model.config import SENTIMENTS
from analysis.query import Filters
from analysis.review.corrected_shares import (
    EstimatedShare,
    estimate_share_by_ppi,
    estimate_shares_by_confusion,
)
from analysis.review.predictions import Predictions, has_class, read_predictions
from analysis.review.sampling import find_random_sample, read_random_seed
from analysis.workspace import Batch, LabelValue

CORRECTION_METHODS = (
    "The model makes some mistakes more often than others, so its shares are biased. Two published methods correct "
    "them with the labels of a random sample: prediction-powered inference (Angelopoulos et al., Science 2023), with "
    "the regression estimator's variance for a finite number of posts (Cochran 1977), and the confusion matrix of "
    "the sample (post-stratification, Little 1993). Intervals are 95 % and cover the share among these posts. They "
    "are not adjusted for looking at several classes."
)
"""How the shares are corrected, for display."""
_IN_SAMPLE = (
    "These labels trained the model that scored the posts, so they do not show what it gets wrong in other posts. To "
    "correct its shares, go back to the model before and score the batch again."
)
_HEADS = {"topics": "topic"}
"""The head of a field, if it has another name."""


@dataclass(frozen=True)
class ClassShares:
    """The share of one class.

    Attributes:
        name: The class.
        predicted: Number of posts for which the model predicted it.
        raw: The model's share; its interval covers the chance of which posts are in the batch, not mistakes of the
            model.
        powered: Corrected by prediction-powered inference.
        by_confusion: Corrected by the confusion matrix of the sample.
        correct: Posts of the sample for which the model is right about this class.
    """

    name: str
    predicted: int
    raw: EstimatedShare
    powered: EstimatedShare
    by_confusion: EstimatedShare
    correct: int


@dataclass(frozen=True)
class CorrectedShares:
    """Shares of the classes of one field.

    Attributes:
        field: Such as "sentiment".
        posts: Scored posts that match the filters.
        sample: Posts of the random sample with a label that counts.
        undecided: Further posts of the random sample: their coders were unsure, or disagree. They are left out.
        shares: One entry per class; none if `reason` is not "".
        reason: Why there are no shares, as a sentence for display: the sample is smaller than
            `Settings.min_review_sample`, or the labels trained the model.
        is_in_sample: Whether the labels trained the model that scored the posts.
    """

    field: str
    posts: int
    sample: int
    undecided: int
    shares: tuple[ClassShares, ...]
    reason: str = ""
    is_in_sample: bool = False


def compute_corrected_shares(batch: Batch, filters: Filters, field: str = "sentiment") -> CorrectedShares:
    """Compute the shares among the scored posts that match.

    Args:
        batch: The batch, with the labels of people (`Batch.labels`).
        filters: Which posts match.
        field: One of `analysis.review.FIELDS`.

    Raises:
        WorkspaceError: A file is damaged or was removed in the meantime.
    """
    labels, least = batch.labels, batch.settings.min_review_sample
    labelled = labels.given[field].keys()
    if not labelled:
        posts = query.count_matching_posts(batch, filters.replace(scored=True))
        return CorrectedShares(field, posts, 0, 0, (), _ask_for_labels(least))
    predictions = read_predictions(batch, filters, field)
    drawn = find_random_sample(read_random_seed(batch), predictions.positions, labelled)
    final = labels.final(field)
    decided = [row for row in drawn.tolist() if final.get(int(predictions.positions[row]), UNSURE) != UNSURE]
    values = [final[int(predictions.positions[row])] for row in decided]
    shares: tuple[ClassShares, ...] = ()
    is_in_sample = _HEADS.get(field, field) in batch.manifest.trained_heads
    reason = _IN_SAMPLE if is_in_sample else ""
    if not reason and len(decided) < least:
        reason = _ask_for_labels(least - len(decided))
    if not reason:
        shares = tuple(_estimate(predictions, np.array(decided), values, field))
    posts, undecided = len(predictions.positions), len(drawn) - len(decided)
    return CorrectedShares(field, posts, len(decided), undecided, shares, reason, is_in_sample)


def _ask_for_labels(count: int) -> str:
    return f"Label {count:,} more of the random sample to see corrected shares."


def _estimate(
    predictions: Predictions, rows: np.ndarray, values: Sequence[LabelValue], field: str
) -> list[ClassShares]:
    posts = len(predictions.positions)
    named = {name for value in values for name in ([value] if isinstance(value, str) else value)}
    names = SENTIMENTS if field == "sentiment" else tuple(sorted(named | predictions.classes.keys()))
    absent = np.zeros(posts, dtype=np.bool_)
    predicted = {name: predictions.classes.get(name, absent) for name in names}
    truth = {name: np.array([has_class(value, name) for value in values]) for name in names}
    corrected = _estimate_by_confusion(predicted, truth, rows, is_exclusive=field == "sentiment")
    found = []
    for name in names:
        count = int(predicted[name].sum())
        raw = EstimatedShare(count / posts, *query.compute_share_interval(count, posts))
        powered = estimate_share_by_ppi(truth[name], predicted[name][rows], count / posts, posts)
        correct = int((truth[name] == predicted[name][rows]).sum())
        found.append(ClassShares(name, count, raw, powered, corrected[name], correct))
    return found


def _estimate_by_confusion(
    predicted: Mapping[str, np.ndarray],
    truth: Mapping[str, np.ndarray],
    rows: np.ndarray,
    is_exclusive: bool,
) -> dict[str, EstimatedShare]:
    if is_exclusive:
        names = list(predicted)
        labels = np.argmax(np.stack([truth[name] for name in names]), axis=0)
        guesses = np.argmax(np.stack([predicted[name] for name in names]), axis=0)  # (posts,)
        counts = np.bincount(guesses, minlength=len(names)).tolist()
        shares = estimate_shares_by_confusion(labels, guesses[rows], counts, len(names))
        return dict(zip(names, shares, strict=True))
    found = {}
    for name, has in predicted.items():
        counts = [int((~has).sum()), int(has.sum())]
        pair = estimate_shares_by_confusion(truth[name].astype(int), has[rows].astype(int), counts, 2)
        found[name] = pair[1]
    return found
