"""Time zones by their IANA names, for times that are written without a zone."""

from __future__ import annotations

from datetime import tzinfo
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
