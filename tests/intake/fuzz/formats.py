"""Damage that keeps a file's outer structure valid, so that it reaches the code behind the first checks."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable

from tests.intake.bombs import zip_file
from tests.intake.fuzz.binary_formats import (
    EXTREMES,
    ODD,
    change_cells,
    change_chunk,
    change_footer,
    change_segment,
)
from tests.intake.fuzz.names import hostile_name

Mutation = Callable[[random.Random, bytes], bytes]

_BROKEN = (
    b"\xff",
    b"\xc0\x80",
    b"\xed\xa0\x80",
    b"\xf8\x88\x80\x80\x80",
    b"\xe2\x82",
    b"\x80" * 3,
    b"\xf0\x9f",
)
_MARKS = (
    b'"',
    b'""',
    b'"""',
    b",",
    b";",
    b"\t",
    b"|",
    b"\n",
    b"\r",
    b"\r\n",
    b"'",
    b"\\",
    b',"',
    b'",',
    b"\n\n",
    b" ",
)
_TOKENS = (
    b"null", b"true", b"[]", b"{}", b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-0", b"0.1e-400",
    b"9" * 5_000, b'""',
    rb'"\ud800"', rb'"\u0000"', b"[" * 50 + b"]" * 50, b"[" * 3_000, b'{"a":' * 20 + b"1" + b"}" * 20,
    b'{"a":1,"a":2}', b",", b":",
    b'"' + b"a" * 3_000 + b'"', b'{"text":"x"}', b"\n",
)  # fmt: skip
_XML = (
    b"<c/>", b"<row/>", b'<row r="0"/>', b'<row r="99999999999"/>', b'<c r="XFD1"/>',
    b'<c r="A0"><v>1</v></c>',
    b'<c t="s"><v>-1</v></c>', b'<c t="s"><v>99999999</v></c>', b'<c t="inlineStr"/>', b"<v>", b"</v>",
    b"&lt;", b"&x;", b"&#0;",
    b"&#xD800;", b"<![CDATA[", b"]]>", b"<!--", b"-->", b"<?x?>", b"<!DOCTYPE x>",
    b'<c t="d"><v>x</v></c>', b"\x00",
    b'<c s="999999"><v>1</v></c>', b'<c t="e"><v>#N/A</v></c>', b"<v>1e999</v>", b"<v>-1e30</v>",
    b"\xff\xfe",
)  # fmt: skip
_FIELDS = (
    b"9999-12-31T23:59:59-23:59", b"0001-01-01T00:00:00+14:00", b"0000-00-00", b"99999-01-01",
    b"2026-02-30", b"31/31/2026",
    b"253402300800", b"-62135596801", b"9999999999999", b"1e308", b"9" * 64, b"9" * 5_000, b"24:00",
    b"2026-01-01T00:00:60Z",
    b"a.jpg;" * 200, b"[[[[", b'["a.jpg", 1, null, {}]', b"http://[", b"http://[::1", b"https://x/%ff%00",
    b"//", b"file:///a.jpg", b"id",
    b"text", b"image", b"{@" * 2_000, b"1,234,5", b"1\xc2\xa0200", b"=cmd|' /C calc'!A0", b"p1",
    b"a" * 100_001, b"#" * 3_000,
)  # fmt: skip
_FIELD = re.compile(rb"[^,;\t|\n\r\"]+")
_JSON_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+')
_TAG = re.compile(rb"<[^>]*>")
_VALUE = re.compile(rb'"[^"]*"|>[^<]+<')


def put_mark(chance: random.Random, data: bytes) -> bytes:
    """Insert quotation marks, separators and line ends."""
    return _put(chance, data, chance.choice(_MARKS), chance.choice((1, 1, 3, 20)))


def put_odd_letter(chance: random.Random, data: bytes) -> bytes:
    codec = chance.choice(("utf-8", "utf-8", "utf-16-le"))
    return _put(chance, data, chance.choice(ODD).encode(codec), chance.choice((1, 3, 20)))


def put_broken_letter(chance: random.Random, data: bytes) -> bytes:
    return _put(chance, data, chance.choice(_BROKEN), chance.choice((1, 1, 5)))


def repeat_line(chance: random.Random, data: bytes) -> bytes:
    lines = data.split(b"\n")
    return b"\n".join([*lines, *[chance.choice(lines)] * chance.choice((1, 30))])


def change_encoding(chance: random.Random, data: bytes) -> bytes:
    """Write it in another encoding, with and without its mark."""
    text = data.decode("utf-8", "replace")
    return text.encode(
        chance.choice(("utf-16", "utf-16-be", "utf-32", "utf-8-sig", "cp1252", "utf-7")), "replace"
    )


def change_field(chance: random.Random, data: bytes) -> bytes:
    """Replace a field of a table by a time, number or reference that is hard to read."""
    found = list(_FIELD.finditer(data))
    if not found:
        return put_mark(chance, data)
    at = chance.choice(found)
    return data[: at.start()] + chance.choice(_FIELDS) + data[at.end() :]


def change_token(chance: random.Random, data: bytes) -> bytes:
    """Replace, double or remove a token of JSON."""
    found = list(_JSON_TOKEN.finditer(data))
    if not found:
        return _put(chance, data, chance.choice(_TOKENS), 1)
    at = chance.choice(found)
    new = chance.choice(
        (chance.choice(_TOKENS), chance.choice(_TOKENS), at[0] * 2, b"", chance.choice(found)[0])
    )
    return data[: at.start()] + new + data[at.end() :]


def change_directory(chance: random.Random, data: bytes) -> bytes:
    """Overwrite a field in one of a zip's headers."""
    marks = [at.start() for at in re.finditer(rb"PK(?:\x01\x02|\x03\x04|\x05\x06|\x06\x06|\x06\x07)", data)]
    if not marks:
        return data
    place = chance.choice(marks) + chance.randrange(4, 46)
    width = chance.choice((2, 2, 4))
    number = chance.choice((*EXTREMES, *marks)) % (1 << 8 * width)
    return data[:place] + number.to_bytes(width, "little") + data[place + width :]


def change_member(chance: random.Random, data: bytes) -> bytes:
    """Change the content, name or number of a member and pack the zip again, with right checksums."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [(member.filename, archive.read(member)) for member in archive.infolist()]
    except Exception:  # an earlier step damaged it
        return change_directory(chance, data)
    if not members:
        return data
    place = chance.randrange(len(members))
    name, content = members[place]
    way = chance.randrange(8)
    if way == 0:
        members[place] = hostile_name(chance, name), content
    elif way == 1:
        members.append((name, content + b" "))
    elif way == 2:
        del members[place]
    else:
        members[place] = name, _changed(chance, name, content)
    pack = chance.choice((zip_file.deflated, zip_file.stored))
    return zip_file.zipped([pack(_short(name), content) for name, content in members])


def _short(name: str) -> str:
    return name.encode("utf-8", "replace").decode()[:10_000]


def _changed(chance: random.Random, name: str, content: bytes) -> bytes:
    ending = name.rpartition(".")[2]
    fitting = {"csv": "text", "parquet": "parquet", "png": "png", "jpg": "jpeg", "xlsx": "zip"}
    return chance.choice(BY_KIND[fitting[ending]] if ending in fitting else (change_xml,))(chance, content)


def change_member_name(chance: random.Random, data: bytes) -> bytes:
    """Overwrite a part of a member's name by as many bytes, in its headers alike or in one of them."""
    found = list(re.finditer(rb"PK\x01\x02.{24}(..).{16}", data, re.DOTALL))
    if not found:
        return data
    at = chance.choice(found)
    name = data[at.end() : at.end() + int.from_bytes(at[1], "little")]
    start = chance.choice((0, 0, chance.randrange(len(name) + 1)))
    odd = chance.choice(
        (
            b"\x00",
            b"\x00" * len(name),
            b"/",
            b"\\",
            b"../",
            b"\xff",
            b" ",
            b".",
            b"\n",
            b"\xe2\x80\xae",
            b"C:",
        )
    )
    new = (name[:start] + odd + name[start + len(odd) :])[: len(name)]
    return data.replace(name, new, chance.choice((1, 2, -1)))


def change_xml(chance: random.Random, data: bytes) -> bytes:
    """Replace a value, or insert, double or remove a tag."""
    tags, values = list(_TAG.finditer(data)), list(_VALUE.finditer(data))
    if not tags or not values:
        return _put(chance, data, chance.choice(_XML), 1)
    way = chance.randrange(4)
    if way == 0:
        at = chance.choice(values)
        new = chance.choice(
            (b"", b"-1", b"0", b"s", b"b", b"d", b"n", b"A1", b"XFD9", b"9" * 12, b"&lt;", b"1E400", b"../x")
        )
        return data[: at.start() + 1] + new + data[at.end() - 1 :]
    at = chance.choice(tags)
    new = {1: chance.choice(_XML) + at[0], 2: at[0] * chance.choice((2, 2, 300)), 3: b""}[way]
    return data[: at.start()] + new + data[at.end() :]


def _put(chance: random.Random, data: bytes, added: bytes, times: int) -> bytes:
    for _ in range(times):
        place = chance.randrange(len(data) + 1)
        data = data[:place] + added + data[place:]
    return data


_TEXT: tuple[Mutation, ...] = (
    put_mark,
    put_odd_letter,
    put_broken_letter,
    repeat_line,
    change_encoding,
    change_field,
)
BY_KIND: dict[str, tuple[Mutation, ...]] = {
    "text": _TEXT,
    "json": (*_TEXT, change_token, change_token, change_token),
    "zip": (change_directory, change_member_name, change_member, change_member, change_member),
    "parquet": (change_footer, change_cells),
    "png": (change_chunk,),
    "jpeg": (change_segment,),
}
"""Mutations by the kind of a sample."""
