"""Names of batches, no two of them equal in one workspace: a second "Posts" becomes "Posts (2)"."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from analysis.settings import Settings
from analysis.workspace.manifest import read_manifest

_LOCK = ".names.lock"
_PATIENCE = 30  # seconds; a name is chosen and written in milliseconds


@contextmanager
def naming(folder: Path, settings: Settings) -> Iterator[Callable[[str], str]]:
    """Name a batch; nobody else names one from the moment a name is chosen until the block ends.

    Args:
        folder: The batch's folder, which need not exist yet.
        settings: The longest name.

    Yields:
        A function that takes the name as the analyst wrote it and returns the name to write: on one line, shortened,
        the batch's id where it is blank, with a number where another batch has it. Letter case makes no other name.

    Raises:
        OSError: The lock cannot be taken.
    """
    lock = FileLock(folder.parent.with_name(_LOCK), timeout=_PATIENCE, mode=0o600)

    def choose(name: str) -> str:
        folder.parent.stat()  # FileLock would make a workspace again that was deleted
        lock.acquire()
        longest = settings.max_name_chars
        # A file's name can hold half a surrogate pair, which no page can show.
        sendable = name.encode("utf-8", "replace").decode("utf-8")
        wished = " ".join(sendable.split())[:longest].strip() or folder.name
        taken = {other.casefold() for other in _names(folder)}
        chosen, number = wished, 1
        while chosen.casefold() in taken:
            number += 1
            ending = f" ({number})"
            chosen = wished[: longest - len(ending)].rstrip() + ending
        return chosen

    try:
        yield choose
    finally:
        lock.release()


def _names(folder: Path) -> Iterator[str]:
    """Read the names of the other batches; a damaged one has none."""
    for other in folder.parent.iterdir():
        if other.name.startswith(".") or other.name == folder.name:
            continue
        try:
            yield str(read_manifest(other).name)
        except (OSError, ValueError):
            continue
