"""Tables in downloads of accounts, and tables that 4CAT describes: what their companion files add to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from analysis.importers import ColumnMapping
from analysis.intake.companions import Companion
from analysis.intake.tables import Table

AUTHOR = "account"
"""Column that is added for the owner of an account."""
_DOWNLOADS = frozenset(
    {"X archive", "Facebook download", "Facebook download, labels", "Instagram download", "Slack export"}
)
_PROFILES = frozenset({"profile_photos.json", "profile_pictures.json"})
_LINKEDIN = "LinkedIn download"
_LINKEDIN_POSTS = frozenset({"shares.csv", "comments.csv", "messages.csv", "articles.csv"})
_POSTS_WITHOUT_SOURCE = "outbox.json"  # of Mastodon


def add_companion_notes(
    tables: Sequence[Table], companions: Iterable[Companion]
) -> tuple[list[Table], set[str]]:
    """Add the author and the notes that companions have for tables.

    Other JSON tables in the download of an account, such as those of followers, hold no posts.

    Args:
        tables: As read.
        companions: All of the upload.

    Returns:
        The tables, and the names of the companions that were used.
    """
    used: set[str] = set()
    described: list[Table] = []
    is_download = any(table.source in _DOWNLOADS for table in tables)
    linkedin = {PurePosixPath(table.name).parent for table in tables if table.source == _LINKEDIN}
    accounts = [each for each in companions if each.kind == "account"]
    notes = {each.key.removesuffix(".metadata"): each for each in companions if each.kind == "dataset"}
    for table in tables:
        path = PurePosixPath(table.name)
        if note := notes.get(table.name.removesuffix(path.suffix)):
            used.add(note.name)
            table = replace(table, notes=(*table.notes, note.content["note"]))
        is_outbox = path.name == _POSTS_WITHOUT_SOURCE
        is_other_json = not table.source and path.suffix == ".json" and not is_outbox
        if is_download and (is_other_json or path.name in _PROFILES):
            table = replace(table, mapping=ColumnMapping(), source="")
        elif path.parent in linkedin and not table.source and path.name.lower() not in _LINKEDIN_POSTS:
            table = replace(table, mapping=ColumnMapping())
        elif accounts and (table.source in _DOWNLOADS or is_outbox):
            owner = min(accounts, key=lambda each: _distance(each.name, table.name))
            mapping = table.guess_mapping()
            if mapping.author is None and AUTHOR not in table.columns:
                used.add(owner.name)
                cells = table.cells.with_column(AUTHOR, owner.content["author"])
                columns = (*table.columns, AUTHOR)
                table = replace(table, columns=columns, cells=cells, mapping=replace(mapping, author=AUTHOR))
        described.append(table)
    return described, used


def _distance(name: str, other: str) -> int:
    """Return by how many folders two files are apart."""
    here, there = PurePosixPath(name).parts[:-1], PurePosixPath(other).parts[:-1]
    shared = next(
        (number for number, (a, b) in enumerate(zip(here, there, strict=False)) if a != b),
        min(len(here), len(there)),
    )
    return len(here) + len(there) - 2 * shared
