"""Compares each period with an earlier one: posts, the share of negative ones, and net sentiment."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from analysis.comparison.differences import Difference, compare_with_reference
from analysis.comparison.estimates import Estimate, estimate_net_sentiment, estimate_share
from analysis.query.filters import Filters
from analysis.query.intervals import compute_share_interval
from analysis.query.period_sums import sum_days
from analysis.query.weights import UNWEIGHTED
from analysis.workspace import Batch


@dataclass(frozen=True)
class Growth:
    """A relative change of an amount; 0.5 is half as much again.

    Attributes:
        value: The change.
        low: Lower limit of its 95 % interval; None for likes and interactions, as a few posts have most of them.
        high: Upper limit.
    """

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Period:
    """A period, and how it differs from the one before.

    Attributes:
        first: Its first day, or the start of an hour, in local time.
        last: Its last day; of an hour, its start.
        is_complete: Whether the posts of the batch cover it.
        posts: Number of posts.
        amount: What is counted: posts, likes or interactions.
        negative: The share of negative ones; None without any.
        net: The net sentiment; None without any.
        growth: Of the amount; this and the following are None if one of both periods is incomplete or empty.
        negative_change: Of the share of negative ones.
        net_change: Of the net sentiment.
    """

    first: date
    last: date
    is_complete: bool
    posts: int
    amount: int
    negative: Estimate | None
    net: Estimate | None
    growth: Growth | None = None
    negative_change: Difference | None = None
    net_change: Difference | None = None


def compare_periods(sums: pd.DataFrame, weight: str = UNWEIGHTED, step: int = 1) -> list[Period]:
    """Compare each period with the one before, or with an earlier one.

    The p-values of the changes of the share of negative ones and of the net sentiment, of all periods together, are
    adjusted by the procedure of Benjamini & Hochberg (1995).

    Args:
        sums: `query.sum_periods`.
        weight: One of `WEIGHTS`: what was counted.
        step: With how many periods before each is compared, such as 7 for the same weekday a week before.

    Returns:
        The periods, in order.
    """
    rows = [{str(name): value for name, value in row.items()} for row in sums.to_dict("records")]
    return _compare_rows(rows, weight, step)


def add_estimates(sums: pd.DataFrame, periods: Sequence[Period]) -> pd.DataFrame:
    """Add the estimates of `compare_periods` to sums: share (of negative ones) and net, with _low and _high."""
    estimates = {
        "share": [period.negative for period in periods],
        "net": [period.net for period in periods],
    }
    columns = {
        f"{name}{end}": [math.nan if each is None else getattr(each, attribute) for each in found]
        for name, found in estimates.items()
        for end, attribute in (("", "value"), ("_low", "low"), ("_high", "high"))
    }
    return sums.assign(**columns)


def compare_days(
    batch: Batch, filters: Filters, since: date, until: date, weight: str = UNWEIGHTED
) -> tuple[Period, Period]:
    """Compare some days with as many days before.

    Args:
        batch: The batch.
        filters: Which posts match, whatever their days.
        since: The first day.
        until: The last one.
        weight: One of `WEIGHTS`: what is counted.

    Returns:
        The days before, and the days with their changes; without changes if the posts of the batch do not cover both.
    """
    start, days = since.toordinal(), (until - since).days + 1
    earlier = [date.fromordinal(max(day, 1)) for day in (start - days, start - 1)]
    ranges = [(earlier[0], earlier[1]), (since, until)]
    before, now = _compare_rows([sum_days(batch, filters, *each, weight) for each in ranges], weight)
    return before, now


def count_tests(periods: Sequence[Period]) -> int:
    """Count the tests whose p-values were adjusted together."""
    changes = [change for each in periods for change in (each.negative_change, each.net_change)]
    return sum(change is not None and change.p is not None for change in changes)


def _compare_rows(rows: Sequence[Mapping[str, Any]], weight: str, step: int = 1) -> list[Period]:
    negative = [
        estimate_share(row["negative"], row["amount"], row["negative_squares"], row["squares"])
        for row in rows
    ]
    net = [estimate_net_sentiment(row) for row in rows]
    is_compared = [
        number >= step and row["is_complete"] and rows[number - step]["is_complete"]
        for number, row in enumerate(rows)
    ]
    pairs = [
        _pair(of[row], of[row - step]) if is_compared[row] else None
        for of in (negative, net)
        for row in range(len(rows))
    ]
    changes = compare_with_reference(pairs)
    return [
        Period(
            row["first"],
            row["last"],
            bool(row["is_complete"]),
            int(row["posts"]),
            int(row["amount"]),
            negative[number],
            net[number],
            _measure_growth(row["amount"], rows[number - step]["amount"], weight)
            if is_compared[number]
            else None,
            changes[number],
            changes[len(rows) + number],
        )
        for number, row in enumerate(rows)
    ]


def _pair(now: Estimate | None, before: Estimate | None) -> tuple[Estimate, Estimate] | None:
    return (now, before) if now and before else None


def _measure_growth(amount: float, before: float, weight: str) -> Growth | None:
    """Compute the relative change of an amount, with the interval of a ratio of independent counts of posts.

    Given the sum of two Poisson counts, one of them is binomial (Przyborowski & Wilenski 1940).
    """
    if not before:
        return None
    value = float(amount / before - 1)
    if weight != UNWEIGHTED:
        return Growth(value, None, None)
    low, high = (limit / (1 - limit) - 1 for limit in compute_share_interval(amount, amount + before))
    return Growth(value, low, high)
