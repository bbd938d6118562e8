"""Which posts of a batch are meant, and the same as an SQL condition.

Where the condition is used is `analysis.query.relation`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

_LISTS = {
    "sentiments": "sentiment",
    "topics": "topic",
    "emotions": "emotion",
    "inputs": "inputs_used",
    "decided_by": "decided_by",
}

_FLAGS = {
    "scored": "(sentiment IS NOT NULL)",
    "uncertain": "uncertain",
    "at_odds": "at_odds",
    "other_language": "(NOT in_language)",
    "near_copy": "is_copy",
}

TONES = ("irony", "offensive", "hate")
"""What a post can be besides its emotion: columns p_irony, p_offensive, p_hate, where the model has such heads."""


LIKELY = 0.75
"""Probability above which a post counts as ironic, offensive or hateful.

A third to a half of the labelled posts are so, far more than of most batches. Above 0.75, 81 to 84 % of those counted
on validation are right, and by the same rates still 58 to 66 % where only a fifth of the posts are so; above 0.5 it
would be 37 to 51 %."""


def toned(tone: str) -> str:
    """Write as SQL that a post has one of `TONES`."""
    return f"p_{tone} > {LIKELY}"


@dataclass(frozen=True)
class Filters:
    """Which posts are meant; a filter left at its default keeps all, and a post must pass every one.

    Attributes:
        search: Keeps posts with this in text, author or id, in any case; no wildcards.
        sentiments: Keeps these predicted sentiments.
        topics: Keeps these predicted topics ("unclear" is one).
        emotions: Keeps these predicted emotions ("unclear" is one).
        tones: Keeps posts that are at least one of these `TONES`.
        inputs: Keeps posts scored from these inputs: "text", "image", "both".
        decided_by: Keeps posts whose sentiment is that of this modality alone, "text" or "image", against the other.
        scored: Whether the post has scores.
        uncertain: Whether the model is not sure.
        at_odds: Whether text and image are at odds (`Settings.at_odds_below`); null without both.
        other_language: Whether the text is in a language that the model was not trained on; null if unknown.
        near_copy: Whether the post is a near copy of an earlier one; null until a batch's copies are found.
        since: First day, UTC.
        until: Last day, UTC.
        valence: Lowest and highest valence, -1..1.
        confidence: Lowest and highest confidence, 0..1.
        post_ids: Keeps these posts.
    """

    search: str = ""
    sentiments: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    emotions: tuple[str, ...] = ()
    tones: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    decided_by: tuple[str, ...] = ()
    scored: bool | None = None
    uncertain: bool | None = None
    at_odds: bool | None = None
    other_language: bool | None = None
    near_copy: bool | None = None
    since: date | None = None
    until: date | None = None
    valence: tuple[float, float] | None = None
    confidence: tuple[float, float] | None = None
    post_ids: tuple[str, ...] = ()

    def narrowed(self, pairs: Sequence[str]) -> Filters:
        """Keep only what one bar or point of a chart stands for.

        Args:
            pairs: A mark's custom data from `analysis.charts.scores`: names of filters and values in turn,
                such as ("topics", "daily_life", "sentiments", "positive").

        Raises:
            ValueError: If it is not such a list.
        """
        chosen: dict[str, Any] = {}
        for name, value in zip(pairs[::2], pairs[1::2], strict=True):
            if name in (*_LISTS, "tones", "post_ids"):
                chosen[name] = (value,)
            elif name == "search":
                chosen[name] = value
            elif name == "since":
                chosen[name] = max(date.fromisoformat(value), self.since or date.min)
            elif name == "until":
                chosen[name] = min(date.fromisoformat(value), self.until or date.max)
            else:
                raise ValueError(f"{name!r} is not a filter of a chart")
        return replace(self, **chosen)


EVERY_POST = Filters()


def condition(filters: Filters) -> tuple[str, dict[str, Any]]:
    """Write the filters as SQL, all but those of `naming`.

    Args:
        filters: Which posts are meant.

    Returns:
        A condition over the columns of the narrow table (`analysis.query.narrow`), and its parameters.
    """
    parts = [_any_of(filters.tones)]
    values: dict[str, Any] = {}
    for name, column in _LISTS.items():
        if chosen := getattr(filters, name):
            parts.append(f"{column} IN (SELECT unnest(${name}))")
            values[name] = list(chosen)
    for name, column in _FLAGS.items():
        if (wanted := getattr(filters, name)) is not None:
            parts.append(f"{column} = ${name}")
            values[name] = wanted
    for name, compare in (("since", ">="), ("until", "<=")):
        if (day := getattr(filters, name)) is not None:
            parts.append(f"day {compare} CAST(${name} AS DATE)")
            values[name] = day
    for name in ("valence", "confidence"):
        if (bounds := getattr(filters, name)) is not None:
            parts.append(f"{name} BETWEEN $lowest_{name} AND $highest_{name}")
            values[f"lowest_{name}"], values[f"highest_{name}"] = bounds
    return " AND ".join(parts), values


def naming(filters: Filters) -> tuple[str, dict[str, Any]]:
    """Write as SQL the filters that rest on the posts' own words: `search` and `post_ids`.

    Returns:
        A condition over the post table, and its parameters.
    """
    parts = ["true"]
    values: dict[str, Any] = {}
    if filters.search.strip():
        fields = ("text", "author", "post_id")
        parts.append(f"({' OR '.join(f'contains(lower({field}), lower($search))' for field in fields)})")
        values["search"] = filters.search.strip()
    if filters.post_ids:
        parts.append("post_id IN (SELECT unnest($post_ids))")  # a join, as a search may name many posts
        values["post_ids"] = list(filters.post_ids)
    return " AND ".join(parts), values


def _any_of(tones: Sequence[str]) -> str:
    known = " OR ".join(toned(tone) for tone in TONES if tone in tones)
    return f"({known})" if known else "false" if tones else "true"
