"""The kinds of filters that a column can have: which widget chooses the value, and how an address writes it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class FilterKind:
    """What every filter has.

    Attributes:
        name: Its name in `analysis.query.Filters` and in addresses.
        label: Its name in the sidebar.
        help: What it means; numbers in braces such as {disagree_below:g} come from `Settings`.
        place: Smaller ones stand further up in the sidebar.
    """

    name: str
    label: str
    help: str = ""
    place: int = 50

    @property
    def names(self) -> tuple[str, ...]:
        """Its names in `Filters` and in addresses; most have one."""
        return (self.name,)


@dataclass(frozen=True, kw_only=True)
class OneOf(FilterKind):
    """Keeps posts whose value is one of those chosen.

    Attributes:
        options: The values that can be chosen.
        is_long: Whether the options need a list that opens, as they may be many.
    """

    options: tuple[str, ...] = ()
    is_long: bool = False


@dataclass(frozen=True, kw_only=True)
class AnyOf(FilterKind):
    """Keeps posts with at least one of the chosen marks; the columns of one filter share its name.

    Attributes:
        option: The mark whose probability this column holds, such as "irony".
        above: The `Settings` that the column's value has to exceed.
    """

    option: str
    above: str = "likely_from"


@dataclass(frozen=True, kw_only=True)
class Flag(FilterKind):
    """Keeps posts for which a yes/no column is true, or false.

    Attributes:
        is_negated: Whether the filter asks for the opposite of the column.
        choices: Labels of "false" and "true" where the sidebar offers both.
        without: What to call the filter when it asks for false.
    """

    is_negated: bool = False
    choices: tuple[str, str] | None = None
    without: str = ""


@dataclass(frozen=True, kw_only=True)
class Range(FilterKind):
    """Keeps posts whose value lies between two bounds, both included.

    Attributes:
        low: The lowest value that there is.
        high: The highest one.
        step: Between two positions of the slider.
    """

    low: float
    high: float
    step: float = 0.05


@dataclass(frozen=True, kw_only=True)
class Days(FilterKind):
    """Keeps posts from one day to another, both included and in UTC.

    Attributes:
        until: Name of the last day's filter; `name` is that of the first day's.
        until_label: Its name in the sidebar.
    """

    until: str
    until_label: str

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the first and the last day."""
        return (self.name, self.until)
