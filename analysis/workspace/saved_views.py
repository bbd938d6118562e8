"""Saved views: a page with its filters and choices, by name, in the workspace's database."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from analysis.errors import WorkspaceError
from analysis.settings import Settings
from analysis.wording import replace_surrogates, shorten_to_one_line
from analysis.workspace.database import WorkspaceDatabase

Address = Mapping[str, str | list[str]]
"""Query parameters of a page."""


@dataclass(frozen=True)
class SavedView:
    """A saved view.

    Attributes:
        name: Its name, on one line.
        page: Path of its page.
        address: The query parameters of the page, without its batch, so that it can be applied to any.
    """

    name: str
    page: str
    address: Address


class SavedViews:
    """The saved views of a workspace.

    Args:
        home: The workspace's folder.
        settings: Limits; longer names are cut.
    """

    def __init__(self, home: Path, settings: Settings | None = None) -> None:
        self.database = WorkspaceDatabase(home)
        self.settings = settings or Settings()

    def read_all(self) -> list[SavedView]:
        """Read all views, sorted by name.

        Raises:
            WorkspaceError: The file cannot be read or is damaged.
        """
        rows = self.database.fetch("SELECT name, page, address FROM views ORDER BY name COLLATE NOCASE")
        return [SavedView(row["name"], row["page"], json.loads(row["address"])) for row in rows]

    def save(self, name: str, page: str, address: Address) -> None:
        """Save a view, instead of one with the same name.

        Raises:
            WorkspaceError: The address is too long, or the file cannot be written or is damaged.
        """
        written = replace_surrogates(json.dumps(dict(address), ensure_ascii=False))
        longest = self.settings.max_view_chars
        if len(written) > longest:
            raise WorkspaceError(
                "The view",
                f"was not saved: its address has {len(written):,} characters, the limit is {longest:,}",
                "Shorten the search, or remove filters.",
            )
        values = (shorten_to_one_line(name)[: self.settings.max_name_chars], page, written)
        with self.database.write("The view") as database:
            database.execute("INSERT OR REPLACE INTO views VALUES (?, ?, ?)", values)

    def delete(self, name: str) -> None:
        """Delete a view; nothing happens if there is none of this name.

        Raises:
            WorkspaceError: The file cannot be written or is damaged.
        """
        with self.database.write("The view") as database:
            database.execute("DELETE FROM views WHERE name = ?", (name,))
