"""XLSX bombs."""

from __future__ import annotations

import struct
from dataclasses import replace

from tests.intake.bombs.bomb import bomb
from tests.intake.bombs.zip_file import Member, deflated, renamed, repeated, with_more_entries, zipped

MB = 1024 * 1024
_XML = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_TYPES = (
    f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
    f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Default Extension="xml" ContentType="{_TYPE}.worksheet+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/></Types>'
)
_ROOT = (
    f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
    f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
_BOOK = (
    f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
    f'<sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>'
)
_LINKS = (
    f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="r2" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    f'<Relationship Id="r3" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
)
SHEET, STRINGS, STYLES = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"
_SHEET_HEAD = _XML + f'<worksheet xmlns="{_MAIN}"><sheetData>'.encode()
_SHEET_TAIL = b"</sheetData></worksheet>"
_HEADER = b'<row><c t="inlineStr"><is><t>text</t></is></c></row>'
_FEW_ROWS = _HEADER + b'<row><c t="inlineStr"><is><t>hello</t></is></c></row>'


def book(*parts: Member, workbook: str = _BOOK, links: str = _LINKS) -> bytes:
    """A workbook of these parts; what it needs beside them is added."""
    given = {part.name.decode() for part in parts}
    usual = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _ROOT,
        "xl/workbook.xml": workbook,
        "xl/_rels/workbook.xml.rels": links,
        SHEET: f'<worksheet xmlns="{_MAIN}"><sheetData>{_FEW_ROWS.decode()}</sheetData></worksheet>',
        STRINGS: f'<sst xmlns="{_MAIN}"><si><t>text</t></si><si><t>hello</t></si></sst>',
        STYLES: f'<styleSheet xmlns="{_MAIN}"/>',
    }
    added = [deflated(name, _XML + part.encode()) for name, part in usual.items() if name not in given]
    return zipped([*added, *parts])


def rows(block: bytes, count: int, head: bytes = _HEADER, tail: bytes = b"") -> Member:
    """A sheet of `count` times `block`."""
    return repeated(SHEET, _SHEET_HEAD + head, block, count, tail + _SHEET_TAIL)


def strings(head: bytes, block: bytes, count: int, tail: bytes) -> Member:
    """The shared strings: "text", and one more of `head`, `count` times `block` and `tail`."""
    start = _XML + f'<sst xmlns="{_MAIN}"><si><t>text</t></si><si>'.encode()
    return repeated(STRINGS, start + head, block, count, tail + b"</si></sst>")


def _cells() -> Member:
    """A sheet of 24 million cells."""
    return rows((b"<row>" + b"<c><v>1</v></c>" * 96 + b"</row>") * 100, 2_500)


@bomb("xlsx", "xlsx")
def one_long_string_in_100_000_cells() -> bytes:
    sheet = rows(b'<row><c t="s"><v>1</v></c></row>' * 1_000, 100)
    return book(sheet, strings(b"<t>", b"a" * 1_000, 99, b"</t>"))


@bomb("xlsx", "xlsx")
def a_string_of_1_mb_in_50_000_cells() -> bytes:
    sheet = rows(b'<row><c t="s"><v>1</v></c></row>' * 1_000, 50)
    return book(sheet, strings(b"<t>", b"a" * MB, 1, b"</t>"))


@bomb("xlsx", "xlsx")
def cells_24_million() -> bytes:
    return book(_cells())


@bomb("xlsx", "xlsx")
def far_off_cell() -> bytes:
    return book(rows(b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', 1))


@bomb("xlsx", "xlsx")
def far_off_cell_within_the_limit() -> bytes:
    """Two cells, and 23 million blank ones between them."""
    return book(rows(b'<row r="1000000"><c r="W1000000"><v>1</v></c></row>', 1))


@bomb("xlsx", "xlsx")
def inline_strings() -> bytes:
    row = b'<row><c t="inlineStr"><is><t>' + b"a" * 400 + b"</t></is></c></row>"
    return book(rows(row * 1_000, 1_100))


@bomb("xlsx", "xlsx")
def inline_string_of_500_mb() -> bytes:
    cell = b'<row><c t="inlineStr"><is><t>'
    return book(rows(b"a" * MB, 500, _HEADER + cell, b"</t></is></c></row>"))


def _laughs() -> bytes:
    entities = ['<!ENTITY a0 "hahahahaha">']
    entities += [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)]
    return b'<?xml version="1.0"?><!DOCTYPE x [' + "".join(entities).encode() + b"]>"


@bomb("xlsx", "xlsx")
def billion_laughs_in_the_sheet() -> bytes:
    cell = _HEADER + b'<row><c t="inlineStr"><is><t>&a9;</t></is></c></row>'
    return book(deflated(SHEET, _laughs() + _SHEET_HEAD.removeprefix(_XML) + cell + _SHEET_TAIL))


@bomb("xlsx", "xlsx")
def billion_laughs_in_the_shared_strings() -> bytes:
    part = f'<sst xmlns="{_MAIN}"><si><t>text</t></si><si><t>&a9;</t></si></sst>'.encode()
    return book(rows(b'<row><c t="s"><v>1</v></c></row>', 10), deflated(STRINGS, _laughs() + part))


@bomb("xlsx", "xlsx")
def billion_laughs_in_the_workbook() -> bytes:
    part = _laughs() + _BOOK.replace('name="S"', 'name="&a9;"').encode()
    return book(deflated("xl/workbook.xml", part))


@bomb("xlsx", "xlsx")
def quadratic_entities() -> bytes:
    entity = b'<!DOCTYPE x [<!ENTITY a "' + b"a" * 100_000 + b'">]>'
    start = b'<?xml version="1.0"?>' + entity + f'<sst xmlns="{_MAIN}"><si><t>text</t></si><si><t>'.encode()
    part = repeated(STRINGS, start, b"&a;" * 1_000, 100, b"</t></si></sst>")
    return book(rows(b'<row><c t="s"><v>1</v></c></row>', 10), part)


@bomb("xlsx", "xlsx")
def sheets_100_000() -> bytes:
    """All of them are one part of 1,000 rows."""
    sheets = "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="r1"/>' for n in range(1, 100_001))
    workbook = f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>'
    return book(rows(b"<row><c/></row>", 1_000, b""), workbook=workbook)


@bomb("xlsx", "xlsx")
def merged_cells_1_000_000() -> bytes:
    tail = b'</sheetData><mergeCells count="1000000">'
    block = b"".join(b'<mergeCell ref="A%d:B%d"/>' % (n, n) for n in range(1, 1_001))
    head = _SHEET_HEAD + _FEW_ROWS + tail
    return book(repeated(SHEET, head, block, 1_000, b"</mergeCells></worksheet>"))


@bomb("xlsx", "xlsx")
def merged_cells_over_the_whole_sheet() -> bytes:
    tail = b'</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells></worksheet>'
    return book(deflated(SHEET, _SHEET_HEAD + _FEW_ROWS + tail))


@bomb("xlsx", "xlsx")
def styles_of_270_mb() -> bytes:
    head = _XML + f'<styleSheet xmlns="{_MAIN}"><numFmts>'.encode()
    formats = b"".join(
        b'<numFmt numFmtId="%d" formatCode="0.%s"/>' % (n, b"0" * 20) for n in range(164, 10_164)
    )
    middle = b"</numFmts><cellXfs>" + b'<xf numFmtId="164"/>' * 1_000 + b"</cellXfs></styleSheet>"
    return book(repeated(STYLES, head, formats, 460, middle))


@bomb("xlsx", "xlsx")
def cell_formats_20_million() -> bytes:
    head = _XML + f'<styleSheet xmlns="{_MAIN}"><cellXfs>'.encode()
    part = repeated(STYLES, head, b'<xf numFmtId="164"/>' * 10_000, 2_000, b"</cellXfs></styleSheet>")
    return book(part)


@bomb("xlsx", "xlsx")
def comments_of_500_mb() -> bytes:
    head = _XML + f'<comments xmlns="{_MAIN}"><commentList>'.encode()
    block = b'<comment ref="A1"><text><t>a comment</t></text></comment>' * 10_000
    return book(repeated("xl/comments1.xml", head, block, 880, b"</commentList></comments>"))


@bomb("xlsx", "xlsx")
def dimension_of_the_largest_sheet() -> bytes:
    head = _SHEET_HEAD.replace(b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>')
    return book(deflated(SHEET, head + _FEW_ROWS + _SHEET_TAIL))


@bomb("xlsx", "xlsx")
def rows_without_places_20_million() -> bytes:
    return book(rows(b"<row/>" * 1_000, 20_000, _FEW_ROWS))


@bomb("xlsx", "xlsx")
def cells_without_places_in_one_row() -> bytes:
    return book(rows(b"<c/>" * 1_000, 20_000, _HEADER + b"<row>", b"</row>"))


@bomb("xlsx", "xlsx")
def elements_nested_10_million_deep() -> bytes:
    return book(rows(b"<a>" * 10_000, 1_000))


@bomb("xlsx", "xlsx")
def columns_65_536() -> bytes:
    cells = b"".join(b'<c r="%s7"><v>1</v></c>' % _letters(n).encode() for n in (1, 65_536))
    return book(rows(b'<row r="7">' + cells + b"</row>", 1))


def _letters(column: int) -> str:
    written = ""
    while column:
        column, place = divmod(column - 1, 26)
        written = chr(65 + place) + written
    return written


@bomb("xlsx", "xlsx")
def rich_text_of_20_million_runs() -> bytes:
    runs = strings(b"", b"<r><t>a</t></r>" * 1_000, 20_000, b"")
    return book(rows(b'<row><c t="s"><v>1</v></c></row>', 10), runs)


@bomb("xlsx", "xlsx")
def shared_strings_20_million() -> bytes:
    return book(strings(b"<t>a</t>", b"</si><si><t>a</t>" * 1_000, 20_000, b""))


@bomb("xlsx", "xlsx")
def attribute_of_400_mb() -> bytes:
    return book(rows(b"a" * MB, 400, _HEADER + b'<row x="', b'"/>'))


@bomb("xlsx", "xlsx")
def attributes_1_million() -> bytes:
    many = b" ".join(b'a%d="1"' % n for n in range(1_000_000))
    return book(rows(many, 1, _HEADER + b"<row ", b"/>"))


@bomb("xlsx", "xlsx")
def sizes_that_lie_in_zip64() -> bytes:
    """The directory says ten bytes in 32 bits, and 2 to the 60 in 64 bits."""
    sheet = _cells()
    extra = struct.pack("<2H2Q", 1, 16, 2**60, len(sheet.data))
    return book(replace(sheet, size=0xFFFFFFFF, packed=0xFFFFFFFF, extra=extra))


@bomb("xlsx", "xlsx")
def size_that_lies() -> bytes:
    """The headers say that the sheet has 100 bytes; it unpacks to 400 MB."""
    sheet = _cells()
    return book(replace(sheet, size=100))


@bomb("xlsx", "xlsx")
def part_twice_under_one_name() -> bytes:
    """The directory lists a small sheet, and another of 400 MB under the same name."""
    small = rows(b"<row><c/></row>", 1)
    return book(small, _cells())


@bomb("xlsx", "xlsx")
def sheets_that_share_their_bytes() -> bytes:
    """The directory lists 1,000 sheets of 30 MB; all of them are the bytes of the first."""
    sheet = rows((b"<row>" + b"<c/>" * 100 + b"</row>") * 100, 700)
    whole = book(sheet)
    return with_more_entries(
        whole, [renamed(sheet, f"xl/worksheets/other{n}.xml") for n in range(1_000)], SHEET
    )
