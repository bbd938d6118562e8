"""Writes ODS workbooks, also with the repeated rows and cells that real ones have."""

from __future__ import annotations

import io
import zipfile
from xml.sax.saxutils import escape

_SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
)
_MANIFEST = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
_XML = '<?xml version="1.0" encoding="UTF-8"?>'


def ods(*sheets: tuple[str, str]) -> bytes:
    """An ODS workbook of sheets, each a name and its rows (see `ods_row`)."""
    body = "".join(f'<table:table table:name="{escape(name)}">{rows}</table:table>' for name, rows in sheets)
    document = (
        f"{_XML}<office:document-content {_SPACES}><office:body><office:spreadsheet>{body}"
        "</office:spreadsheet></office:body></office:document-content>"
    )
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr(zipfile.ZipInfo("mimetype"), "application/vnd.oasis.opendocument.spreadsheet")
        parts.writestr("META-INF/manifest.xml", _XML + _MANIFEST)
        parts.writestr("content.xml", document)
    return written.getvalue()


def ods_row(*cells: str | int, repeated: int = 1) -> str:
    """A row of texts, repeated so many times; a number stands for so many blank cells."""
    return f'<table:table-row table:number-rows-repeated="{repeated}">{"".join(map(_cell, cells))}</table:table-row>'


def _cell(cell: str | int) -> str:
    if isinstance(cell, int):
        return f'<table:table-cell table:number-columns-repeated="{cell}"/>'
    return f'<table:table-cell office:value-type="string"><text:p>{escape(cell)}</text:p></table:table-cell>'
