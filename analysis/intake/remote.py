"""Downloads from object storage, such as s3://bucket/posts.parquet, with fsspec.

The supported URL schemes depend on the installed packages: s3fs for s3://, gcsfs for gs://.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from analysis.errors import IntakeError
from analysis.settings import Settings

_VERSION_KEYS = ("ETag", "etag", "mtime", "LastModified", "created")  # by kind of storage


def download_images(address: str, folder: Path, settings: Settings | None = None) -> Path:
    """Download a file, or a folder with its subfolders.

    Args:
        address: Of a file or a folder.
        folder: The target folder; created if missing.
        settings: Holds the largest number of files; the defaults when None.

    Returns:
        The copy, with its original name.

    Raises:
        IntakeError: If it is missing, cannot be read, has no files or too many, or its kind is not supported.
    """
    with _storage_errors(address):
        system, root, found = _find_files(address, settings or Settings())
        target = folder / (PurePosixPath(address).name or "input")
        for path in found:
            inside = PurePosixPath(path).relative_to(root)
            if ".." in inside.parts:  # possible in object storage; a file must not leave its folder
                raise IntakeError(f"{address}/{inside}", "has a path outside its folder", "Rename it.")
            copy = target / inside
            copy.parent.mkdir(parents=True, exist_ok=True)
            system.get_file(path, str(copy))
    return target


def hash_remote_files(address: str, settings: Settings | None = None) -> str:
    """Hash the names, sizes and times of the files that `download_images` would download, to detect changes.

    Raises:
        IntakeError: See `download_images`.
    """
    digest = hashlib.sha256()
    with _storage_errors(address):
        _, _, found = _find_files(address, settings or Settings())
    for path, about in sorted(found.items()):
        changed = next((about[key] for key in _VERSION_KEYS if about.get(key)), "")
        digest.update(f"{path}\0{about.get('size')}\0{changed}\0".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _find_files(address: str, settings: Settings) -> tuple[Any, PurePosixPath, dict[str, Any]]:
    """Return the file system of an address, the path in it, and its files with their details."""
    from fsspec.core import url_to_fs

    system, root = url_to_fs(address)
    entries = system.find(root, detail=True)
    found = {
        path: about for path, about in entries.items() if not path.endswith("/")
    }  # these represent folders
    if not found:
        raise IntakeError(address, "contains no files, or does not exist", "Check the spelling.")
    if len(found) > settings.max_archive_members:
        fact = f"contains more than {settings.max_archive_members:,} files"
        raise IntakeError(address, fact, "Choose a folder with only the posts, or add it in parts.")
    return system, PurePosixPath(root), found


@contextmanager
def _storage_errors(address: str) -> Iterator[None]:
    """Convert storage errors to errors with a remedy."""
    try:
        yield
    except ImportError as error:
        needed = "Run `pip install postlens[scale]`, or `pip install .[scale]` in a clone; "
        needed += "also install s3fs for s3:// or gcsfs for gs://."
        raise IntakeError(address, f"cannot be read: {error}", needed) from error
    except IntakeError:
        raise
    except Exception as error:  # each kind of storage has its own errors
        raise IntakeError(
            address,
            f"cannot be read: {type(error).__name__}: {str(error)[:200]}",
            "Check the spelling, and that you have permission to read it.",
        ) from error
