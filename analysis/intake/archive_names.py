"""Names of a zip's members: decoded once for the whole zip, with "/" between folders.

Names are UTF-8 if the zip says so. Other names are in the encoding in which tables name most of them, else in UTF-8
if that is possible (macOS writes it without saying so), else in the likeliest encoding.
"""

from __future__ import annotations

import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from charset_normalizer import from_bytes

from analysis.importers.decoding import decode_file_text
from analysis.importers.heartbeat import send_heartbeat
from analysis.importers.refused import RefusedError
from analysis.importers.registry import table_suffixes

_UTF8_FLAG = 0x800
_NON_LATIN = (
    "gb18030",
    "big5",
    "cp932",
    "cp949",
    "cp866",
    "cp1251",
    "cp1256",
    "cp1253",
    "cp1255",
    "cp737",
    "cp862",
)
_LATIN = ("cp437", "cp850", "cp1252", "cp852", "cp1250", "cp857", "cp1254", "mac_roman")
_DEFAULT = "cp437"  # of the format, and nearly that of Windows in Western Europe
_TABLE_BYTES = 4 * 1024 * 1024  # of a table that names are looked up in
_MAX_TABLES = 10
_MAX_NAMES = 200  # that an encoding is chosen by
_MIN_NON_ASCII = 0.5  # share of non-ASCII letters in names of a script that is not Latin


def decode_member_names(archive: zipfile.ZipFile, tables: Sequence[Path] = ()) -> list[str]:
    """Return the names of all members.

    Args:
        archive: The zip.
        tables: Files next to it that may name its members.
    """
    members = archive.infolist()
    raw = [None if each.flag_bits & _UTF8_FLAG else _raw(each) for each in members]
    unflagged = [each for each in raw if each is not None and not each.isascii()]
    encoding = _find_encoding(unflagged, archive, tables) if unflagged else _DEFAULT

    def decoded(name: bytes) -> str:
        # Two Chinese characters may look like UTF-8; Latin letters hardly do.
        own = "utf-8" if encoding in _LATIN and _decodes(name, "utf-8") else encoding
        return name.decode(own, "replace")

    return [
        (member.orig_filename if name is None else decoded(name)).replace("\\", "/")
        for member, name in zip(members, raw, strict=True)
    ]


def _raw(member: zipfile.ZipInfo) -> bytes:
    """Return the bytes of a name, which Python decodes as cp437; `filename` would be cut at a NUL character."""
    return member.orig_filename.encode("cp437", "replace")


def _find_encoding(names: Sequence[bytes], archive: zipfile.ZipFile, tables: Sequence[Path]) -> str:
    others = [name for name in names if not _decodes(name, "utf-8")]
    names = (others or names)[:_MAX_NAMES]
    encodings = ("utf-8", *_LATIN, *_NON_LATIN)  # the first of equally good ones is taken
    possible = [each for each in encodings if all(_decodes(name, each) for name in names)]
    found = dict.fromkeys(possible, 0)
    for text in _texts(archive, tables):
        send_heartbeat()
        for encoding in possible:
            paths = (PurePosixPath(name.decode(encoding).replace("\\", "/")) for name in names)
            parts = {part for path in paths for part in path.parts if not part.isascii()}
            found[encoding] += sum(unicodedata.normalize("NFC", part) in text for part in parts)
    best = max(possible, key=lambda encoding: found[encoding], default=_DEFAULT)
    if found.get(best):
        return best
    return _guess(names) if others else "utf-8"


def _texts(archive: zipfile.ZipFile, tables: Sequence[Path]) -> Iterator[str]:
    """Find the texts of tables in the zip and next to it."""
    suffixes = table_suffixes()
    members = [
        each
        for each in archive.infolist()
        if PurePosixPath(each.filename).suffix.lower() in suffixes and not each.flag_bits & 0x1
    ]
    for member in members[:_MAX_TABLES]:
        try:
            with archive.open(member) as opened:
                yield _text(opened.read(_TABLE_BYTES))
        except MemoryError:
            raise
        except Exception:  # a damaged member, which is refused when it is unpacked  # noqa: S112
            continue
    for path in tables:
        try:
            with path.open("rb") as table:
                yield _text(table.read(_TABLE_BYTES))
        except OSError:
            continue


def _text(content: bytes) -> str:
    try:
        return unicodedata.normalize("NFC", decode_file_text(content)[0])
    except RefusedError:  # such as a workbook
        return ""


def _guess(names: Sequence[bytes]) -> str:
    """Guess the encoding from the names alone: short Latin names are too little for charset-normalizer."""
    letters = b"".join(byte for name in names for byte in name.split(b".")[:1])
    foreign = sum(byte > 127 for byte in letters)
    plain = sum(chr(byte).isalpha() for byte in letters if byte < 128)
    if foreign < (foreign + plain) * _MIN_NON_ASCII:
        return _DEFAULT
    best = from_bytes(b"\n".join(names), cp_isolation=list(_NON_LATIN)).best()
    return best.encoding if best else _DEFAULT


def _decodes(name: bytes, encoding: str) -> bool:
    try:
        name.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
