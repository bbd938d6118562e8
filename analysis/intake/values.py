"""Parses times and counts as people and platforms write them. Ambiguous values become None."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_TIME_CHARS = 64  # characters; no time is written longer
_SECONDS = re.compile(r"[0-9]{9,10}(\.[0-9]+)?")
_MILLISECONDS = re.compile(r"[0-9]{12,13}(\.[0-9]+)?")
_WRITTEN = re.compile(
    r"(?P<day>.*[^ ,])[ ,]+(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?"
    r"(?: ?(?P<half>[AaPp])[Mm])?(?: ?(?P<zone>[+-][0-9]{2}:?[0-9]{2}|[A-Za-z]+))?"
)
_X_TIME = "%a %b %d %H:%M:%S %z %Y"  # Wed Oct 10 20:19:24 +0000 2018
_DAY = re.compile(r"([A-Za-z]{3}, )?[A-Za-z0-9]{1,9}[-/. ][A-Za-z0-9]{1,9}[-/., ]+[0-9]{2,4}")
_DAYS = (
    "%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y",
    "%a, %b %d, %Y", "%a, %d %b %Y",
)  # fmt: skip
_SLASHED = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/[0-9]{2,4}\b")
_MONTH_FIRST = ("%m/%d/%Y", "%m/%d/%y")
_DAY_FIRST = ("%d/%m/%Y", "%d/%m/%y")

_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:([,. '’\u00a0\u202f])[0-9]{3})(?:\1[0-9]{3})*")
_WHOLE = re.compile(r"([+-]?[0-9]{1,19})(?:\.0*)?")
_MAX_COUNT = 2**63 - 1  # the post table holds 64-bit integers


def read_times(values: Sequence[str]) -> list[datetime | None]:
    """Read a column of times.

    A time without a zone is UTC. Whether 05/06/2026 is in May or June is inferred from the column's other dates, such
    as 25/06/2026; if that is not possible, such dates are not read.

    Args:
        values: ISO 8601, seconds or milliseconds since 1970, or one of the usual written formats.

    Returns:
        One UTC time per value, None if blank or unreadable.
    """
    days = (*_DAYS, *_slash_formats(values))
    known: dict[str, datetime | None] = {"": None}
    times = []
    for value in values:
        value = value.strip()
        if value not in known:
            known[value] = _read_time(value, days) if len(value) <= _MAX_TIME_CHARS else None
        times.append(known[value])
    return times


def read_count(value: str) -> int | None:
    """Read an integer with or without thousands separators; None if it is not one."""
    value = value.strip()
    if grouped := _GROUPED.fullmatch(value):
        value = value.replace(grouped[1], "")
    whole = _WHOLE.fullmatch(value)
    count = int(whole[1]) if whole else None
    return count if count is not None and abs(count) <= _MAX_COUNT else None


def _read_time(value: str, days: tuple[str, ...]) -> datetime | None:
    try:
        if _SECONDS.fullmatch(value):
            return _EPOCH + timedelta(seconds=float(value))
        if _MILLISECONDS.fullmatch(value):
            return _EPOCH + timedelta(milliseconds=float(value))
        time = _parse_iso(value) or _written(value, days)
        return time and (time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC))
    except (ValueError, OverflowError):  # 25:61, or an hour that is outside the calendar in UTC
        return None


def _parse_iso(value: str) -> datetime | None:
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def _written(value: str, days: tuple[str, ...]) -> datetime | None:
    parts = _WRITTEN.fullmatch(value)
    if parts is None:
        return _parse_day(value, days) or _parse_with(value, _X_TIME)
    day, zone = _parse_day(parts["day"], days), parts["zone"] or "UTC"
    if day is None or (zone.isalpha() and zone.upper() not in ("UTC", "GMT", "Z")):
        return None  # abbreviations such as EST and IST are ambiguous
    hour = int(parts["hour"])
    if parts["half"]:
        hour = hour % 12 + 12 * (parts["half"] in "Pp")
    clock = f"{hour:02}:{parts['minute']}:{parts['second'] or '00'}"
    return datetime.fromisoformat(f"{day.date()}T{clock}{'' if zone.isalpha() else zone}")


@lru_cache(maxsize=10_000)  # a batch has many times and few days
def _parse_day(value: str, forms: tuple[str, ...]) -> datetime | None:
    if _DAY.fullmatch(value) is None:  # rejects most other values, ten times faster than strptime
        return None
    return next(filter(None, (_parse_with(value, form) for form in forms)), None)


def _parse_with(value: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(value, form)
    except ValueError:
        return None


def _slash_formats(values: Sequence[str]) -> tuple[str, ...]:
    dates = [match for value in values if "/" in value and (match := _SLASHED.match(value.strip()))]
    day_first = any(int(date[1]) > 12 for date in dates)
    month_first = any(int(date[2]) > 12 for date in dates)
    if day_first == month_first:  # no evidence, or evidence for both
        return ()
    return _DAY_FIRST if day_first else _MONTH_FIRST
