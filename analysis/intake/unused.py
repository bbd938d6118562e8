"""Rejections of files that could be read, but that no post uses."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from analysis.importers.importer import list_table_columns
from analysis.intake.companions import Companion
from analysis.intake.rejections import Rejection
from analysis.intake.tables import Table

_OF_AN_ACCOUNT = (
    "is a part of an account's download that has no posts",
    "Ignore this unless it has posts; in that case, add it on its own.",
)
_IDLE = {
    "caption": (
        "is the caption of an image that a table names",
        "Put its text into the table if it is missing.",
    ),
    "post": ("describes a post whose image a table names", "Put what is missing into the table."),
    "images": (
        "lists the images of posts, but no table of these posts was uploaded",
        "Add the table of the posts.",
    ),
    "dataset": ("describes a data set and has no posts", "Add the data set's table, if it is missing."),
    "account": ("describes an account and has no posts", "Ignore this."),
}


def unusable_tables(tables: Sequence[Table], used: Collection[str]) -> Iterator[Rejection]:
    """List tables without texts and images: each sheet, and each file of which no sheet is used.

    Args:
        tables: The tables.
        used: The names of files with a table that is used.
    """
    listed: set[str] = set(used)
    for table in tables:
        fact = "no column that is known to hold texts or images; its columns are"
        remedy = "Choose the column of the texts or images, or rename it to text or image."
        columns = list_table_columns(table.columns)
        if table.sheet:
            kind = "list" if table.lists else "sheet"
            reason = f"has a {kind} {table.sheet!r} with {fact}: {columns}"
            yield Rejection("sheet", table.file, reason, remedy)
        if table.file in listed:
            continue
        listed.add(table.file)
        if table.mapping is not None and not table.source:
            reason, remedy = _OF_AN_ACCOUNT
            yield Rejection("file", table.file, reason, remedy)
        else:
            yield Rejection("file", table.file, f"has {fact}: {columns}", remedy)


def unreferenced_image_rejection(name: str) -> Rejection:
    """Return the rejection of an image next to a table or captions that belongs to none of the posts."""
    return Rejection(
        "file",
        name,
        "is an image that no post refers to",
        "Add its name to the table's image column, or upload the images without a table.",
    )


def decoration_rejection(name: str) -> Rejection:
    """Return the rejection of an image that is no post by its name."""
    return Rejection(
        "file",
        name,
        "is a profile picture, an emoji or a thumbnail, judging by its name",
        "If it is the image of a post, rename it, or add its name to the table's image column.",
    )


def unused_companion_rejection(companion: Companion) -> Rejection:
    """Return the rejection of a companion that nothing needed."""
    return Rejection("file", companion.name, *_IDLE[companion.kind])
