"""Compiled encoders kept between runs, so that scoring starts sooner: a cache, which can be deleted at any time.

<home>/compiled/<key>.bin    SHA-256 of the key and the content (32 bytes), then the content

The key is a hash of everything that the content depends on (`analysis.model.compiled`). What is known of a bundle is
kept in the same way (`analysis.model.facts`). No content of posts is stored. Every error only means that an encoder
is compiled again.
"""

from __future__ import annotations

import logging
import os
import stat
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from analysis.errors import WorkspaceError
from analysis.settings import Settings
from analysis.temporary import make_folder_private, remove_leftover_temporaries
from analysis.workspace.files import open_atomically
from analysis.workspace.home import default_workspace_home
from analysis.workspace.layout import COMPILED, COMPILED_SUFFIX

log = logging.getLogger(__name__)

_DIGEST_BYTES = 32


class CompiledEncoders:
    """The compiled encoders of a workspace; several processes may use them at once.

    Args:
        home: The workspace's folder; created with the first entry.
        max_bytes: Size of all entries; those that were not used for the longest time are deleted.
    """

    def __init__(self, home: Path, max_bytes: int) -> None:
        self.home = home
        self.folder = home / COMPILED
        self.max_bytes = max_bytes

    def load(self, key: str) -> bytes | None:
        """Return the content stored under a key; None if there is none, or if it is damaged or not the user's own."""
        path = self._path_of(key)
        try:
            with os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)), "rb") as file:
                if not _is_own_file(os.fstat(file.fileno())):
                    raise OSError("it is not a file of this user")
                digest, content = file.read(_DIGEST_BYTES), file.read()
            if digest != _compute_digest(key, content):
                raise OSError("it is damaged")
        except FileNotFoundError:
            return None
        except OSError as error:
            log.warning("compiled encoder %s is ignored and compiled again: %s", path.name, error)
            return None
        with suppress(OSError):
            os.utime(path)  # the time of the latest use
        return content

    def store(self, key: str, content: bytes | memoryview) -> None:
        """Store content under a key, atomically, and delete old entries; if it cannot be stored, that is logged."""
        if len(content) > self.max_bytes:
            return
        try:
            make_folder_private(self.folder)
            remove_leftover_temporaries(self.home)
            with open_atomically(self._path_of(key), within=self.home) as file:
                file.write(_compute_digest(key, content))
                file.write(content)
            self._delete_oldest()
        except OSError as error:
            log.warning("a compiled encoder cannot be stored in %s: %s", self.folder, error)

    def _path_of(self, key: str) -> Path:
        return self.folder / f"{key}{COMPILED_SUFFIX}"

    def _delete_oldest(self) -> None:
        """Delete the entries that were not used for the longest time, until the others fit."""
        entries = []
        for path in self.folder.glob(f"*{COMPILED_SUFFIX}"):
            with suppress(OSError):  # deleted by another process
                status = path.lstat()
                entries.append((status.st_mtime_ns, status.st_size, path))
        total = 0
        for _, size, path in sorted(entries, reverse=True):
            total += size
            if total > self.max_bytes:
                path.unlink(missing_ok=True)


def open_compiled_encoders(settings: Settings) -> CompiledEncoders | None:
    """Return the compiled encoders of the default workspace; None if the settings or its path do not allow them."""
    if not settings.max_compiled_bytes:
        return None
    try:
        return CompiledEncoders(default_workspace_home(), settings.max_compiled_bytes)
    except (WorkspaceError, RuntimeError) as error:  # not UTF-8, or no home folder
        log.warning("compiled encoders are not kept: %s", error)
        return None


def _is_own_file(status: os.stat_result) -> bool:
    """Return whether only this user can have written a file."""
    is_own = not hasattr(os, "getuid") or (status.st_uid == os.getuid() and not status.st_mode & 0o022)
    return is_own and stat.S_ISREG(status.st_mode)


def _compute_digest(key: str, content: bytes | memoryview) -> bytes:
    digest = sha256(key.encode())
    digest.update(content)
    return digest.digest()
