"""Column mappings that the analyst saved for tables with the same columns: one small JSON file in the workspace.

<home>/mappings.json    {"<hash of the set of columns>": {"text": "Full Text", "images": ["pic"], ...}, ...}
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields
from hashlib import sha256
from pathlib import Path
from typing import Any

from filelock import FileLock

from analysis.importers import ColumnMapping
from analysis.settings import Settings
from analysis.temporary import OWNER_ONLY_FILE, make_folder_private
from analysis.workspace.files import open_atomically, wrap_disk_errors
from analysis.workspace.layout import MAPPINGS

_LOCK = ".mappings.lock"
_LOCK_TIMEOUT = 30  # seconds; reading and writing the file takes milliseconds
_FIELDS = tuple(field.name for field in fields(ColumnMapping))


class SavedMappings:
    """The saved mappings of a workspace.

    Args:
        home: The workspace's folder; created with the first mapping.
        settings: The largest number of mappings; the oldest are removed.
    """

    def __init__(self, home: Path, settings: Settings | None = None) -> None:
        self.path = home / MAPPINGS
        self.settings = settings or Settings()

    def get(self, columns: Collection[str]) -> ColumnMapping | None:
        """Return the mapping saved for tables with exactly these columns, in any order; None if there is none."""
        saved = self._read_file().get(_hash_columns(columns))
        mapping = _parse_mapping(saved) if isinstance(saved, dict) else None
        return mapping if mapping is not None and mapping.columns() <= set(columns) else None

    def save(self, columns: Collection[str], mapping: ColumnMapping) -> None:
        """Save a mapping for tables with these columns, instead of an earlier one.

        Raises:
            WorkspaceError: The workspace cannot be written.
        """
        with self._edit_file() as saved:
            saved.pop(_hash_columns(columns), None)
            saved[_hash_columns(columns)] = {name: value for name, value in asdict(mapping).items() if value}
            for oldest in list(saved)[: -self.settings.max_saved_mappings]:
                del saved[oldest]

    def forget(self, columns: Collection[str]) -> None:
        """Remove the mapping of tables with these columns.

        Raises:
            WorkspaceError: The workspace cannot be written.
        """
        with self._edit_file() as saved:
            saved.pop(_hash_columns(columns), None)

    def _read_file(self) -> dict[str, Any]:
        """Read the file; a missing or damaged one has no mappings."""
        try:
            saved = json.loads(self.path.read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        return saved if isinstance(saved, dict) else {}

    @contextmanager
    def _edit_file(self) -> Iterator[dict[str, Any]]:
        """Lock the file, yield its content, and write the content as the block changed it."""
        with wrap_disk_errors("The saved mapping"):
            lock = FileLock(
                make_folder_private(self.path.parent) / _LOCK, timeout=_LOCK_TIMEOUT, mode=OWNER_ONLY_FILE
            )
            with lock:
                saved = self._read_file()
                yield saved
                with open_atomically(self.path) as file:
                    file.write(json.dumps(saved, indent=1).encode())


def _hash_columns(columns: Collection[str]) -> str:
    return sha256(json.dumps(sorted(set(columns))).encode()).hexdigest()


def _parse_mapping(saved: dict[str, Any]) -> ColumnMapping | None:
    """Parse a saved mapping; None if it is malformed."""
    images = saved.get("images", [])
    single = {name: saved.get(name) for name in _FIELDS if name != "images"}
    if not isinstance(images, list) or not all(isinstance(name, str) for name in images):
        return None
    if not all(value is None or isinstance(value, str) for value in single.values()):
        return None
    return ColumnMapping(images=tuple(images), **single)
