"""The labels of people for the posts of a batch, and which of them count if several people labelled a post."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa

from analysis.columns.reviews import (
    AGREED,
    DISAGREEMENT,
    NOT_REVIEWED,
    REVIEW_FIELDS,
    VALUE_SEPARATOR,
)
from analysis.workspace.review_store import DECISION, LabelValue, StoredLabel

_COLUMNS = {"sentiment": "corrected_sentiment", "topics": "corrected_topics", "tone": "corrected_tone"}
"""The columns of the fields on which coders can disagree."""


@dataclass(frozen=True, eq=False)
class Labels:
    """The labels of a batch.

    Attributes:
        given: The value of each coder (or `DECISION`), by field and position.
        training_posts: Positions of the posts that were labelled before the model trained on labels, by field, None
            if they are not known; for labels of a manifest. None if the batch itself says so.
    """

    given: Mapping[str, Mapping[int, Mapping[str, LabelValue]]]
    training_posts: Mapping[str, Sequence[int] | None] | None = None

    @classmethod
    def from_stored(
        cls,
        stored: Iterable[StoredLabel],
        training_posts: Mapping[str, Sequence[int] | None] | None = None,
    ) -> Labels:
        """Collect stored labels (`ReviewStore.read_labels`); see `training_posts`."""
        given: dict[str, dict[int, dict[str, LabelValue]]] = {field: {} for field in REVIEW_FIELDS}
        for label in stored:
            given.setdefault(label.field, {}).setdefault(label.position, {})[label.owner] = label.value
        return cls(given, training_posts)

    def __bool__(self) -> bool:
        return any(self.given.values())

    @property
    def coders(self) -> tuple[str, ...]:
        """The names of all coders, sorted."""
        return tuple(
            sorted(
                {name for field in self.given.values() for given in field.values() for name in given}
                - {DECISION}
            )
        )

    def of_coder(self, coder: str, field: str) -> dict[int, LabelValue]:
        """Return the labels of one coder by position."""
        return {place: given[coder] for place, given in self.given[field].items() if coder in given}

    def final(self, field: str) -> dict[int, LabelValue]:
        """Return the labels that count, by position: a decision, else the label on which all coders agree."""
        return {
            place: next(iter(values))
            for place, given in self.given[field].items()
            if len(values := _counted(given)) == 1
        }

    def disagreements(self, field: str) -> list[int]:
        """List the positions of the posts on whose label coders disagree and nobody has decided."""
        return [place for place, given in self.given[field].items() if len(_counted(given)) > 1]

    @cached_property
    def tags(self) -> tuple[str, ...]:
        """All tags, sorted."""
        return tuple(sorted({tag for given in self.given["tags"].values() for tag in _union(given)}))

    @cached_property
    def table(self) -> pa.Table:
        """The labelled posts: position, the columns of `analysis.columns.reviews`, and tag_list (a list)."""
        positions = sorted({place for field in self.given.values() for place in field})
        columns = self.compute_columns(positions)
        tags = [sorted(_union(self.given["tags"].get(place, {}))) for place in positions]
        texts = {name: pa.array(values, pa.string()) for name, values in columns.items()}
        return pa.table(
            {
                "position": pa.array(positions, pa.int64()),
                **texts,
                "tag_list": pa.array(tags, pa.list_(pa.string())),
            }
        )

    def compute_columns(self, positions: Sequence[int]) -> dict[str, list[Any]]:
        """Compute the columns of some posts (`analysis.columns.reviews`); texts, None without a label."""
        final = {field: self.final(field) for field in _COLUMNS}
        disagreed = set(self.disagreements("sentiment"))
        found: dict[str, list[Any]] = defaultdict(list)
        for place in positions:
            labelled = AGREED if place in final["sentiment"] else NOT_REVIEWED
            found["review"].append(DISAGREEMENT if place in disagreed else labelled)
            for field, name in _COLUMNS.items():
                found[name].append(_join(final[field].get(place)))
            for field, name in (("tags", "tags"), ("note", "note")):
                found[name].append(_join(tuple(sorted(_union(self.given[field].get(place, {}))))))
        return dict(found) or {name: [] for name in ("review", *_COLUMNS.values(), "tags", "note")}


NO_LABELS = Labels({field: {} for field in REVIEW_FIELDS})
"""No post is labelled."""


def _counted(given: Mapping[str, LabelValue]) -> set[LabelValue]:
    """Return the different labels of a post: that of the decision alone if there is one."""
    return {given[DECISION]} if DECISION in given else set(given.values())


def _union(given: Mapping[str, LabelValue]) -> set[str]:
    values: set[str] = set()
    for value in given.values():
        values |= {value} if isinstance(value, str) else set(value)
    return values


def _join(value: LabelValue | None) -> str | None:
    text = value if value is None or isinstance(value, str) else VALUE_SEPARATOR.join(value)
    return text or None
