"""The kinds of filters that a column can have; the kind determines the widget and the format in the URL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from analysis.wording import format_day, format_number


@dataclass(frozen=True, kw_only=True)
class FilterKind:
    """The base of all filters.

    Attributes:
        name: Its name in `analysis.query.Filters` and in URLs.
        label: Its name in the filter bar.
        help: Its tooltip; numbers in braces such as {disagree_below:g} come from `Settings`.
        place: Position among the filters; lower comes first.
    """

    name: str
    label: str
    help: str = ""
    place: int = 50

    @property
    def names(self) -> tuple[str, ...]:
        """Its names in `Filters` and in URLs; most filters have one."""
        return (self.name,)


@dataclass(frozen=True, kw_only=True)
class OneOf(FilterKind):
    """Keeps posts whose value is one of those chosen.

    Attributes:
        options: The values that can be chosen.
        is_long: Whether there may be so many options that they need a drop-down list.
    """

    options: tuple[str, ...] = ()
    is_long: bool = False


@dataclass(frozen=True, kw_only=True)
class AnyOf(FilterKind):
    """Keeps posts with at least one of the chosen marks; the columns of one filter share its name.

    Attributes:
        option: The mark whose probability this column contains, such as "irony".
        above: Name of the setting that the column's value must exceed.
    """

    option: str
    above: str = "likely_from"


@dataclass(frozen=True, kw_only=True)
class HasAny(FilterKind):
    """Keeps posts that have at least one of the chosen values, such as hashtags, of which there may be any number.

    Case makes no difference. `analysis.query.value_tables` looks the values up.

    Attributes:
        sign: What is shown before a value, such as "#"; it may be typed too.
    """

    sign: str = ""

    def describe(self, value: str) -> str:
        """Describe a chosen value, such as "#travel" or "Author ann"."""
        return f"{self.sign}{value}" if self.sign else f"{self.label} {value}"


@dataclass(frozen=True, kw_only=True)
class Flag(FilterKind):
    """Keeps posts for which a yes/no column is true, or false.

    Attributes:
        is_negated: Whether the filter selects posts for which the column is false.
        choices: Labels of "false" and "true" if both can be chosen.
        without: Label when it selects false.
    """

    is_negated: bool = False
    choices: tuple[str, str] | None = None
    without: str = ""


@dataclass(frozen=True, kw_only=True)
class Range(FilterKind):
    """Keeps posts whose value is between two bounds, inclusive.

    Attributes:
        low: The lowest possible value.
        high: The highest possible value.
        step: Step of the slider.
    """

    low: float
    high: float
    step: float = 0.05


@dataclass(frozen=True, kw_only=True)
class Days(FilterKind):
    """Keeps posts between two days, inclusive, in the time zone of the batch (`Batch.with_timezone`).

    Attributes:
        until: Name of the filter for the last day; `name` is the filter for the first day.
        until_label: Its label in the filter bar.
    """

    until: str
    until_label: str

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the first and the last day."""
        return (self.name, self.until)


def describe_filter_value(
    kind: FilterKind | None, name: str, value: object, title: Callable[[str], str]
) -> str:
    """Describe a filter that is set, such as "Ironic or Hateful" or "Valence 0.20 to 1.00".

    Args:
        kind: The filter; None if it is unknown.
        name: One of its names.
        value: Its value in `analysis.query.Filters`.
        title: Returns the display name of an option.
    """
    if isinstance(kind, Flag):
        return kind.label if value else kind.without or f"Not {kind.label.lower()}"
    if isinstance(kind, Days):
        day = format_day(value) if isinstance(value, date) else value
        return f"{kind.label if name == kind.name else kind.until_label} {day}"
    if isinstance(kind, Range) and isinstance(value, tuple):
        ends = (format_number(float(end)) for end in value)
        return f"{kind.label} {' to '.join(ends)}"
    return " or ".join(title(str(one)) for one in value) if isinstance(value, tuple) else str(value)
