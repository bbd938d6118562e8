"""Decoding of bytes to text, and removal of characters that UTF-8 and Parquet cannot store."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from contextlib import suppress

from analysis.importers.legacy import guess_legacy
from analysis.importers.refused import RefusedError

SAMPLE_CHARS = 1_000_000
"""Characters that are checked to distinguish text from binary data."""
GUESS_BYTES = 64 * 1024
"""Size of the sample from which a legacy encoding is guessed; it takes up to 0.2 s."""
_MIN_COHERENCE = 0.1  # of the letter frequencies with those of a language; charset-normalizer's own threshold
_NON_LATIN = ["cp1251", "cp1253", "cp1255", "cp1256", "gb18030", "big5", "cp932", "cp949"]
_MIN_NON_ASCII = (
    0.7  # share of non-ASCII bytes in words that have some; 0.3 is usual for Latin scripts, 1 for others
)
_WORD = re.compile(rb"[A-Za-z\x80-\xff]+")
NON_ASCII = re.compile(rb"[\x80-\xff]")
"""A byte beyond ASCII."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8 with byte order mark"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
"""First bytes of a file that decide its encoding, the encoding, and its display name."""


def decode_file_text(content: bytes, encoding: str | None = None) -> tuple[str, str]:
    """Decode a table's bytes.

    A byte order mark decides. Without one, the text is UTF-8 if it is valid as such, or nearly valid: a truncated
    emoji must not change the encoding of the whole file. Otherwise it is in a legacy encoding: one of a non-Latin
    script if charset-normalizer recognises a language in it, else the one that gives plausible text (`legacy`).

    Args:
        content: The whole file.
        encoding: The name of the one to use; None to guess.

    Returns:
        The text without NUL characters, and the encoding's display name.

    Raises:
        RefusedError: If the bytes are in none of these encodings or not in the one to use, or are not text.
    """
    if encoding is not None:
        return remove_invalid_characters(_decode_as(content, encoding)), f"{encoding}, chosen"
    text, encoding = _decode_bytes(content)
    check_is_text(text, encoding)
    return remove_invalid_characters(text), encoding


def check_is_text(text: str, encoding: str) -> None:
    """Refuse binary data that happens to be valid in an encoding.

    Args:
        text: The file, or at least its first `SAMPLE_CHARS`.
        encoding: The display name of its encoding.

    Raises:
        RefusedError: If too many of the first characters are control characters.
    """
    sample = text[:SAMPLE_CHARS]
    if len(_CONTROL.findall(sample)) > len(sample) / (10 if encoding.startswith("UTF") else 50):
        raise undetected_encoding_error()


def decode_file_head(head: bytes) -> str:
    """Decode the start of a file as far as its format can be recognised from it; "" for what is not text."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return head[: len(head) // 2 * 2].decode("utf-16", "replace")
    return "" if b"\x00" in head else head.decode("utf-8-sig", "replace")


def remove_invalid_characters(text: str) -> str:
    """Remove NUL characters and byte order marks, and replace lone surrogates: UTF-8 or Parquet cannot hold them."""
    for mark in ("\x00", "\ufeff"):  # a byte order mark inside a file is left from joined files
        if mark in text:
            text = text.replace(mark, "")
    if not text.isascii() and _SURROGATE.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _decode_as(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise undecodable_byte_error(encoding, error.start) from None
    except (
        LookupError,
        ValueError,
    ):  # a codec from bytes to bytes is a LookupError; a name with NUL a ValueError
        raise unsupported_encoding_error(encoding) from None


def _decode_bytes(content: bytes) -> tuple[str, str]:
    marked = next(((codec, name) for mark, codec, name in BYTE_ORDER_MARKS if content.startswith(mark)), None)
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
        raise undetected_encoding_error()
    for codec, label in guess_legacy_encodings(content):
        with suppress(UnicodeDecodeError):  # the rest of the file may not fit
            return content.decode(codec), label
    raise undetected_encoding_error()


def guess_legacy_encodings(content: bytes) -> Iterator[tuple[str, str]]:
    """Guess the encodings of bytes that are not UTF-8.

    Args:
        content: The file, or the part of it around its first bytes beyond ASCII.

    Yields:
        Names of encodings, the most likely first, each with its display name.
    """
    guess = _guess_non_latin(content)
    if guess is not None:
        yield guess, f"{guess}, guessed"
    guess, plausible = guess_legacy(_sample(content))
    if guess != "cp1252":
        yield guess, f"{guess}, guessed"
    label = "cp1252" if plausible else "cp1252, guessed; if texts look wrong, choose another encoding"
    yield "cp1252", label


def _guess_non_latin(content: bytes) -> str | None:
    """Guess a legacy encoding of a non-Latin script; None unless it is likely.

    charset-normalizer alone is not reliable here: it detects cp1252 texts such as "café" or "£20" as Cyrillic or
    Japanese. Its guess counts only if it recognises a language, and if words with non-ASCII characters have few ASCII
    letters, unlike those of Latin scripts. It gets a part of the file that has non-ASCII characters, as a whole file
    would take seconds.
    """
    from charset_normalizer import from_bytes

    sample = _sample(content)
    words = b"".join(word for word in _WORD.findall(sample) if not word.isascii())
    if len(NON_ASCII.findall(words)) < len(words) * _MIN_NON_ASCII:
        return None
    best = from_bytes(sample, cp_isolation=[*_NON_LATIN, "cp1252"]).best()
    if best is None or best.encoding not in _NON_LATIN or best.coherence < _MIN_COHERENCE:
        return None
    return best.encoding


def _sample(content: bytes) -> bytes:
    """Return a part of a file that has bytes beyond ASCII and ends at the end of a line."""
    first = NON_ASCII.search(content)
    start = 0 if first is None else content.rfind(b"\n", 0, first.start()) + 1
    sample = content[max(start, (first.start() if first else 0) - GUESS_BYTES // 2) :][:GUESS_BYTES]
    if len(sample) == GUESS_BYTES:  # a character at the end may be incomplete
        sample = sample[: sample.rfind(b"\n") + 1] or sample
    return sample


def unsupported_encoding_error(encoding: str) -> RefusedError:
    """Return the error for an encoding that Python does not know."""
    return RefusedError(
        f"cannot be read in the encoding {encoding[:40]!r}, which is unknown",
        "Name one such as utf-8, cp1252 or shift_jis.",
    )


def undecodable_byte_error(encoding: str, position: int) -> RefusedError:
    """Return the error for a file that has a byte at a position, from 0, that its chosen encoding does not have."""
    return RefusedError(
        f"is not in the encoding {encoding}: byte {position + 1:,} does not occur in it",
        "Choose another encoding, or let PostLens guess it.",
    )


def undetected_encoding_error() -> RefusedError:
    """Return the error for a file that is not text in any known encoding."""
    return RefusedError(
        "is in an unknown encoding: not text in UTF-8, UTF-16 or cp1252",
        "Choose its encoding, or save it as UTF-8 and add it again.",
    )
