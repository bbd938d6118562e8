"""Names of downloaded files, which say the batch, the filters, the day and the level of privacy."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from analysis.exporters.privacy import PrivacyLevel, may_name_people
from analysis.query import Filters
from analysis.workspace import Batch

_MAX_NAME_CHARS = 60
"""Characters in the name of a file for the batch, and for the filters."""


def name_report_file(
    batch: Batch,
    filters: Filters,
    suffix: str,
    now: datetime | None = None,
    level: PrivacyLevel = PrivacyLevel.EVERYTHING,
    says_level: bool = True,
) -> str:
    """Name a downloaded report by batch, filters, day and privacy: "spring-negative-2026-11-30-pseudonyms.csv".

    Args:
        batch: The batch.
        filters: Which posts are in the report; searches, custom topics and values of the analyst's own columns, which
            may be names of people, are only in names of reports that show posts as given.
        suffix: Of the file.
        now: The time; None for the present.
        level: The level of privacy.
        says_level: Whether the name ends with the level; not for a file that shows more than the report it is about.
    """
    is_private = level is not PrivacyLevel.EVERYTHING
    values = [filters.search] if filters.search and not is_private else []
    for name, value in filters.by_name:
        if is_private and (may_name_people(name)):
            continue
        values += (
            [f"{'' if value else 'not-'}{name}"] if isinstance(value, bool)
            else [str(one) for one in value] if isinstance(value, tuple) else [f"{name}-{value}"]
        )  # fmt: skip
    described = _shorten_for_file("-".join(values))
    day = f"{now or datetime.now(UTC):%Y-%m-%d}"
    parts = [name_batch_in_file(batch, level), *([described] if described else []), day]
    return "-".join(parts) + (level.file_suffix if says_level else "") + suffix


def name_batch_in_file(batch: Batch, level: PrivacyLevel = PrivacyLevel.EVERYTHING) -> str:
    """Name a batch in the name of a file: "autumn-campaign".

    A batch can be named after a person, so the id takes the place of the name where posts are not shown as given.
    """
    is_private = level is not PrivacyLevel.EVERYTHING
    return batch.id if is_private else _shorten_for_file(batch.manifest.name) or batch.id


def _shorten_for_file(text: str) -> str:
    return re.sub(r"[^\w.]+", "-", text.lower()).strip("-.")[:_MAX_NAME_CHARS].strip("-.")
