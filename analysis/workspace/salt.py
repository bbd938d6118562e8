"""The secret salt of pseudonyms: one per workspace, in a file that only its owner may read; it is never exported."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from analysis.errors import WorkspaceError
from analysis.temporary import OWNER_ONLY_FILE, make_folder_private
from analysis.workspace.files import wrap_disk_errors
from analysis.workspace.layout import SALT

SALT_BYTES = 32


def read_workspace_salt(home: Path) -> bytes:
    """Return the salt of a workspace; it is created when it is first needed.

    Args:
        home: The workspace's folder.

    Returns:
        `SALT_BYTES` random bytes, always the same for one workspace.

    Raises:
        WorkspaceError: The file cannot be read or written, or is damaged.
    """
    with wrap_disk_errors("The salt of pseudonyms"):
        make_folder_private(home)
    return read_salt_file(home / SALT)


def read_salt_file(path: Path) -> bytes:
    """Return the salt in a file; the file is created if it is missing, readable by its owner only.

    Args:
        path: The file; it holds 64 hexadecimal digits.

    Returns:
        `SALT_BYTES` bytes.

    Raises:
        WorkspaceError: The file cannot be read or written, or has other content.
    """
    try:
        if not path.exists():
            _create_salt_file(path)
        return _parse_salt(path)
    except OSError as error:
        raise WorkspaceError(
            str(path),
            f"cannot be read or written: {error.strerror or error}",
            "Check the free space and your permissions, or choose another file.",
        ) from error


def _parse_salt(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(4 * SALT_BYTES)  # a special file such as /dev/zero never ends
    try:
        salt = bytes.fromhex(content.decode("ascii"))
    except ValueError:
        salt = b""
    if len(salt) != SALT_BYTES:
        raise WorkspaceError(
            str(path),
            f"is not a salt of pseudonyms, which has {2 * SALT_BYTES} hexadecimal digits",
            "Choose another file, or move it away so that a new one is created; pseudonyms will then be different.",
        )
    return salt


def _create_salt_file(path: Path) -> None:
    """Write a new salt, unless another process was faster; a salt is never replaced.

    Raises:
        OSError: The disk cannot be written.
    """
    temporary = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        with os.fdopen(
            os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY_FILE), "wb"
        ) as file:
            file.write(secrets.token_bytes(SALT_BYTES).hex().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            try:
                os.link(temporary, path)
            except FileExistsError:
                raise
            except OSError:  # a disk without hard links
                temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
