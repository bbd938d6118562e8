"""Checksums of stored files: computed when a file is written, compared before it is read.

A file that matched is remembered by its inode, size and times, and not hashed again until one of them changes.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

State = tuple[int, int, int, int]

_MOST_REMEMBERED = 100_000  # files; about 30 MB
_matched: dict[tuple[str, str], State] = {}  # by path and label
_damaged: set[str] = set()  # paths that did not match when they were last compared


def state_of(path: Path) -> State:
    """Return what changes when a file is replaced or edited: inode, size, and times of content and inode."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def digest_of(file: Any, label: str = "") -> str:
    """Hash a file from its beginning.

    Args:
        file: A binary file, open for reading.
        label: Hashed before the content, so that the same bytes have another digest in another place.

    Returns:
        SHA-256, 64 hexadecimal digits.
    """
    file.seek(0)
    return hashlib.file_digest(file, lambda: hashlib.sha256(label.encode())).hexdigest()


def matches(path: Path, digest: str | Path, label: str = "", again: bool = False) -> bool:
    """Check whether a file still has the content that a digest was made of.

    Args:
        path: The file.
        digest: Of `digest_of`, or the file that holds it, which is not read where `path` is known to match.
        label: As given to `digest_of`.
        again: Whether a file that is known to match is compared all the same.

    Raises:
        OSError: If one of them cannot be read.
        ValueError: If the digest's file holds no text.
    """
    state = state_of(path)
    if not again and _matched.get((str(path), label)) == state:
        return True
    expected = digest if isinstance(digest, str) else digest.read_text("ascii")
    with path.open("rb") as file:
        whole = digest_of(file, label) == expected
    if whole:
        remember(path, label, state)
    else:
        _damaged.add(str(path))
    return whole


def remember(path: Path, label: str, state: State) -> None:
    """Note that a file in this state matches its digest."""
    if len(_matched) >= _MOST_REMEMBERED:
        _matched.clear()
    _matched[str(path), label] = state
    _damaged.discard(str(path))


def known_damaged(path: Path) -> bool:
    """Tell whether a file did not match its digest when this process last compared them."""
    return str(path) in _damaged
