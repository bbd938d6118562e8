"""Digests of stored files: computed when a file is written, compared before it is read.

A matching file is cached by its inode, size and times, and not hashed again until one of them changes.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

State = tuple[int, int, int, int]

_MAX_CACHED = 100_000  # files; about 30 MB
_matched: dict[tuple[str, str], State] = {}  # by path and label
_damaged: set[str] = set()  # paths that did not match when they were last compared


def get_file_state(path: Path) -> State:
    """Return the inode, size and times of a file, which change when it is replaced or edited."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def compute_file_digest(file: Any, label: str = "") -> str:
    """Hash a file from its beginning.

    Args:
        file: A binary file, open for reading.
        label: Hashed before the content, so that equal files have different digests in different places.

    Returns:
        SHA-256, 64 hexadecimal digits.
    """
    file.seek(0)
    return hashlib.file_digest(file, lambda: hashlib.sha256(label.encode())).hexdigest()


def matches_digest(path: Path, digest: str | Path, label: str = "", again: bool = False) -> bool:
    """Return whether a file still matches its digest.

    Args:
        path: The file.
        digest: From `compute_file_digest`, or the path of its file, which is not read if `path` is known to match.
        label: As for `compute_file_digest`.
        again: Compare even if the file is known to match.

    Raises:
        OSError: One of them cannot be read.
        ValueError: The digest's file is not text.
    """
    state = get_file_state(path)
    if not again and _matched.get((str(path), label)) == state:
        return True
    expected = digest if isinstance(digest, str) else digest.read_text("ascii")
    with path.open("rb") as file:
        is_equal = compute_file_digest(file, label) == expected
    if is_equal:
        record_digest_match(path, label, state)
    else:
        _damaged.add(str(path))
    return is_equal


def record_digest_match(path: Path, label: str, state: State) -> None:
    """Record that a file in this state matches its digest."""
    if len(_matched) >= _MAX_CACHED:
        _matched.clear()
    _matched[str(path), label] = state
    _damaged.discard(str(path))


def is_known_damaged(path: Path) -> bool:
    """Return whether a file did not match its digest at the last comparison in this process."""
    return str(path) in _damaged
