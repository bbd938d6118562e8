"""Texts of downloads from Meta, in which each byte of UTF-8 is written as a character of its own."""

from __future__ import annotations

from typing import Any


def repair(value: Any) -> str:
    """Return a text with its UTF-8 decoded; "" for what is not a text."""
    if not isinstance(value, str):
        return ""
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:  # it is right already
        return value


def objects_in(value: Any) -> list[dict[str, Any]]:
    """Return the objects of a list; none for anything else."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def entries_of(document: Any) -> list[Any] | None:
    """Return the entries of a document: a list, or an object that holds just one list."""
    if isinstance(document, dict) and len(document) == 1:
        document = next(iter(document.values()))
    return document if isinstance(document, list) and document else None
