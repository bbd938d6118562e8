"""The columns that each head of a model adds to the score table.

sentiment (exclusive)       sentiment, p_<class> each: declared in `analysis.columns.scores`
any other exclusive head    <head>, p_<class> each
not_<class> and <class>     p_<class>
independent classes         <head>, <head>_confidence, <head>_<class> each
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.columns.column import Badge, Column, Order, Preset, View
from analysis.columns.filter_kinds import AnyOf, OneOf
from analysis.columns.scored import HeadLike, Scored, Values
from analysis.settings import Settings

UNCLEAR = "unclear"
"""The value of a head's column if no class is likely enough, or a modality that the head needs is missing."""
MARKS_FILTER = "tones"
"""The filter that the marks of all heads share, such as irony and hate."""
_PREFIX = "head_"


def head_columns(
    name: str, head: HeadLike, settings: Settings, names: Mapping[str, str] | None = None
) -> Iterator[Column]:
    """Declare the columns of a head other than sentiment: its class, confidence and a probability for each class.

    Args:
        name: The head's name.
        head: The head.
        settings: The thresholds in the meanings.
        names: Probability columns by class (`class_columns`), if the model has other heads.
    """
    names = names or class_columns({name: head})[name]
    title = head_title(name)
    without = "" if head.answers(("image",)) else " Empty for a post without text."
    if head.needs:
        without = f" Also unclear for posts without {' and '.join(head.needs)}, which it depends on."
    if not head.mark:
        yield _class_column(name, head, settings, without)
    if not head.exclusive:
        yield Column(
            f"{name}_confidence",
            name,
            "scores",
            pa.float64(),
            label=f"{title} confidence",
            meaning=f"Probability of the most likely {title.lower()}, 0 to 1.",
            unit="0 to 1",
            sort=True,
            export=Preset.BASIC,
            compute=lambda scored: np.where(scored.answered(name), scored.probabilities[name].max(1), np.nan),
        )
    for one, column in names.items():
        yield _probability_column(name, head, settings, one, column, without)


def head_title(name: str) -> str:
    """Return the display name of a head, such as "Sentiment"."""
    return name.replace("_", " ").capitalize()


def list_class_titles(heads: Mapping[str, HeadLike]) -> dict[str, str]:
    """Return the titles of the classes of all heads, by the classes' names."""
    return {name: head.title(name) for head in heads.values() for name in head.classes}


def head_filter(name: str, head: HeadLike) -> str:
    """Return the name of the filter for a head's classes, in `Filters` and in URLs."""
    return head.column_options.filter_name or f"{_PREFIX}{name}"


def column_of_head_filter(name: str, heads: Mapping[str, HeadLike]) -> str | None:
    """Return the column of a filter from `head_filter`; None for other filters.

    Args:
        name: The filter's name.
        heads: The default heads by name; the filter of any other head is named after the head.
    """
    for head, known in heads.items():
        if name == head_filter(head, known):
            return head
    return name.removeprefix(_PREFIX) if name.startswith(_PREFIX) and name != _PREFIX else None


def mark_columns(mark: str) -> tuple[str, str]:
    """Return the possible columns of a mark in the filter `MARKS_FILTER`, the usual one first."""
    return f"p_{mark}", mark


def class_columns(heads: Mapping[str, HeadLike]) -> dict[str, dict[str, str]]:
    """Choose the names of the probability columns.

    Args:
        heads: The bundle's heads by name.

    Returns:
        The column by head and class; <head>_<class> if an earlier head has a class of that name.
    """
    taken: set[str] = set()
    columns: dict[str, dict[str, str]] = {}
    for name, head in sorted(heads.items(), key=lambda pair: pair[0] != "sentiment"):
        columns[name] = {}
        for one in [head.mark] if head.mark else head.classes:
            short = f"p_{one}"
            columns[name][one] = short if head.exclusive and short not in taken else f"{name}_{one}"
        taken.update(columns[name].values())
    return columns


def _class_column(name: str, head: HeadLike, settings: Settings, without: str) -> Column:
    options, title = head.column_options, head_title(name)
    limit = getattr(settings, options.threshold)
    most_likely = f"The most likely {title.lower()}"
    titles = {one: head.title(one) for one in head.classes}
    return Column(
        name,
        name,
        "scores",
        pa.string(),
        label=title,
        meaning=f"{most_likely} ({', '.join(head.classes)}), or unclear when none has a probability of {limit:g} or "
        f"more.{without}",
        filter=OneOf(
            name=head_filter(name, head),
            label=title,
            options=(*head.classes, UNCLEAR),
            help=f"{most_likely}, if its probability is {limit:g} or more.",
            is_long=True,
            place=20,
        ),
        sort=True,
        summary=True,
        export=Preset.BASIC,
        view=View(
            width=options.width,
            place=14,
            help=f"{most_likely}, if its probability is {limit:g} or more.",
        ),
        badge=Badge(options.icon, hidden=() if options.shows_unclear else (UNCLEAR,)),
        chart_title=options.chart_title or title,
        compute=_named_class(name),
        titles={**titles, UNCLEAR: options.unclear_title or f"No clear {title.lower()}"},
    )


def _named_class(name: str) -> Callable[[Scored], Values]:
    """Return a function that computes the most likely class.

    It is `UNCLEAR` below the threshold or without a modality that the head needs, None without any that it reads.
    """

    def compute(scored: Scored) -> Values:
        head = scored.heads[name]
        names = pd.Series(scored.most_likely(name), dtype=object)
        limit = getattr(scored.settings, head.column_options.threshold)
        needed = [scored.has[modality] for modality in head.needs]
        is_clear = np.all([scored.probabilities[name].max(1) >= limit, *needed], axis=0)
        return names.where(is_clear, UNCLEAR).where(scored.answered(name), None)

    return compute


def _probability_column(
    name: str, head: HeadLike, settings: Settings, one: str, column: str, without: str
) -> Column:
    title, class_title = head_title(name), head.title(one)
    if head.mark:
        meaning = f"Probability that the post is {class_title.lower()}, 0 to 1: counted above "
        meaning += f"{settings.likely_from:g}.{without}"
    elif head.exclusive:
        meaning = (
            f"Probability of {class_title} among the classes of {name}, 0 to 1; they add up to 1.{without}"
        )
    else:
        meaning = (
            f"Probability of {class_title}, 0 to 1. A post can have several classes of {title.lower()}, so "
        )
        meaning += "these do not add up to 1."
    order = f"Most {class_title.lower()} first" if head.mark else f"{class_title} first"
    has_order = head.mark or head.column_options.has_orders
    marks = AnyOf(
        name=MARKS_FILTER,
        label="Tone",
        option=column.removeprefix("p_"),
        help=f"Counted above a probability of {settings.likely_from:g}. Often wrong: read some posts first.",
        place=30,
    )
    return Column(
        column,
        name,
        "scores",
        pa.float64(),
        label=f"P({class_title.lower()})" if head.exclusive else f"{title}: {class_title}",
        meaning=meaning,
        unit="0 to 1",
        filter=marks if head.mark else None,
        sort=True,
        orders=(Order(order, descending=True),) if has_order else (),
        summary=head.mark is not None,
        export=Preset.BASIC,
        compute=lambda scored: np.where(scored.answered(name), scored.probability(name, one), np.nan),
        titles={one: class_title},
    )
