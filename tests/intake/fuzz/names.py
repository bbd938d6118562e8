"""Unusual file names."""

from __future__ import annotations

import random
from pathlib import PurePosixPath

_NAMES = (
    "", " ", ".", "..", "/", "\\", "../../etc/passwd", "/etc/passwd", "C:\\Windows\\win.ini", "a/../../b",
    "./a", "a//b",
    "CON", "NUL", "aux", "com1", "LPT1", ".csv", ".zip", "...", "a.", "a ", " a", "-rf", "~", "$HOME",
    "%s%n", "{0}",
    "a\x00b", "\x00", "a\nb", "a\rb", "a\tb", "\x1b[31mred", "\x7f", "\x85", "\ud800", "a\udcffb",
    "\ufeffa", "\u202etxt",
    "\u2066a\u2069", "\u200b", "e\u0301" * 40, "Z" + "\u0300" * 200, "👩‍👩‍👧‍👦", "🏳️‍🌈", "ﷺ", "İ", "ß",
    "ﬁ", "\U000e0001",
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[a](javascript:alert(1))", "`a`",
    "**a**", ":smile:",
    "=1+1", "'; DROP TABLE posts; --", '"', "'", ",", ";", "|", "a" * 255, "a" * 5_000, "a/" * 500,
    "é" * 130, "?", "*", "[",
    "__MACOSX/a", "._a", ".DS_Store", "Thumbs.db", "a:b", "a::$DATA", "file:///etc/passwd",
    "http://example.org/a.jpg",
)  # fmt: skip
_ENDINGS = (
    ".csv",
    ".json",
    ".ndjson",
    ".xlsx",
    ".parquet",
    ".zip",
    ".jpg",
    ".png",
    ".tsv",
    ".txt",
    ".xls",
    ".mp4",
    "",
)


def hostile_name(chance: random.Random, name: str) -> str:
    """A hostile name: alone, with an ending, around the usual one, or the usual one with another ending."""
    hostile = chance.choice(_NAMES)
    ending = PurePosixPath(name).suffix
    return chance.choice(
        (
            hostile,
            hostile + ending,
            hostile + chance.choice(_ENDINGS),
            f"{hostile}/{name}",
            name.replace(".", hostile + "."),
            name + hostile,
            name.removesuffix(ending) + chance.choice(_ENDINGS),
            name.upper(),
        )
    )
