"""Temporary files of running processes, and removal of files that killed processes left.

    <folder>/.temporary/<token>.lock    held by its process until it ends
    <folder>/.temporary/<token>/        that process's temporary files and folders

The system releases a lock when its process ends, so if a lock can be acquired, its files have no owner.
"""

from __future__ import annotations

import atexit
import os
import secrets
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

TEMPORARY = ".temporary"
OWNER_ONLY_FOLDER, OWNER_ONLY_FILE = 0o700, 0o600

_ATTEMPTS = 5  # another process may remove a new lock file before it is locked
_guard = threading.RLock()
_held: dict[
    tuple[int, str], tuple[FileLock, Path]
] = {}  # by process id, as a fork inherits the parent's, and by folder


def make_folder_private(folder: Path) -> Path:
    """Create a folder and its missing parents, readable by their owner only."""
    if not folder.is_dir():
        make_folder_private(folder.parent)
        folder.mkdir(OWNER_ONLY_FOLDER, exist_ok=True)
    return folder


def temporary_root(folder: Path) -> Path:
    """Return where to create temporary files that will be moved into a folder: its parent, if on the same disk."""
    same_disk = folder.parent.stat().st_dev == folder.stat().st_dev
    return folder.parent if same_disk else folder


def temporary_folder(folder: Path) -> Path:
    """Return this process's own folder for temporary files; it is removed when the process ends.

    Args:
        folder: The root, which must exist.

    Raises:
        OSError: The disk cannot be written.
    """
    key = (os.getpid(), str(folder.resolve()))
    with _guard:
        held = _held.get(key)
        if held and held[1].is_dir():
            return held[1]
        root = folder / TEMPORARY
        root.mkdir(OWNER_ONLY_FOLDER, exist_ok=True)
        for _ in range(_ATTEMPTS):
            own = root / secrets.token_hex(8)
            lock = FileLock(_lock_of(own), timeout=0, mode=OWNER_ONLY_FILE, thread_local=False)
            with suppress(Timeout):
                lock.acquire()
                own.mkdir(OWNER_ONLY_FOLDER)
                if _lock_of(own).exists():
                    _held[key] = (lock, own)
                    return own
        raise OSError(f"no lock could be acquired in {root}")


def new_temporary_path(folder: Path, name: str = "") -> Path:
    """Return an unused path in `temporary_folder(folder)`; nothing is created."""
    return temporary_folder(folder) / f"{name}{secrets.token_hex(8)}"


def remove_leftover_temporaries(folder: Path) -> None:
    """Remove the temporary files of ended processes; errors are ignored."""
    root = folder / TEMPORARY
    with suppress(OSError):
        for each in {path.with_suffix("") for path in root.iterdir()}:
            if not any(each == own for _, own in list(_held.values())):
                with suppress(OSError, Timeout, NotImplementedError):
                    _remove_if_dead(each)


def release_temporary_folder(folder: Path) -> None:
    """Remove this process's temporary files in a folder and release its lock, before the folder itself is removed."""
    with _guard, suppress(OSError):
        held = _held.pop((os.getpid(), str(folder.resolve())), None)
        if held:
            _remove(*held)


@contextmanager
def temporary_directory() -> Iterator[Path]:
    """Create a folder in the system's temporary folder; if the process is killed, the next call removes it."""
    root = Path(tempfile.gettempdir()) / f"postlens-{getattr(os, 'getuid', lambda: 'user')()}"
    with suppress(OSError):
        root.mkdir(OWNER_ONLY_FOLDER, exist_ok=True)
    if not _is_private(root):  # created by another user
        with tempfile.TemporaryDirectory(prefix="postlens-") as plain:
            yield Path(plain)
        return
    remove_leftover_temporaries(root)
    folder = new_temporary_path(root)
    folder.mkdir(OWNER_ONLY_FOLDER)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _is_private(folder: Path) -> bool:
    try:
        found = folder.lstat()
    except OSError:
        return False
    is_ours = not hasattr(os, "getuid") or (found.st_uid == os.getuid() and not found.st_mode & 0o077)
    return is_ours and folder.is_dir() and not folder.is_symlink()


def _lock_of(own: Path) -> Path:
    return own.with_name(f"{own.name}.lock")


def _remove_if_dead(own: Path) -> None:
    lock = FileLock(_lock_of(own), timeout=0, mode=OWNER_ONLY_FILE)
    lock.acquire()
    _remove(lock, own)


def _remove(lock: FileLock, own: Path) -> None:
    """Remove a process's files, then its lock, so that files always have a lock."""
    try:
        shutil.rmtree(own, ignore_errors=True)
        if not own.exists():
            _lock_of(own).unlink(missing_ok=True)
    finally:
        lock.release()


@atexit.register
def _remove_own() -> None:
    for (process, folder), _ in list(_held.items()):
        if process == os.getpid():
            release_temporary_folder(Path(folder))
