"""Reads a bundle's files, which may come from anywhere: only regular files of limited size."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from analysis.errors import BundleError, PostLensError
from analysis.settings import MB

COPY_AGAIN = "Copy the bundle's folder again."


def bundle_file(folder: Path, name: str, most: int | None = None) -> Path:
    """Return the path of a file of a bundle.

    Args:
        folder: The bundle's.
        name: The file's.
        most: Largest size, bytes; None for any.

    Raises:
        BundleError: There is no such file, it is a folder, a link or a device, or it is too large.
    """
    path, thing = folder / name, f"{folder.name}/{name}"
    with readable(thing):
        if path.is_symlink():
            raise BundleError(thing, "is a link to another file", "Copy that file into the bundle's folder.")
        if not path.is_file():
            fact = "is not a file" if path.exists() else "is missing"
            raise BundleError(thing, fact, COPY_AGAIN)
        size = path.stat().st_size
    if most is not None and size > most:
        fact = f"is {size / MB:,.0f} MB; the limit is {most // MB:,} MB"
        raise BundleError(thing, fact, "Use a bundle written by `postlens train`.")
    return path


def has_file(folder: Path, name: str) -> bool:
    """Return whether a bundle's folder has an entry of this name."""
    path = folder / name
    with readable(f"{folder.name}/{name}"):
        return path.is_symlink() or path.exists()


def read_text(folder: Path, name: str, most: int) -> str:
    """Read a UTF-8 file; see `bundle_file` for arguments and errors."""
    path = bundle_file(folder, name, most)
    with readable(f"{folder.name}/{name}"):
        return path.read_text(encoding="utf-8")


def read_json(folder: Path, name: str, most: int, finite: bool = True) -> dict[str, Any]:
    """Read a JSON object, without NaN and Infinity if `finite`; see `bundle_file` for arguments and errors."""
    text = read_text(folder, name, most)
    with readable(f"{folder.name}/{name}"):
        values = json.loads(text, parse_constant=_refuse_constant if finite else None)
        if not isinstance(values, dict):
            raise ValueError("it is not a JSON object")
        return values


@contextmanager
def readable(thing: str, remedy: str = COPY_AGAIN) -> Iterator[None]:
    """Turn every error that a parser raises on hostile content into a `BundleError`.

    Args:
        thing: Name of what is read, such as "compact/config.json".
        remedy: What the user can do.

    Raises:
        BundleError: Anything was raised within the block.
    """
    try:
        yield
    except PostLensError:
        raise
    except Exception as error:
        raise BundleError(thing, f"cannot be read ({first_line(error)})", remedy) from error
    except BaseException as error:  # the tokenizers library panics on some files
        if type(error).__name__ != "PanicException":
            raise
        raise BundleError(thing, f"cannot be read ({first_line(error)})", remedy) from error


def first_line(error: BaseException) -> str:
    """Return the first line of an error's message, at most 200 characters, or its type."""
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number")
