"""Unique names of batches: a second "Posts" becomes "Posts (2)"."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from analysis.settings import Settings
from analysis.wording import replace_surrogates
from analysis.workspace.manifest import read_manifest

_LOCK = ".names.lock"
_LOCK_TIMEOUT = 30  # seconds; choosing and writing a name takes milliseconds


@contextmanager
def lock_batch_names(folder: Path, settings: Settings) -> Iterator[Callable[[str], str]]:
    """Lock the names of batches from when a name is chosen until the block ends.

    Args:
        folder: The batch's folder, which need not exist yet.
        settings: The maximum length.

    Yields:
        A function from the analyst's name to the final name: on one line, shortened, the batch's id if blank,
        numbered if another batch has it in any letter case.

    Raises:
        OSError: The lock cannot be acquired.
    """
    lock = FileLock(folder.parent.with_name(_LOCK), timeout=_LOCK_TIMEOUT, mode=0o600)

    def choose(name: str) -> str:
        folder.parent.stat()  # FileLock would create a deleted workspace again
        lock.acquire()
        longest = settings.max_name_chars
        wished = " ".join(replace_surrogates(name).split())[:longest].strip() or folder.name
        taken = {other.casefold() for other in _read_other_names(folder)}
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


def _read_other_names(folder: Path) -> Iterator[str]:
    """Read the names of the other batches; damaged ones are skipped."""
    for other in folder.parent.iterdir():
        if other.name.startswith(".") or other.name == folder.name:
            continue
        try:
            yield str(read_manifest(other).name)
        except (OSError, ValueError):
            continue
