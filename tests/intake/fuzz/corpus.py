"""Small valid inputs of every kind that intake reads, and a few that it does not, all made by code."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from tests.intake.bombs import parquet_file, workbooks, zip_file
from tests.intake.bombs import png as png_bombs
from tests.intake.bombs.images import saved
from tests.intake.drops import sheet_rows, workbook
from tests.intake.xlsb_workbook import xlsb

_HEADER = ["id", "text", "author", "created_at", "likes", "image", "mood"]
_ROWS = [
    ["p1", "Good morning, Berlin 🌧️", "@ann", "2026-03-02T09:30:00Z", "1,200", "a.jpg", "calm"],
    ["p2", 'She said "no";\nand left', "@bob", "05/06/2026 14:05", "12", "sub/b.png; c.gif", ""],
    ["p3", "Müller & Söhne – schön\tfür uns", "", "1767225600", "", "https://example.org/d.webp", "=1+1"],
    ["", "نص عربي مع رابط https://example.org", "@çelik", "Wed Oct 10 20:19:24 +0000 2018", "-3", "", "x"],
    ["p5", "plain", "@eve", "25.12.2025", "3.0", "[]", "y"],
]


@dataclass(frozen=True)
class Sample:
    """A valid input.

    Attributes:
        name: The name that it is dropped under, folders and all.
        kind: Which of the structure-aware mutations fit: "text", "json", "zip", "parquet", "png", "jpeg" or "other".
        data: Its content.
    """

    name: str
    kind: str
    data: bytes


@cache
def corpus() -> tuple[Sample, ...]:
    """All samples, the same at each call."""
    return (*_texts(), *_objects(), *_workbooks(), *_parquet(), *_images(), *_others(), *_zips())


def _texts() -> list[Sample]:
    def table(separator: str, codec: str, quoting: int = csv.QUOTE_MINIMAL, preamble: str = "") -> bytes:
        written = io.StringIO()
        written.write(preamble)
        csv.writer(written, delimiter=separator, quoting=quoting).writerows([_HEADER, *_ROWS])
        return written.getvalue().encode(codec, "replace")

    return [
        Sample("posts.csv", "text", table(",", "utf-8")),
        Sample("export/posts.csv", "text", table(";", "cp1252")),
        Sample("excel.csv", "text", table(";", "utf-8-sig", csv.QUOTE_ALL)),
        Sample("unicode.csv", "text", table("\t", "utf-16")),
        Sample("big endian.csv", "text", b"\xfe\xff" + table(",", "utf-16-be")),
        Sample("posts.tsv", "text", table("\t", "utf-8")),
        Sample("pipes.tab", "text", table("|", "utf-8")),
        Sample("preamble.csv", "text", table(",", "utf-8", preamble="Report of March\n\nAll posts,,\n")),
        Sample("one column.csv", "text", "text\nhello\nこんにちは\n\nlast".encode()),
    ]


def _objects() -> list[Sample]:
    posts = [
        dict(zip(_HEADER, row, strict=True)) | {"tags": ["a", None, 1.5], "user": {"name": row[2], "n": 3}}
        for row in _ROWS
    ]
    lines = "\n".join(json.dumps(post, ensure_ascii=False) for post in posts)
    return [
        Sample("posts.json", "json", json.dumps(posts).encode()),
        Sample("answer.json", "json", json.dumps({"next": None, "data": posts}, indent=1).encode()),
        Sample("single.json", "json", json.dumps(posts[0]).encode()),
        Sample("posts.ndjson", "json", lines.encode()),
        Sample("posts.jsonl", "json", lines.encode("utf-16")),
    ]


def _workbooks() -> list[Sample]:
    sheet = sheet_rows(_HEADER, *_ROWS, ["p9", "number", None, 45_000.5, 12, True, 1e300])
    shared = (
        b'<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>id</t></is></c></row>'
        b'<row r="2"><c r="A2" t="s"><v>1</v></c><c r="B2" s="1"><v>45000.25</v></c></row>'
        b'<row r="3"><c r="A3" t="str"><f>A1</f><v>text &amp; more</v></c><c r="B3" t="b"><v>1</v></c></row>'
        b'<row r="4"><c r="A4" t="e"><v>#DIV/0!</v></c><c r="C4" t="d"><v>2026-01-01T00:00:00</v></c></row>'
    )
    styles = b'<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy-mm-dd"/></numFmts><cellXfs><xf/>'
    styles += b'<xf numFmtId="164"/></cellXfs></styleSheet>'
    return [
        Sample("posts.xlsx", "zip", workbook(("Empty", ""), ("Posts", sheet))),
        Sample("sub/shared.xlsx", "zip", workbooks.book(
            workbooks.rows(shared, 1, b""), zip_file.deflated(workbooks.STYLES, styles)
        )),
        Sample("posts.xlsb", "zip", xlsb(("Empty", {}), ("Posts", {
            (row, column): cell
            for row, cells in enumerate((_HEADER, *_ROWS, ["p9", "number", 45_000.5]))
            for column, cell in enumerate(cells)
            if cell is not None
        }))),
    ]  # fmt: skip


def _parquet() -> list[Sample]:
    moment = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    naive = moment.replace(tzinfo=None)
    columns = {
        "text": pa.array(["hello", None, "grüße", "", "last"]),
        "id": pa.array(["a", "b", "c", "d", "e"], pa.large_string()),
        "likes": pa.array([1, 2, None, 2**62, -1], pa.int64()),
        "shares": pa.array([1, 2, 3, 4, 2**63], pa.uint64()),
        "small": pa.array([1, 2, None, -4, 5], pa.int8()),
        "half": pa.array(np.array([1, 2, 3, 4, np.nan], np.float16)),
        "real": pa.array([1.5, float("nan"), float("inf"), None, -0.0]),
        "flag": pa.array([True, False, None, True, False]),
        "bytes": pa.array([b"\x00\xff", b"", None, b"a", b"b"], pa.binary()),
        "fixed": pa.array([b"abcd"] * 5, pa.binary(4)),
        "day": pa.array([date(2026, 1, 2)] * 5, pa.date32()),
        "day64": pa.array([date(2026, 1, 2)] * 5, pa.date64()),
        "clock": pa.array([time(1, 2, 3)] * 5, pa.time32("ms")),
        "clock64": pa.array([time(1, 2, 3, 4)] * 5, pa.time64("us")),
        "created_at": pa.array([naive] * 5, pa.timestamp("ms")),
        "zoned": pa.array([moment] * 5, pa.timestamp("us", tz="Europe/Berlin")),
        "nanos": pa.array([naive] * 5, pa.timestamp("ns")),
        "took": pa.array([timedelta(seconds=3)] * 5, pa.duration("us")),
        "money": pa.array([Decimal("1.25")] * 5, pa.decimal128(10, 2)),
        "more_money": pa.array([Decimal("1.25")] * 5, pa.decimal256(50, 2)),
        "nothing": pa.nulls(5),
        "image": pa.array([["a.jpg"], [], None, ["b.png", None], ["c.gif"]]),
        "inside": pa.array([{"a": 1, "at": naive}, None, {"a": None, "at": None}, {}, {"a": 2}]),
        "map": pa.array([[("k", 1)], [], None, [("x", 2)], []], pa.map_(pa.string(), pa.int32())),
        "kind": pa.array(["x", "y", "x", None, "y"]).dictionary_encode(),
    }
    table = pa.table(columns)

    def written(**options: object) -> bytes:
        target = io.BytesIO()
        pq.write_table(table, target, **options)
        return target.getvalue()

    small = table.select(["text", "image", "created_at"])
    target = io.BytesIO()
    pq.write_table(small, target, row_group_size=2, compression="gzip", data_page_version="2.0")
    by_hand = parquet_file.parquet([parquet_file.leaf("text", parquet_file.BYTE_ARRAY, text=True)], [
        parquet_file.Chunk(("text",), parquet_file.BYTE_ARRAY, 9,
                           parquet_file.page(9, parquet_file.indices(9), parquet_file.BY_DICTIONARY),
                           parquet_file.dictionary(b"hello")),
    ], 9)  # fmt: skip
    return [
        Sample("posts.parquet", "parquet", written(compression="snappy")),
        Sample("plain.parquet", "parquet", written(compression="none", use_dictionary=False)),
        Sample("packed.parquet", "parquet", written(compression="zstd", write_page_checksum=True)),
        Sample("small.parquet", "parquet", target.getvalue()),
        Sample("by hand.parquet", "parquet", by_hand),
    ]


def _drawing(mode: str = "RGB", side: int = 24) -> Image.Image:
    chance = np.random.default_rng(side)
    image = Image.fromarray(chance.integers(0, 256, (side, side + 8, 3), dtype=np.uint8), "RGB")
    return image.convert(mode)


def _images() -> list[Sample]:
    drawing = _drawing()
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a day out"
    exif.get_ifd(0x8825)[1] = "N"
    clear = _drawing("P")
    clear.info["transparency"] = 3
    deep = Image.fromarray(np.arange(24 * 32, dtype=np.uint16).reshape(24, 32) * 60)
    flat = png_bombs.png(24, 16, png_bombs.RGBA, 16, interlaced=True, chunks=[(b"tEXt", b"k\x00v")])
    jpeg = {
        "a.jpg": saved(drawing, "JPEG"),
        "progressive.jpeg": saved(drawing, "JPEG", progressive=True),
        "cmyk.jpg": saved(_drawing("CMYK"), "JPEG"),
        "grey.jpg": saved(_drawing("L"), "JPEG", restart_marker_blocks=2),
        "phone.JPG": saved(drawing, "JPEG", exif=exif, dpi=(300, 300), comment=b"hello"),
        "two.jpg": saved(drawing, "MPO", save_all=True, append_images=[_drawing(side=16)]),
    }
    png = {
        **{f"sub/{mode}.png": saved(_drawing(mode), "PNG") for mode in ("1", "L", "LA", "P", "RGB", "RGBA")},
        "clear.png": saved(clear, "PNG"),
        "deep.png": saved(deep, "PNG"),
        "interlaced.png": flat,
        "moving.png": saved(drawing, "PNG", save_all=True, append_images=[_drawing(side=24)], duration=40),
    }
    other = {
        "c.gif": saved(clear, "GIF"),
        "moving.gif": saved(drawing, "GIF", save_all=True, append_images=[drawing.rotate(90)], loop=0),
        "d.webp": saved(drawing, "WEBP"),
        "exact.webp": saved(_drawing("RGBA"), "WEBP", lossless=True, exif=exif),
        "moving.webp": saved(drawing, "WEBP", save_all=True, append_images=[drawing.rotate(90)]),
    }
    kinds = (("jpeg", jpeg), ("png", png), ("other", other))
    return [Sample(name, kind, data) for kind, files in kinds for name, data in files.items()]


def _others() -> list[Sample]:
    drawing = _drawing()
    return [
        Sample("notes.txt", "text", b"Just a few words.\n"),
        Sample("scan.tif", "other", saved(drawing, "TIFF")),
        Sample("icon.bmp", "other", saved(drawing, "BMP")),
        Sample(
            "drawing.svg",
            "text",
            b'<svg xmlns="http://www.w3.org/2000/svg"><rect width="3" height="3"/></svg>',
        ),
        Sample("empty.csv", "text", b""),
    ]


def _zips() -> list[Sample]:
    files = [("posts.csv", _texts()[0].data), ("a.jpg", saved(_drawing(), "JPEG"))]
    files += [("sub/b.png", saved(_drawing("RGBA"), "PNG")), ("sub/", b""), ("__MACOSX/._a.jpg", b"x")]
    usual = zip_file.zipped([zip_file.deflated(name, data) for name, data in files])
    flags = zip_file.UTF8_NAME | zip_file.DESCRIPTOR
    plain = [zip_file.stored(name, data) for name, data in files]
    behind = [
        zip_file.Member(member.name, member.data, member.size, member.crc, member.method, flags)
        for member in plain
    ]
    inner = [("posts.xlsx", _workbooks()[0].data), ("posts.parquet", _parquet()[3].data), ("in.zip", usual)]
    return [
        Sample("drop.zip", "zip", usual),
        Sample("folder/stored.zip", "zip", zip_file.zipped(plain)),
        Sample("streamed.zip", "zip", zip_file.zipped(behind)),
        Sample("tables.zip", "zip", zip_file.zipped([zip_file.deflated(name, data) for name, data in inner])),
    ]
