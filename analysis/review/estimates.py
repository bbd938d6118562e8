"""The shares of a batch's classes as the model has them, and corrected by the labels of people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis import query
from analysis.columns import column_of_filter
from analysis.columns.reviews import UNSURE
from analysis.model.config import SENTIMENTS
from analysis.model.presets import HEADS
from analysis.query import Filters
from analysis.review.corrected_shares import (
    EstimatedShare,
    add_known_posts,
    estimate_share_by_ppi,
    estimate_shares_by_confusion,
)
from analysis.review.predictions import Predictions, has_class, read_predictions
from analysis.review.sampling import find_random_sample, find_training_posts, read_random_seed
from analysis.wording import format_posts, join_with_and
from analysis.workspace import Batch, LabelValue

CORRECTION_METHODS = (
    "The model makes some mistakes more often than others, so its shares are biased. Two published methods correct "
    "them with the labels of a random sample: prediction-powered inference (Angelopoulos et al., Science 2023), with "
    "the regression estimator's variance for a finite number of posts (Cochran 1977), and the confusion matrix of "
    "the sample (post-stratification, Little 1993). Posts whose labels trained the model are counted as they are "
    "labelled, and the methods estimate the share of the other posts. Intervals are 95 % and cover the share among "
    "these posts. They are not adjusted for looking at several classes."
)
"""How the shares are corrected, for display."""
_TRAINED = (
    "These labels trained the model that scored the posts, so they do not show its mistakes in other posts."
)
_NOT_RECORDED = (
    f"{_TRAINED} Which ones was not recorded by an earlier version of PostLens. To correct its shares, train a new "
    "model and score the batch with it, then label more of the random sample."
)


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
        known: Posts with a label that counts that was given before the model trained on the labels; the sample is one
            of the other posts. 0 if no label of the batch trained the model.
        shares: One entry per class; none if `reason` is not "".
        reason: Why there are no shares, and what to do, as sentences for display.
        is_expected: Whether users expect shares, although there are none: the labels trained the model, or filters
            depend on them. Pages then show the reason.
    """

    field: str
    posts: int
    sample: int = 0
    undecided: int = 0
    known: int = 0
    shares: tuple[ClassShares, ...] = ()
    reason: str = ""
    is_expected: bool = False

    @property
    def rest(self) -> int:
        """The posts of which the sample is one."""
        return self.posts - self.known

    def describe_basis(self) -> str:
        """Say in a sentence or two what the shares are based on."""
        if self.known + self.sample == self.posts:
            return f"Based on the labels of all {format_posts(self.posts)}."
        text = f"Based on the labels of a random sample of {format_posts(self.sample)} of {self.posts:,}."
        if self.known:
            text = (
                f"Based on the labels of {format_posts(self.known)} that the model trained on, counted as they are "
                f"labelled, and of a random sample of {self.sample:,} of the other {format_posts(self.rest)}, "
                "labelled later."
            )
        if self.undecided:
            text += f" {self.undecided:,} more of the sample have no clear label and are left out."
        return text


@dataclass(frozen=True, eq=False)
class _Labelled:
    """Labelled posts: their rows in the predictions, and their labels."""

    rows: NDArray[np.int64]
    values: Sequence[LabelValue]


def compute_corrected_shares(batch: Batch, filters: Filters, field: str = "sentiment") -> CorrectedShares:
    """Compute the shares among the scored posts that match.

    Args:
        batch: The batch, with the labels of people (`Batch.labels`).
        filters: Which posts match. If they depend on labels, there are no shares: the labelled posts among those
            that match are then not a random sample of them.
        field: One of `analysis.review.FIELDS`.

    Raises:
        WorkspaceError: A file is damaged or was removed in the meantime.
    """
    labels = batch.labels
    by_labels = find_label_filters(filters)
    if by_labels or not labels.given[field]:
        posts = query.count_matching_posts(batch, filters.replace(scored=True))
        reason = _explain_label_filters(by_labels) if by_labels else _ask_for_labels(batch, posts)
        return CorrectedShares(field, posts, reason=reason, is_expected=bool(by_labels))
    trained = find_training_posts(batch, field)
    predictions = read_predictions(batch, filters, field)
    is_trained = np.isin(predictions.positions, [] if trained is None else trained)
    others = np.flatnonzero(~is_trained)
    drawn = others[
        find_random_sample(read_random_seed(batch), predictions.positions[others], labels.given[field].keys())
    ]
    final = labels.final(field)
    sample = _find_decided(predictions, drawn, final)
    known = _find_decided(predictions, np.flatnonzero(is_trained), final)
    found = CorrectedShares(
        field,
        posts=len(predictions.positions),
        sample=len(sample.rows),
        undecided=len(drawn) - len(sample.rows),
        known=len(known.rows),
    )
    least = batch.settings.min_review_sample
    if trained is None:
        return replace(found, reason=_NOT_RECORDED, is_expected=True)
    if found.sample < min(least, found.rest):
        reason = _ask_for_labels(batch, found.rest, found.sample, found.undecided)
        if len(trained):
            reason = f"{_TRAINED} {reason}"
        return replace(found, reason=reason, is_expected=len(trained) > 0)
    return replace(found, shares=tuple(_estimate(predictions, sample, known, field)))


def find_label_filters(filters: Filters) -> list[str]:
    """List the names, for display, of the filters that select posts by what people labelled."""
    columns = (column_of_filter(name, HEADS) for name, _ in filters.by_name)
    return [
        column.filter.label for column in columns if column and column.filter and column.table == "reviews"
    ]


def _explain_label_filters(titles: Sequence[str]) -> str:
    named = join_with_and([f"“{title}”" for title in titles])
    several = len(titles) > 1
    return (
        f"No corrected shares: the filter{'s' * several} {named} select{'' if several else 's'} posts by what people "
        f"labelled, so the labelled posts are not a random sample of these posts. Remove "
        f"{'them' if several else 'it'} to see corrected shares."
    )


def _ask_for_labels(batch: Batch, posts: int, sample: int = 0, undecided: int = 0) -> str:
    """Say how many labels are missing.

    Args:
        batch: The batch.
        posts: Posts of which a sample is labelled.
        sample: Those labelled so far with a label that counts.
        undecided: Those labelled so far with another one.
    """
    least = batch.settings.min_review_sample
    left = posts - sample - undecided
    if left <= 0 and undecided:
        return f"Too few of these posts have a clear label for corrected shares: {sample:,} of {posts:,}."
    return f"Label {min(least - sample, left):,} more of the random sample to see corrected shares."


def _find_decided(
    predictions: Predictions, rows: NDArray[np.int64], final: Mapping[int, LabelValue]
) -> _Labelled:
    """Find the posts with a label that counts."""
    places = predictions.positions[rows].tolist()
    decided = [number for number, place in enumerate(places) if final.get(place, UNSURE) != UNSURE]
    return _Labelled(rows[decided], [final[places[number]] for number in decided])


def _estimate(
    predictions: Predictions, sample: _Labelled, known: _Labelled, field: str
) -> Iterator[ClassShares]:
    posts = len(predictions.positions)
    named = {
        name
        for value in (*sample.values, *known.values)
        for name in ([value] if isinstance(value, str) else value)
    }
    names = SENTIMENTS if field == "sentiment" else tuple(sorted(named | predictions.classes.keys()))
    absent = np.zeros(posts, dtype=np.bool_)
    predicted = {name: predictions.classes.get(name, absent) for name in names}
    is_rest = np.ones(posts, dtype=np.bool_)
    is_rest[known.rows] = False
    rest = int(is_rest.sum())
    truth = {name: np.array([has_class(value, name) for value in sample.values], bool) for name in names}
    guesses = {name: predicted[name][sample.rows] for name in names}
    of_rest = {name: predicted[name][is_rest] for name in names}
    by_confusion = {}
    if rest > len(sample.rows):
        by_confusion = _estimate_by_confusion(of_rest, truth, guesses, is_exclusive=field == "sentiment")
    for name in names:
        count, has = int(predicted[name].sum()), sum(has_class(value, name) for value in known.values)
        raw = EstimatedShare(count / posts, *query.compute_share_interval(count, posts))
        if rest > len(sample.rows):
            share = float(of_rest[name].mean())
            powered = estimate_share_by_ppi(truth[name], guesses[name], share, rest)
            corrected = by_confusion[name]
        else:  # all posts are labelled
            share = float(truth[name].mean()) if rest else 0.0
            powered = corrected = EstimatedShare(share, share, share)
        yield ClassShares(
            name,
            count,
            raw,
            add_known_posts(powered, rest, has, len(known.rows)),
            add_known_posts(corrected, rest, has, len(known.rows)),
            int((truth[name] == guesses[name]).sum()),
        )


def _estimate_by_confusion(
    predicted: Mapping[str, NDArray[np.bool_]],
    truth: Mapping[str, NDArray[np.bool_]],
    guesses: Mapping[str, NDArray[np.bool_]],
    is_exclusive: bool,
) -> dict[str, EstimatedShare]:
    """Estimate the share of each class.

    Args:
        predicted: Whether each class was predicted, for all posts.
        truth: Whether the posts of the sample have each class.
        guesses: Whether each class was predicted for them.
        is_exclusive: Whether a post has one class.
    """
    if is_exclusive:
        names = list(predicted)
        labels, guessed, all_guessed = (
            np.argmax(np.stack([each[name] for name in names]), axis=0)
            for each in (truth, guesses, predicted)
        )
        counts = np.bincount(all_guessed, minlength=len(names)).tolist()
        shares = estimate_shares_by_confusion(labels, guessed, counts, len(names))
        return dict(zip(names, shares, strict=True))
    found = {}
    for name, has in predicted.items():
        counts = [int((~has).sum()), int(has.sum())]
        pair = estimate_shares_by_confusion(truth[name].astype(int), guesses[name].astype(int), counts, 2)
        found[name] = pair[1]
    return found
