"""Time zones by their IANA names, and times of posts, which are stored in UTC, in one of them."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from analysis.errors import IntakeError

UTC_NAME = "UTC"


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
