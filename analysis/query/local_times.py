"""The times of posts in a time zone.

They are computed from the offsets of `analysis.timezones`, which is three times as fast as DuckDB's `timezone`, and
gives the times that pages show.
"""

from __future__ import annotations

from collections.abc import Sequence

from analysis.columns import HAS_TIME_SQL, MOMENT_SQL, TIME_PARTS
from analysis.query.snapshot import Snapshot
from analysis.timezones import UTC_NAME, list_offsets

_FIRST, _LAST = "TIMESTAMP '0001-01-01 00:00:00'", "TIMESTAMP '9999-12-31 23:59:59'"
"""The times that Python knows: a post that an offset moves out of these years stays at their start or end."""


def local_times_sql(snapshot: Snapshot, timezone: str) -> str:
    """Write as SQL the summary table with `moment`, the local time, and with the day, weekday and hour of that time.

    A date without a time of day, which is stored as midnight in UTC, is the same date in every zone.

    Args:
        snapshot: The batch at one moment.
        timezone: One of `timezone_names`.
    """
    if timezone == UTC_NAME:  # the summary table has its days and hours
        return f"SELECT *, {MOMENT_SQL} AS moment FROM summary"  # noqa: S608 (a constant)
    with snapshot.database.cursor() as cursor:
        sql = "SELECT year(min(created_at)), year(max(created_at)) FROM summary"
        first, last = cursor.execute(sql).fetchall()[0]
    offset = _offset_sql(list_offsets(timezone, first, last)) if first is not None else "0"
    moment = f"make_timestamp(epoch_us(created_at) + CASE WHEN {HAS_TIME_SQL} THEN {offset} ELSE 0 END)"
    local = f"if(year(created_at) IN (1, 9999), greatest({_FIRST}, least({moment}, {_LAST})), {moment})"
    parts = ", ".join(f"{sql.format(moment='moment')} AS {name}" for name, sql in TIME_PARTS.items())
    return f"SELECT * REPLACE ({parts}) FROM (SELECT *, {local} AS moment FROM summary)"  # noqa: S608 (constants)


def _offset_sql(offsets: Sequence[tuple[int, int]]) -> str:
    """Write as SQL the offset of a post's time by bisection, as there are two a year."""
    if len(offsets) == 1:
        return str(offsets[0][1])
    half = len(offsets) // 2
    before, after = _offset_sql(offsets[:half]), _offset_sql(offsets[half:])
    return f"CASE WHEN epoch_us(created_at) < {offsets[half][0]} THEN {before} ELSE {after} END"
