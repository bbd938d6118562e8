"""The times of posts in a time zone, computed from the stored times by DuckDB's ICU, which knows daylight saving."""

from __future__ import annotations

from typing import Any

from analysis.columns import HAS_TIME_SQL, MOMENT_SQL, TIME_PARTS
from analysis.timezones import UTC_NAME


def local_times_sql(timezone: str) -> tuple[str, dict[str, Any]]:
    """Write as SQL the summary table with `moment`, the local time, and with the day, weekday and hour of that time.

    A date without a time of day, which is stored as midnight in UTC, is the same date in every zone.

    Args:
        timezone: One of `timezone_names`.

    Returns:
        The query and its parameters.
    """
    if timezone == UTC_NAME:  # the summary table has its days and hours
        return f"SELECT *, {MOMENT_SQL} AS moment FROM summary", {}  # noqa: S608 (a constant)
    local = f"CASE WHEN {HAS_TIME_SQL} THEN timezone($timezone, created_at) ELSE {MOMENT_SQL} END"
    parts = ", ".join(f"{sql.format(moment='moment')} AS {name}" for name, sql in TIME_PARTS.items())
    sql = f"SELECT * REPLACE ({parts}) FROM (SELECT *, {local} AS moment FROM summary)"  # noqa: S608 (constants)
    return sql, {"timezone": timezone}
