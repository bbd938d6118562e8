"""Labels of people in reports: they take the place of the model's sentiment, and manifests record them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis import query
from analysis.columns.reviews import CORRECTED_SENTIMENT, MODEL_SENTIMENT, TEXT_FIELDS, UNSURE
from analysis.review import find_training_posts
from analysis.workspace import DECISION, Batch, Labels, StoredLabel


@dataclass(frozen=True)
class RecordedLabel:
    """A label in a manifest.

    Attributes:
        post_id: The post.
        field: Such as "sentiment".
        coder: Number of the coder in the manifest, "1" for the first; "" for a decision.
        values: The label.
    """

    post_id: str
    field: str
    coder: str
    values: tuple[str, ...]


def apply_corrections(posts: pd.DataFrame) -> pd.DataFrame:
    """Replace the sentiments that people corrected, and keep the model's in a column of their own.

    Args:
        posts: Posts with the columns of `query.read_page`.

    Returns:
        The same posts; unchanged if nobody labelled posts of their batch.
    """
    if CORRECTED_SENTIMENT not in posts:
        return posts
    corrected = posts[CORRECTED_SENTIMENT]
    is_corrected = corrected.notna() & (corrected != UNSURE)
    model = posts["sentiment"]
    return posts.assign(**{MODEL_SENTIMENT: model, "sentiment": model.where(~is_corrected, corrected)})


def describe_correction(post: Mapping[str, Any]) -> str | None:
    """Return the sentiment that people gave a post instead of the model's; None if they did not change it."""
    corrected = post.get(CORRECTED_SENTIMENT)
    is_changed = isinstance(corrected, str) and corrected not in (UNSURE, post["sentiment"])
    return corrected if is_changed else None


def record_labels(batch: Batch) -> tuple[RecordedLabel, ...]:
    """List the labels of a batch for a manifest, without the names of the coders."""
    labels = batch.labels
    positions = sorted({place for field in labels.given.values() for place in field})
    if not positions:
        return ()
    ids = dict(zip(positions, query.read_posts_at(batch, positions, ["post_id"])["post_id"], strict=True))
    numbers = {name: str(number) for number, name in enumerate(labels.coders, start=1)} | {DECISION: ""}
    return tuple(
        RecordedLabel(ids[place], field, numbers[name], (value,) if isinstance(value, str) else value)
        for field, given in labels.given.items()
        for place, of_post in given.items()
        for name, value in of_post.items()
    )


def record_training_posts(batch: Batch) -> tuple[str, ...] | None:
    """List the ids of the posts whose sentiments trained the model (`find_training_posts`); None if unknown."""
    positions = find_training_posts(batch, "sentiment")
    if not positions:
        return None if positions is None else ()
    return tuple(query.read_posts_at(batch, positions, ["post_id"])["post_id"])


def restore_labels(
    batch: Batch, recorded: Sequence[RecordedLabel], training_posts: Sequence[str] | None = ()
) -> Batch:
    """Return the batch with the labels of a manifest; those of posts that it does not have are left out.

    Args:
        batch: The batch.
        recorded: From `record_labels`.
        training_posts: From `record_training_posts`.
    """
    ids = {*(training_posts or ()), *(each.post_id for each in recorded)}
    places = query.find_posts_by_value(batch, "post_id", ids)
    trained = None
    if training_posts is not None:
        trained = [place for post_id in training_posts for place in places.get(post_id, ())]
    stored = [
        StoredLabel(
            place, each.field, each.values[0] if each.field in TEXT_FIELDS else each.values, each.coder
        )
        for each in recorded
        if each.values
        for place in places.get(each.post_id, ())
    ]
    return batch.with_labels(Labels.from_stored(stored, {"sentiment": trained}))
