"""The text of a large file, decoded block by block with the same result as `decoding.decode` has for whole files."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain

from analysis.importers.byte_source import ByteSource
from analysis.importers.decoding import (
    BYTE_ORDER_MARKS,
    GUESS_BYTES,
    NON_ASCII,
    SAMPLE_CHARS,
    check_is_text,
    guess_legacy_encodings,
    remove_invalid_characters,
    undecodable_byte_error,
    undetected_encoding_error,
    unsupported_encoding_error,
)
from analysis.importers.refused import RefusedError
from analysis.settings import MB, Settings

PIECE_CHARS = 4 * MB
"""Usual length of a piece of text, which is parsed at once."""
_CHOSEN = ", chosen"
_COUNTED = "postlens-counted"  # error handler that replaces like "replace"; see `_count_errors`


@dataclass(frozen=True)
class Encoding:
    """How the bytes of a file are decoded.

    Attributes:
        codec: A name that Python knows.
        errors: "strict", or "replace" for a file with damaged characters.
        label: Its display name.
    """

    codec: str
    errors: str
    label: str


def find_text_encoding(source: ByteSource, encoding: str | None = None) -> Encoding:
    """Find the encoding of a file, by the rules of `decoding.decode`; this reads the whole file.

    Args:
        source: The file.
        encoding: The name of the one to use; None to guess.

    Raises:
        RefusedError: See `decoding.decode`.
    """
    if encoding is not None:
        chosen = Encoding(_codec_of(source, encoding), "strict", f"{encoding}{_CHOSEN}")
        for _ in _decode(source, chosen):
            pass
        return chosen
    survey = _Survey()
    for block in source.blocks():
        survey.add(block)
    survey.finish()
    damaged = "" if not survey.failures else f" ({survey.damaged:,} damaged characters)"
    if not survey.failures or survey.damaged * 10 <= (survey.chars if survey.marked else survey.foreign):
        check_is_text(survey.start, survey.label)
        return Encoding(survey.codec, "replace" if damaged else "strict", survey.label + damaged)
    if survey.marked or survey.has_nul:
        raise undetected_encoding_error()
    for codec, label in guess_legacy_encodings(bytes(survey.sample)):
        if (start := _start_if_valid(source, codec)) is not None:
            check_is_text(start, label)
            return Encoding(codec, "strict", label)
    raise undetected_encoding_error()


def read_text_blocks(source: ByteSource, encoding: Encoding) -> Iterator[str]:
    """Decode a file block by block, without NUL characters."""
    first = True
    for text in _decode(source, encoding):
        yield remove_invalid_characters(
            text.removeprefix("\ufeff") if first and encoding.label.endswith(_CHOSEN) else text
        )
        first = first and not text


def rechunk_at_line_ends(blocks: Iterator[str], ends: str, settings: Settings) -> Iterator[str]:
    """Join blocks of text to pieces that end with a line.

    Args:
        blocks: From `read_text_blocks`.
        ends: The characters that end a line, the usual one first; the others count if the usual one is missing.
        settings: The limit of a line. Longer lines are cut there.

    Yields:
        Pieces of about `PIECE_CHARS`; the last may end without the end of a line.
    """
    waiting: list[str] = []
    size = 0
    for block in blocks:
        waiting.append(block)
        size += len(block)
        if size < PIECE_CHARS:
            continue
        text = "".join(waiting)
        end = next((found for each in ends if (found := text.rfind(each, 0, -1) + 1)), 0)
        if not end and size > settings.max_line_chars:
            end = size
        if end:
            yield text[:end]
        waiting, size = [text[end:]], size - end
    if size:
        yield "".join(waiting)


class _Survey:
    """What a pass over a file finds out about its encoding."""

    def __init__(self) -> None:
        self.codec, self.label, self.marked = "utf-8", "UTF-8", False
        self.failures = self.damaged = self.foreign = self.chars = 0
        self.has_nul = False
        self.start = ""
        self.sample = bytearray()  # around the first bytes beyond ASCII
        self._after: int | None = None  # bytes of the sample from the first one beyond ASCII
        self._decode: Callable[[bytes, bool], str] | None = None

    def add(self, block: bytes) -> None:
        if self._decode is None:
            for mark, codec, label in BYTE_ORDER_MARKS:
                if block.startswith(mark):
                    self.codec, self.label, self.marked = codec, label, True
                    break
            self._decode = codecs.getincrementaldecoder(self.codec)(_COUNTED).decode
        _failures[0] = 0
        self._count(self._decode(block, False))
        self.has_nul = self.has_nul or b"\x00" in block
        if self._after is None:
            first = NON_ASCII.search(block)
            start = max(0, first.start() - GUESS_BYTES) if first else max(0, len(block) - GUESS_BYTES)
            self.sample += block[start : first.start() + 2 * GUESS_BYTES if first else None]
            if first:
                self._after = len(block) - first.start()
            else:
                del self.sample[:-GUESS_BYTES]
        elif self._after < GUESS_BYTES:
            self.sample += block[: 2 * GUESS_BYTES]
            self._after += len(block)

    def finish(self) -> None:
        _failures[0] = 0
        if self._decode is not None:
            self._count(self._decode(b"", True))

    def _count(self, text: str) -> None:
        self.failures += _failures[0]
        self.chars += len(text)
        if len(self.start) < SAMPLE_CHARS:
            self.start += text[: SAMPLE_CHARS - len(self.start)]
        if not text.isascii():
            self.damaged += text.count("\ufffd")
            self.foreign += len(text) - len(text.encode("ascii", "ignore"))


_failures = [0]


def _count_errors(error: UnicodeError) -> tuple[str | bytes, int]:
    """Replace damaged characters, and count them apart from those that the text has itself."""
    _failures[0] += 1
    return codecs.replace_errors(error)


codecs.register_error(_COUNTED, _count_errors)


def _codec_of(source: ByteSource, encoding: str) -> str:
    """Return the codec of the encoding that the analyst chose.

    Raises:
        RefusedError: If it is unknown, or does not encode text.
    """
    try:
        b" ".decode(encoding, "replace")
        name = codecs.lookup(encoding).name
    except (LookupError, ValueError):
        raise unsupported_encoding_error(encoding) from None
    # Read in blocks, these need a mark that says in which order bytes are; read whole, they do not.
    marked = source.head(4).startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE))
    return f"{name}-{sys.byteorder[0]}e" if name in ("utf-16", "utf-32") and not marked else name


def _decode(source: ByteSource, encoding: Encoding) -> Iterator[str]:
    """Decode a file block by block.

    Raises:
        RefusedError: If it is not in the encoding.
    """
    decoder = codecs.getincrementaldecoder(encoding.codec)(encoding.errors)
    done = waiting = 0  # bytes read, and those of them that the decoder keeps for the next block
    for block in chain(source.blocks(), [b""]):
        try:
            yield decoder.decode(block, not block)
        except UnicodeError as error:
            start = error.start if isinstance(error, UnicodeDecodeError) else 0
            name = encoding.label.removesuffix(_CHOSEN)
            raise undecodable_byte_error(name, done - waiting + start) from None
        done += len(block)
        waiting = len(decoder.getstate()[0])


def _start_if_valid(source: ByteSource, codec: str) -> str | None:
    """Return the first characters of a file if all of it is valid in an encoding, else None."""
    start = ""
    try:
        for text in _decode(source, Encoding(codec, "strict", codec)):
            if len(start) < SAMPLE_CHARS:
                start += text[: SAMPLE_CHARS - len(start)]
    except RefusedError:
        return None
    return start
