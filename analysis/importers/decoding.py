"""Decoding of bytes to text, and removal of characters that UTF-8 and Parquet cannot store."""

from __future__ import annotations

import codecs
import re

from analysis.importers.refused import RefusedError

_SAMPLE = 1_000_000  # characters checked to distinguish text from binary data
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8 with byte order mark"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)


def decode(content: bytes) -> tuple[str, str]:
    """Decode a table's bytes.

    A byte order mark decides; without one UTF-8 is tried, and cp1252 last, since it takes nearly anything.
    A file that is UTF-8 but for a few damaged characters, as cut-off emoji leave them, stays UTF-8.

    Args:
        content: The whole file.

    Returns:
        The text without NUL characters, and the encoding's name for people.

    Raises:
        RefusedError: If the bytes are in none of these encodings, or are not text.
    """
    text, encoding = _decoded(content)
    sample = text[:_SAMPLE]
    if len(_CONTROL.findall(sample)) > len(sample) / (50 if encoding == "cp1252" else 10):
        raise _unknown_encoding()
    return clean(text), encoding


def clean(text: str) -> str:
    """Remove NUL characters and replace lone surrogates, which neither UTF-8 nor Parquet can hold."""
    if "\x00" in text:
        text = text.replace("\x00", "")
    if not text.isascii() and _SURROGATE.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _decoded(content: bytes) -> tuple[str, str]:
    marked = next(
        ((codec, name) for mark, codec, name in _BYTE_ORDER_MARKS if content.startswith(mark)), None
    )
    codec, encoding = marked or ("utf-8", "UTF-8")
    try:
        return content.decode(codec), encoding
    except UnicodeDecodeError:
        text = content.decode(codec, "replace")
    damaged = text.count("\ufffd")
    foreign = len(text) - len(text.encode("ascii", "ignore"))
    if damaged * 10 <= (len(text) if marked else foreign):
        return text, f"{encoding} ({damaged:,} damaged characters)"
    if marked or b"\x00" in content:
        raise _unknown_encoding()
    try:
        return content.decode("cp1252"), "cp1252"
    except UnicodeDecodeError:
        raise _unknown_encoding() from None


def _unknown_encoding() -> RefusedError:
    return RefusedError(
        "is in an unknown encoding: not text in UTF-8, UTF-16 or cp1252",
        "Save it as UTF-8 and add it again.",
    )
