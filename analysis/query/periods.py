"""Periods of time without posts, which queries leave out."""

from __future__ import annotations

from datetime import date

import pandas as pd

_FREQUENCIES = {"hour": "h", "day": "D", "week": "W", "month": "M", "year": "Y"}


def count_periods_between(unit: str, first: date, last: date) -> int:
    """Count the periods from one to another, both included.

    Args:
        unit: "hour", "day", "week", "month" or "year".
        first: The start of the first period, a date or a time.
        last: The start of the last one.
    """
    start, end = (pd.Timestamp(each).to_period(_FREQUENCIES[unit]) for each in (first, last))
    return int((end - start).n) + 1


def fill_periods(unit: str, firsts: pd.Series, amounts: pd.Series, start: date, end: date) -> list[int]:
    """List the amounts of every period, 0 where there are no posts.

    Args:
        unit: "hour", "day", "week", "month" or "year".
        firsts: The starts of the periods with posts.
        amounts: Their amounts.
        start: The start of the first period of the list.
        end: The start of the last one.
    """
    filled = [0] * count_periods_between(unit, start, end)
    for first, amount in zip(firsts, amounts, strict=True):
        filled[count_periods_between(unit, start, first) - 1] = int(amount)
    return filled
