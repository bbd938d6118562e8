"""Makes the files of a workspace of an earlier version private."""

from __future__ import annotations

from collections.abc import Set
from contextlib import suppress
from pathlib import Path

from analysis.temporary import OWNER_ONLY_FILE, OWNER_ONLY_FOLDER


def make_home_private(home: Path, own: Set[str]) -> None:
    """Remove the permissions of other users from a workspace of an earlier version, as far as possible.

    A home folder with other content may be shared on purpose, so only PostLens's own folders are changed there.
    """
    with suppress(OSError):
        for folder in (home / name for name in own):
            if folder.is_dir() and folder.stat().st_mode & 0o077:
                for each in folder.rglob("*"):
                    _make_private(each)
                _make_private(folder)  # last, so that an interrupted run is repeated
        if {each.name for each in home.iterdir() if not each.name.startswith(".")} <= own:
            _make_private(home)


def _make_private(path: Path) -> None:
    with suppress(OSError):
        if not path.is_symlink() and path.stat().st_mode & 0o077:
            path.chmod(OWNER_ONLY_FOLDER if path.is_dir() else OWNER_ONLY_FILE)
