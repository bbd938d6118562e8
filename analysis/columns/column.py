"""The declaration of one column: its type, its labels, and where it can be used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

import pyarrow as pa

from analysis.columns.filter_kinds import FilterKind
from analysis.columns.scored import Scored, Values

Table = Literal[
    "posts", "scores", "words", "copies", "derived", "found", "report", "extra", "topics", "reviews", "themes"
]


class Preset(Enum):
    """Which reports contain a column by default: all, or only those with every column."""

    BASIC = "basic"
    FULL = "full"


@dataclass(frozen=True)
class Order:
    """One entry of the list of orders on the Posts page.

    Attributes:
        title: Such as "Most positive first".
        descending: Whether the largest value comes first.
        key: The sort key; the column's name if empty.
    """

    title: str
    descending: bool = False
    key: str = ""


@dataclass(frozen=True)
class View:
    """How the Posts table shows a column.

    Attributes:
        width: In pixels.
        format: Streamlit's number or time format; "" for text.
        place: Position; lower comes first.
        label: Header, if it differs from the column's label.
        help: Tooltip of the header; a template like `Column.meaning`.
    """

    width: int = 100
    format: str = ""
    place: int = 75
    label: str = ""
    help: str = ""


@dataclass(frozen=True)
class Badge:
    """How the Explain page shows a value of a column as a badge.

    Attributes:
        icon: Its icon.
        hidden: Values without a badge.
    """

    icon: str
    hidden: tuple[str, ...] = ()


@dataclass(frozen=True)
class Column:
    """One column of posts and their scores, declared once.

    Attributes:
        name: Its name in storage and reports, and as a sort key.
        group: The columns it is listed with: one of `GROUPS`, or the name of a head.
        table: Where its values come from: "posts", "scores", "words" or "copies" (Parquet files), "derived" (computed
            in SQL), "found" (in texts, by `analysis.query.found_values`), "report" (computed by the exporters),
            "extra" (a column of the analyst's table), "topics" (the analyst's custom topics, computed in memory),
            "reviews" (labels of people, of `ReviewStore`), "themes" (`analysis.workspace.Themes`).
        type: Arrow type of its values.
        label: Display name.
        meaning: Description in plain language; numbers in braces such as {topic_from:g} come from `Settings`, and
            {modalities} lists the modalities of the model.
        unit: Unit or range of a number.
        filter: How posts can be filtered by it; None if they cannot.
        sort: Whether posts can be sorted by it.
        orders: Entries in the list of orders on the Posts page.
        summary: Whether it is in the summary table in memory (`analysis.query.summary_table`), so that counts and
            filters read no files. Of the marks, such as irony, only those of the default heads are.
        export: The reports that contain it; None if it cannot be exported.
        view: How the Posts table shows it; None if it does not.
        badge: How the Explain page shows its value as a badge; None if it does not.
        chart_title: Title of its chart on the Overview page; "" if it has none.
        compute: Computes a column of "scores" when posts are scored, one value per post; None for a column that
            `analysis.scoring` computes.
        sql: The expression of a column that is computed when posts are read, over `inputs` and parameters such as
            $topic_from, which are `Settings`. A stored column with an expression is computed again, so that it
            follows a changed threshold.
        inputs: The stored columns that `sql` uses.
        titles: Display names of its values, by value.
        is_internal: Whether only filters use it; posts are read without it.
    """

    name: str
    group: str
    table: Table
    type: pa.DataType
    label: str = ""
    meaning: str = ""
    unit: str = ""
    filter: FilterKind | None = None
    sort: bool = False
    orders: tuple[Order, ...] = ()
    summary: bool = False
    export: Preset | None = None
    view: View | None = None
    badge: Badge | None = None
    chart_title: str = ""
    compute: Callable[[Scored], Values] | None = None
    sql: str = ""
    inputs: tuple[str, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    is_internal: bool = False

    @property
    def kind(self) -> str:
        """Its type for display: "text", "number", "count", "yes/no" or "time"."""
        if pa.types.is_timestamp(self.type):
            return "time"
        return _KINDS.get(self.type, "text")

    @property
    def is_basic(self) -> bool:
        """Whether a report contains it by default."""
        return self.export is Preset.BASIC

    def title_of(self, value: str) -> str:
        """Return the display name of one of its values."""
        return self.titles.get(value, value)


_KINDS = {pa.float64(): "number", pa.int64(): "count", pa.bool_(): "yes/no"}
