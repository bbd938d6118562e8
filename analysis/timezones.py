"""Time zones by their IANA names, and times of posts, which are stored in UTC, in one of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from analysis.errors import IntakeError

UTC_NAME = "UTC"
_YEARS = (1900, 2100)
"""Years whose changes of offset are known; before and after, the nearest offset holds."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WEEK = 7 * 86_400
_MICROSECONDS = 1_000_000


@lru_cache(maxsize=1)
def timezone_names() -> tuple[str, ...]:
    """Return the names of all zones that this computer knows, UTC first."""
    regions = sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
    return (UTC_NAME, *regions)


@lru_cache(maxsize=100)
def get_timezone(name: str) -> tzinfo:
    """Return a zone by its name.

    Raises:
        IntakeError: There is no zone of this name.
    """
    if name != UTC_NAME and name not in available_timezones():
        raise IntakeError(
            f"The time zone {name[:40]!r}",
            "is not known",
            "Name one such as Europe/Berlin or America/New_York.",
        )
    return ZoneInfo(name)


def has_time_of_day(moment: datetime) -> bool:
    """Return whether a post has a time of day; exactly midnight in UTC is a date without one."""
    utc = moment.astimezone(UTC)
    return (utc.hour, utc.minute, utc.second, utc.microsecond) != (0, 0, 0, 0)


def to_local_time(moment: datetime, name: str) -> datetime:
    """Convert the time of a post to a zone.

    Args:
        moment: The time, with a zone.
        name: One of `timezone_names`.

    Returns:
        The local time without a zone. A date without a time of day stays as it is, in any zone.
    """
    zone = get_timezone(name if has_time_of_day(moment) else UTC_NAME)
    return moment.astimezone(zone).replace(tzinfo=None)


@lru_cache(maxsize=100)
def list_offsets(name: str, first_year: int, last_year: int) -> tuple[tuple[int, int], ...]:
    """List the offsets of a zone from UTC, such as those of summer and winter.

    Args:
        name: One of `timezone_names`.
        first_year: The first year of interest.
        last_year: The last one.

    Returns:
        The start of each offset in microseconds since 1970, and the offset in microseconds. The first one also holds
        before its start. Offsets that last less than a week may be missing.
    """
    zone, low, high = get_timezone(name), *_YEARS
    first, last = min(max(first_year, low), high), min(max(last_year, low), high)
    start = int(datetime(first, 1, 1, tzinfo=UTC).timestamp()) - _WEEK
    end = int(datetime(last + 1, 1, 1, tzinfo=UTC).timestamp()) + _WEEK
    found = [(start, _offset_at(zone, start))]
    for second in range(start + _WEEK, end + _WEEK, _WEEK):
        offset = _offset_at(zone, second)
        if offset != found[-1][1]:
            before, after = second - _WEEK, second
            while after - before > 1:
                middle = (before + after) // 2
                before, after = (middle, after) if _offset_at(zone, middle) != offset else (before, middle)
            found.append((after, offset))
    return tuple((each * _MICROSECONDS, offset * _MICROSECONDS) for each, offset in found)


def _offset_at(zone: tzinfo, second: int) -> int:
    """Return the offset of a zone from UTC in seconds, at a time in seconds since 1970."""
    offset = (_EPOCH + timedelta(seconds=second)).astimezone(zone).utcoffset()
    return round(offset.total_seconds()) if offset else 0
