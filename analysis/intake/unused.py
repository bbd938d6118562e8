"""Rejections of files that could be read, but that no post uses."""

from __future__ import annotations

from analysis.importers.importer import list_columns
from analysis.intake.companions import Companion
from analysis.intake.rejections import Rejection
from analysis.intake.tables import Table

_IDLE = {
    "caption": (
        "is the caption of an image that a table names",
        "Put its text into the table if it is missing.",
    ),
    "post": ("describes a post whose image a table names", "Put what is missing into the table."),
    "images": (
        "lists the images of posts, but no table of these posts was added",
        "Add the table of the posts.",
    ),
    "dataset": ("describes a data set and holds no posts", "Add the data set's table, if it is missing."),
    "account": ("describes an account and holds no posts", "Nothing to do."),
}


def unusable_table(table: Table) -> Rejection:
    """Return the rejection of a table whose columns do not make posts."""
    if table.mapping is not None and not table.source:
        return Rejection(
            "file",
            table.name,
            "is a part of an account's download that holds no posts",
            "Nothing to do, unless it holds posts: then add it alone.",
        )
    return Rejection(
        "file",
        table.name,
        f"has no column that is known to hold texts or images; its columns are: {list_columns(table.columns)}",
        "Choose the column of the texts or images, or rename it to text or image.",
    )


def unnamed_image(name: str) -> Rejection:
    """Return the rejection of an image beside a table or captions that belongs to none of the posts."""
    return Rejection(
        "file",
        name,
        "is an image that no post names",
        "Name it in the table's image column, or add the images without a table.",
    )


def decoration(name: str) -> Rejection:
    """Return the rejection of an image that is no post by its name."""
    return Rejection(
        "file",
        name,
        "is a profile picture, an emoji or a thumbnail by its name, not the image of a post",
        "Rename it if it is one, or name it in the table's image column.",
    )


def idle_companion(companion: Companion) -> Rejection:
    """Return the rejection of a companion that nothing needed."""
    return Rejection("file", companion.name, *_IDLE[companion.kind])
