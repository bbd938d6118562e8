"""Filters that select posts of a batch: a value for each filter of the catalogue.

`analysis.query.conditions` writes them as SQL.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from analysis.columns import MARKS_FILTER, Days, HasAny, OneOf, column_of_filter, is_filter, own_filter
from analysis.model.presets import HEADS

_NO_COLUMN = 99  # of the analyst's tables; there are at most `Settings.max_kept_columns`

FilterValue = tuple[str, ...] | bool | date | tuple[float, float]
"""A value of a filter: chosen options, a flag, a day, or the lowest and highest number."""


@dataclass(frozen=True, init=False)
class Filters:
    """Selects posts; a post must match every filter that is set.

    Filters of columns are set by name, as in `Filters(sentiments=("positive",), uncertain=False)`. Their names are
    those of `Column.filter` in the catalogue (`analysis.columns`), and `head_<name>` for the classes of a head:

    sentiments, topics, emotions, inputs, decided_by    tuples of values; a post has one of them
    languages, weekdays, hours                          the same: ISO 639-1 codes; "1" is Monday; "0" to "23"
    tones                                               tuple of marks; a post has at least one of them
    hashtags, mentions, names, words, emoji, domains    tuples of values in any case; a post has at least one of them
    authors, platforms                                  the same
    uncertain, disagree, other_language, near_copy      True or False
    since, until                                        first and last day, in the time zone of the batch
    valence, confidence                                 lowest and highest value, as a tuple

    Args:
        search: Words to find in text, author or id, such as 'rain -train "heavy snow"'
            (`analysis.query.search_syntax`).
        post_ids: Matches these posts.
        scored: Whether the post has scores.
        by_name: Filters of columns; None and () mean no filter.

    Raises:
        TypeError: A filter is unknown.
    """

    search: str
    post_ids: tuple[str, ...]
    scored: bool | None
    by_name: tuple[tuple[str, FilterValue], ...]

    def __init__(
        self,
        search: str = "",
        post_ids: Sequence[str] = (),
        scored: bool | None = None,
        **by_name: FilterValue | None,
    ) -> None:
        if unknown := [name for name in by_name if not is_filter(name, HEADS)]:
            raise TypeError(f"no such filter: {', '.join(unknown)}")
        chosen = ((name, value) for name, value in sorted(by_name.items()) if value is not None)
        for field, value in (
            ("search", search),
            ("post_ids", tuple(post_ids)),
            ("scored", scored),
            ("by_name", tuple((name, value) for name, value in chosen if value != ())),
        ):
            object.__setattr__(self, field, value)

    def get(self, name: str) -> FilterValue | None:
        """Return the value of a column's filter, None if it is not set."""
        return dict(self.by_name).get(name)

    def chosen(self, name: str) -> tuple[str, ...]:
        """Return the chosen options of a column's filter, () if there are none."""
        value = self.get(name)
        return tuple(str(one) for one in value) if isinstance(value, tuple) else ()

    def replace(
        self,
        search: str | None = None,
        post_ids: Sequence[str] | None = None,
        scored: bool | None = None,
        **by_name: FilterValue | None,
    ) -> Filters:
        """Return these filters with some replaced; None for a column's filter removes it."""
        values: dict[str, Any] = {**dict(self.by_name), **by_name}
        return Filters(
            self.search if search is None else search,
            self.post_ids if post_ids is None else post_ids,
            self.scored if scored is None else scored,
            **values,
        )

    def with_values(self, by_name: Mapping[str, FilterValue | None]) -> Filters:
        """Return these filters with some replaced, as `replace` does, from a mapping."""
        values: dict[str, Any] = dict(by_name)
        return self.replace(**values)

    def for_other_table(self, kept: Sequence[str], other: Sequence[str]) -> Filters:
        """Return these filters for another batch, in which the columns of the analyst's tables have other numbers.

        Args:
            kept: The columns of this batch (`Manifest.kept`).
            other: Those of the other batch; no post matches a filter of a column that it lacks.
        """
        numbers = {name: number for number, name in enumerate(other)}
        renamed = {
            own_filter(number): own_filter(numbers.get(name, _NO_COLUMN)) for number, name in enumerate(kept)
        }
        values: dict[str, Any] = {renamed.get(name, name): value for name, value in self.by_name}
        return Filters(self.search, self.post_ids, self.scored, **values)

    def with_selection(self, pairs: Sequence[str]) -> Filters:
        """Keep only the posts of one bar or point of a chart.

        Args:
            pairs: A mark's custom data from `analysis.charts.scores`: alternating names of filters and values,
                such as ("topics", "daily_life", "sentiments", "positive").

        Raises:
            ValueError: The list is malformed.
        """
        with_selection = self
        for name, value in zip(pairs[::2], pairs[1::2], strict=True):
            with_selection = with_selection._with_pair(name, value)
        return with_selection

    def _with_pair(self, name: str, value: str) -> Filters:
        if name == "search":
            return self.replace(search=value)
        if name == "post_ids":
            return self.replace(post_ids=(value,))
        column = column_of_filter(name, HEADS)
        kind = column.filter if column else None
        if isinstance(kind, OneOf | HasAny) or name == MARKS_FILTER:
            return self.with_values({name: (value,)})
        if not isinstance(kind, Days):
            raise ValueError(f"{name!r} is not a filter of a chart")
        day, present = date.fromisoformat(value), self.get(name)
        if isinstance(present, date):
            day = max(day, present) if name == kind.name else min(day, present)
        return self.with_values({name: day})


EVERY_POST = Filters()
