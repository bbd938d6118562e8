"""Zip bombs."""

from __future__ import annotations

import bz2
import io
import random
import struct
import zipfile
import zlib
from dataclasses import replace

import pyarrow as pa

from tests.intake.bombs.bomb import bomb
from tests.intake.bombs.images import tiny_gif
from tests.intake.bombs.png import png
from tests.intake.bombs.zip_file import (
    BZIP2,
    DEFLATED,
    DESCRIPTOR,
    LZMA,
    STORED,
    UTF8_NAME,
    ZSTD,
    Member,
    deflated,
    finish,
    repeated,
    stored,
    zipped,
)

MB = 1024 * 1024


def _just_under_the_ratio(name: str, megabytes: int) -> Member:
    """A table that unpacks to about 190 times its size."""
    chance = random.Random(0)
    odd = b"".join(b"%x\n" % chance.getrandbits(60) for _ in range(520))
    return repeated(name, b"text\n", odd + b"a\n" * ((MB - len(odd)) // 2), megabytes)


@bomb("zip", "zip")
def ratio_of_1_to_1000() -> bytes:
    return zipped([repeated(f"{number}.csv", b"text\n", b"a" * MB, 500) for number in range(4)])


@bomb("zip", "zip")
def entries_20_000_of_one_member() -> bytes:
    member = _just_under_the_ratio("posts.csv", 20)
    return member.local() + finish(member.entry(0) * 20_000, 20_000, len(member.local()))


@bomb("zip", "zip")
def tables_of_100_mb_just_under_the_ratio() -> bytes:
    table = _just_under_the_ratio("0.csv", 100)
    return zipped([replace(table, name=f"{number}.csv".encode()) for number in range(10)])


@bomb("zip", "zip")
def table_of_500_mb_just_under_the_ratio() -> bytes:
    return zipped([_just_under_the_ratio("posts.csv", 500)])


@bomb("zip", "zip")
def files_of_no_use_just_under_the_ratio() -> bytes:
    """Ten members that are neither tables nor images, of 170 MB each."""
    member = _just_under_the_ratio("0.bin", 170)
    return zipped([replace(member, name=f"{number}.bin".encode()) for number in range(10)])


@bomb("zip", "zip")
def members_that_quote_the_next() -> bytes:
    """Each member's data begins by quoting the header of the next one, and ends with the data of the last.

    The construction: https://www.bamsoftware.com/hacks/zipbomb/
    """
    chance = random.Random(0)
    odd = chance.randbytes(5_000)
    kernel = repeated("000.csv", b"", odd + b"a" * (MB - len(odd)), 20)
    members = [kernel]
    unpacked = (odd + b"a" * (MB - len(odd))) * 20
    quoted: list[bytes] = []
    for number in range(1, 250):
        following = members[0]
        head = following.local()[: -len(following.data)]
        quoted.insert(0, head)
        data = b"\x00" + struct.pack("<2H", len(head), len(head) ^ 0xFFFF) + head + following.data
        crc = 0
        for part in (*quoted, unpacked):
            crc = zlib.crc32(part, crc)
        size = following.size + len(head)
        members.insert(0, Member(f"{number:03}.csv".encode(), data, size, crc))
    whole = members[0].local()
    places = [len(whole) - len(member.local()) for member in members]
    directory = b"".join(member.entry(place) for member, place in zip(members, places, strict=True))
    return whole + finish(directory, len(members), len(whole))


@bomb("zip", "zip")
def zips_in_zips() -> bytes:
    inner = zipped([repeated("posts.csv", b"text\n", b"a\n" * (MB // 2), 500)])
    for _ in range(6):
        inner = zipped([deflated(f"{number}.zip", inner) for number in range(4)])
    return inner


@bomb("zip", "zip")
def zips_in_zips_called_tables() -> bytes:
    inner = zipped([repeated("posts.csv", b"text\n", b"a\n" * (MB // 2), 400)])
    return zipped([stored(f"{number}.{ending}", inner) for number in range(6) for ending in ("csv", "xlsx")])


@bomb("zip", "zip")
def tables_100_000() -> bytes:
    return zipped([stored(f"{number:05}.csv", b"text\na%d" % number) for number in range(100_000)])


@bomb("zip", "zip")
def images_90_000_of_one_content() -> bytes:
    first = stored("00000.gif", tiny_gif())
    return zipped([replace(first, name=b"%05d.gif" % number) for number in range(90_000)])


@bomb("zip", "zip")
def empty_members_200_001() -> bytes:
    first = stored("00000", b"")
    return zipped([replace(first, name=b"%05x" % number) for number in range(200_001)])


@bomb("zip", "zip")
def empty_folders_190_000() -> bytes:
    first = stored("00000/", b"")
    return zipped([replace(first, name=b"%05x/" % number) for number in range(190_000)])


@bomb("zip", "zip")
def directory_of_60_mb() -> bytes:
    return _with_comments(920)


@bomb("zip", "zip")
def directory_of_45_mb() -> bytes:
    return _with_comments(720)


def _with_comments(count: int) -> bytes:
    member = replace(stored("000.csv", b"text\nhello\n"), comment=b"c" * 65_535)
    return zipped([replace(member, name=b"%03d.csv" % number) for number in range(count)])


@bomb("zip", "zip")
def directory_said_to_have_4_gb() -> bytes:
    member = stored("posts.csv", b"text\nhello\n")
    return member.local() + finish(member.entry(0), 1, len(member.local()), size=0xFFFFFFF0)


@bomb("zip", "zip")
def directory_said_to_be_short() -> bytes:
    """The record at the end says 46 bytes; a directory of 200,000 entries is in front of it."""
    member = stored("posts.csv", b"text\nhello\n")
    entries = member.entry(0) * 150_000
    return member.local() + finish(entries, 60_000, len(member.local()), size=46)


def _padded(megabytes: int) -> Member:
    """A table with padding behind its packed data, so that its packed size and ratio look harmless."""
    member = repeated("posts.csv", b"text\n", b"a\n" * (MB // 2), megabytes)
    return replace(member, data=member.data + bytes(3 * MB))


@bomb("zip", "zip")
def padding_that_hides_the_ratio() -> bytes:
    return zipped([_padded(400)])


@bomb("zip", "zip")
def packed_size_said_to_be_4_gb() -> bytes:
    return zipped([replace(_padded(400), packed=0xFFFFFFF0)])


@bomb("zip", "zip")
def sizes_said_to_be_10_bytes() -> bytes:
    member = repeated("posts.csv", b"text\n", b"a\n" * (MB // 2), 400)
    return zipped([replace(member, size=10, crc=zlib.crc32(b"text\na\na\na"))])


@bomb("zip", "zip")
def members_100_000_of_one_name() -> bytes:
    return zipped([stored("posts.csv", b"text\na%d" % number) for number in range(100_000)])


@bomb("zip", "zip")
def names_of_65_535_bytes() -> bytes:
    first = stored("x", b"text\nhello\n")
    return zipped([replace(first, name=b"%02d" % number + b"n" * 65_529 + b".csv") for number in range(90)])


@bomb("zip", "zip")
def names_of_30_000_folders() -> bytes:
    first = stored("x", b"text\nhello\n")
    return zipped([replace(first, name=b"a/" * 30_000 + b"%02d.csv" % number) for number in range(90)])


@bomb("zip", "zip")
def packed_by_bzip2() -> bytes:
    data = bz2.compress(b"a" * (200 * MB))
    return zipped([Member(b"posts.csv", data, 200 * MB, method=BZIP2)])


@bomb("zip", "zip")
def packed_by_lzma() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("posts.csv", b"a" * (100 * MB))
    return target.getvalue()


@bomb("zip", "zip")
def packed_by_zstandard() -> bytes:
    data = pa.Codec("zstd").compress(b"a" * (200 * MB), asbytes=True)
    return zipped([Member(b"posts.csv", data, 200 * MB, method=ZSTD)])


@bomb("zip", "zip")
def headers_that_name_two_methods() -> bytes:
    member = repeated("posts.csv", b"text\n", b"a\n" * (MB // 2), 400)
    local = replace(member, method=LZMA).local()
    return local + finish(replace(member, method=DEFLATED).entry(0), 1, len(local))


@bomb("zip", "zip")
def names_of_nul() -> bytes:
    names = [
        b"\x00",
        b"\x00\x00.csv",
        b"a\x00b.csv",
        b"a\x00c.csv",
        b"/\x00",
        b"",
        b" ",
        b".",
        b"..",
    ]
    first = stored("x", b"text\nhello\n")
    return zipped([replace(first, name=name) for name in names * 2_000])


@bomb("zip", "zip")
def data_descriptors() -> bytes:
    """The sizes come after the data, and lie; the headers in front say nothing."""
    behind = struct.pack("<4s3I", b"PK\x07\x08", 0, 10, 10)
    return zipped([replace(_padded(400), flags=UTF8_NAME | DESCRIPTOR, descriptor=behind)])


@bomb("zip", "zip")
def two_names_for_each_member() -> bytes:
    first = stored("x", b"text\nhello\n")
    members = [
        replace(first, name=b"%05d.csv" % number, local_name=b"%05d.exe" % number) for number in range(80_000)
    ]
    return zipped(members)


@bomb("zip", "zip")
def zip_that_holds_itself() -> bytes:
    """A stored member whose data is the whole zip, its own header too."""
    member = Member(b"posts.csv", b"", method=STORED)
    head = member.local()
    size = len(head) + len(member.entry(0)) + 22
    said = replace(member, size=size, packed=size)
    local = said.local()
    entries = b"".join(replace(said, name=b"%04d.xlsx" % n).entry(0) for n in range(1_000))
    return local + finish(said.entry(0) + entries, 1_001, len(local))


@bomb("zip", "zip")
def images_60_of_39_megapixels() -> bytes:
    first = stored("00.png", png(30_000, 1_300))
    members = []
    for number in range(60):
        image = png(30_000, 1_300, chunks=[(b"tEXt", b"n\x00%d" % number)])
        members.append(
            replace(first, name=b"%02d.png" % number, data=image, size=len(image), crc=zlib.crc32(image))
        )
    return zipped(members)


@bomb("zip", "zip")
def table_with_a_name_of_60_kb() -> bytes:
    """Each refused row names its table."""
    rows = b"id,text\n" + b"".join(b"1,hello %d\n" % n for n in range(50_000))
    return zipped([deflated("t" * 60_000 + ".csv", rows)])


@bomb("zip", "zip")
def table_in_25_000_folders() -> bytes:
    """Each reference is looked up beside its table."""
    rows = b"text,image\n" + b"".join(b"hello %d,p%d.png\n" % (n, n) for n in range(20_000))
    return zipped([deflated("a/" * 25_000 + "posts.csv", rows), stored("x.png", png(16, 16))])


@bomb("zip", "zip")
def images_with_names_of_60_kb() -> bytes:
    """Each row that could mean any of them names three."""
    rows = b"text,image\n" + b"".join(b"hello %d,x.png\n" % n for n in range(50_000))
    images = [
        stored(f"{folder}/{'q' * 60_000}/x.png", png(16, 16, chunks=[(b"tEXt", b"n\x00" + folder.encode())]))
        for folder in "abc"
    ]
    return zipped([*images, deflated("posts.csv", rows)])
