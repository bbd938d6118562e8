"""Reads the files of a bundle safely: bundles are untrusted, so only regular files of limited size are read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from analysis.errors import BundleError, PostLensError
from analysis.settings import MB

COPY_AGAIN = "Copy the bundle's folder again."


def get_bundle_file(folder: Path, name: str, max_bytes: int | None = None) -> Path:
    """Return the path of a file in a bundle.

    Args:
        folder: The bundle's folder.
        name: File name, such as "config.json" or "en/tokenizer.json".
        max_bytes: Maximum size in bytes; None for no limit.

    Raises:
        BundleError: The file is missing, is not a regular file, or is too large.
    """
    path, thing = folder / name, f"{folder.name}/{name}"
    with wrap_bundle_errors(thing):
        inside = path.relative_to(folder).parts
        if any(folder.joinpath(*inside[:depth]).is_symlink() for depth in range(1, len(inside) + 1)):
            raise BundleError(thing, "is a symbolic link", "Copy the linked file into the bundle's folder.")
        if not path.is_file():
            fact = "is not a file" if path.exists() else "is missing"
            raise BundleError(thing, fact, COPY_AGAIN)
        size = path.stat().st_size
    if max_bytes is not None and size > max_bytes:
        fact = f"is {size / MB:,.0f} MB; the limit is {max_bytes // MB:,} MB"
        raise BundleError(thing, fact, "Use a bundle written by `postlens train`.")
    return path


def has_bundle_file(folder: Path, name: str) -> bool:
    """Return whether a bundle's folder contains an entry with this name."""
    path = folder / name
    with wrap_bundle_errors(f"{folder.name}/{name}"):
        return path.is_symlink() or path.exists()


def read_bundle_text(folder: Path, name: str, max_bytes: int) -> str:
    """Read a UTF-8 file; see `get_bundle_file` for arguments and errors."""
    path = get_bundle_file(folder, name, max_bytes)
    with wrap_bundle_errors(f"{folder.name}/{name}"):
        return path.read_text(encoding="utf-8")


def read_bundle_json(folder: Path, name: str, max_bytes: int, finite: bool = True) -> dict[str, Any]:
    """Read a JSON object; `finite` rejects NaN and Infinity. See `get_bundle_file` for arguments and errors."""
    text = read_bundle_text(folder, name, max_bytes)
    with wrap_bundle_errors(f"{folder.name}/{name}"):
        values = json.loads(text, parse_constant=_refuse_constant if finite else None)
        if not isinstance(values, dict):
            raise ValueError("it is not a JSON object")
        return values


@contextmanager
def wrap_bundle_errors(thing: str, remedy: str = COPY_AGAIN) -> Iterator[None]:
    """Convert every error raised in the block, such as a parser's on malicious content, to a `BundleError`.

    Args:
        thing: What is read, for the error message, such as "compact/config.json".
        remedy: How the user can fix it.

    Raises:
        BundleError: The block raised an error.
    """
    try:
        yield
    except PostLensError:
        raise
    except Exception as error:
        raise BundleError(thing, f"cannot be read ({first_line_of_error(error)})", remedy) from error
    except BaseException as error:  # the tokenizers library panics on some files
        if type(error).__name__ != "PanicException":
            raise
        raise BundleError(thing, f"cannot be read ({first_line_of_error(error)})", remedy) from error


def first_line_of_error(error: BaseException) -> str:
    """Return the first line of an error's message, at most 200 characters, or its type if there is no message."""
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number")
