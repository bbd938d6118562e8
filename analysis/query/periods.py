"""Units of time, and periods without posts, which queries leave out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import pandas as pd


@dataclass(frozen=True)
class Unit:
    """A unit of time.

    Attributes:
        frequency: Its name in pandas.
        max_days: The longest span of posts, in days, that it is chosen for.
        days: Its length in days, or a little less.
    """

    frequency: str
    max_days: int
    days: float


UNITS: Mapping[str, Unit] = MappingProxyType(
    {
        "hour": Unit("h", 1, 1 / 24),
        "day": Unit("D", 31, 1),
        "week": Unit("W", 2 * 366, 7),
        "month": Unit("M", 15 * 366, 30),
        "year": Unit("Y", 10_000 * 366, 365),
    }
)
"""The units of time that posts are counted by, the shortest first."""


def list_periods(unit: str, start: date, end: date) -> pd.PeriodIndex:
    """List all periods from one to another, both included.

    Args:
        unit: One of `UNITS`.
        start: The start of the first period, a date or a local time.
        end: The start of the last one.
    """
    return pd.period_range(pd.Timestamp(start), pd.Timestamp(end), freq=UNITS[unit].frequency)


def fill_periods(unit: str, firsts: pd.Series, amounts: pd.Series, start: date, end: date) -> list[int]:
    """List the amounts of every period, 0 where there are no posts.

    Args:
        unit: One of `UNITS`.
        firsts: The starts of the periods with posts.
        amounts: Their amounts.
        start: The start of the first period of the list.
        end: The start of the last one.

    Raises:
        ValueError: A period with posts is not between the first and the last one.
    """
    every = list_periods(unit, start, end)
    found = dict(zip(pd.DatetimeIndex(firsts).to_period(UNITS[unit].frequency), amounts, strict=True))
    if outside := sorted(found.keys() - set(every)):
        raise ValueError(f"{outside[0]} is not between {start} and {end}")
    return [int(found.get(period, 0)) for period in every]
