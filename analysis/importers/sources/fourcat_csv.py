"""Declares the sources of 4CAT: CSV files with the columns `id`, `body` and those of a data source.

https://github.com/digitalmethodsinitiative/4cat
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analysis.importers.sources.source import Source

_FIELDS: Mapping[str, Sequence[str]] = {
    "post_id": ["id"],
    "text": ["body"],
    "author": ["author"],
    "created_at": ["unix_timestamp", "timestamp"],
}


def fourcat_source(
    name: str,
    label: str,
    recognised_by: Sequence[Sequence[str]],
    fields: Mapping[str, Sequence[str]],
    values: Mapping[str, str] | None = None,
    blank: Mapping[str, str] | None = None,
) -> Source:
    """Declare the source of a platform's posts.

    Args:
        name: Short identifier of the platform, such as "tiktok".
        label: Display name of the platform.
        recognised_by: Sets of columns besides `id` and `body`; see `Source.recognised_by`.
        fields: The columns of each field; see `Source.fields`. Id, text, author and time have 4CAT's usual columns
            unless they are listed.
        values: See `Source.values`.
        blank: See `Source.blank`.
    """
    return Source(
        name=f"4cat-{name}",
        label=f"4CAT, {label}",
        recognised_by=[["id", "body", *names] for names in recognised_by],
        fields={**_FIELDS, **fields},
        values=values or {},
        blank=blank or {},
    )
