"""HTML tables: pages that web sites offer as .xls files. The page is only parsed; nothing in it is run or fetched."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

from analysis.importers.decoding import decode_file_head, decode_file_text
from analysis.importers.grid import find_header, rows_from_grid
from analysis.importers.heartbeat import send_heartbeat
from analysis.importers.importer import CERTAIN, ImportedRows, ImportedSheets, Importer, RefusedSheet
from analysis.importers.mapping import guess_mapping
from analysis.importers.refused import RefusedError
from analysis.settings import Settings

WEB_PAGE_REMEDY = (
    "If it is a download of an account or a chat, request it as JSON; otherwise open it in a spreadsheet, save it as "
    "XLSX or CSV, and add that."
)
"""What to do with a web page that has no table of posts."""

_START = re.compile(r"\s{0,99}<(?:!doctype html|html|head|meta|body|table)\b", re.IGNORECASE)
_STEP_CHARS = 100_000  # parsed between two heartbeats
_MAX_DEPTH = 8  # tables in each other
_HIDDEN = frozenset({"script", "style"})


def read_html(content: bytes, settings: Settings, encoding: str | None = None) -> ImportedSheets:
    """Read every table whose header names the columns of posts; the others are refused, like sheets of a workbook.

    Args:
        content: The page.
        settings: Limits.
        encoding: See `ImportOptions`.

    Raises:
        RefusedError: If it has no such table, or is over a limit.
    """
    text, encoding = decode_file_text(content, encoding)
    tables = _Tables(settings)
    for start in range(0, len(text), _STEP_CHARS):
        send_heartbeat()
        tables.feed(text[start : start + _STEP_CHARS])
    tables.close()
    found: list[ImportedRows] = []
    refused: list[RefusedSheet] = []
    for number, grid in enumerate(tables.grids, start=1):
        if _holds_posts(grid):
            rows = rows_from_grid(grid, [encoding, "HTML table"], len(content), settings)
            found.append(replace(rows, sheet=str(number)))
        elif len(grid) > 1:
            reason = f"has no column that is known to hold texts or images ({len(grid):,} rows)"
            refused.append(RefusedSheet(str(number), reason, "Ignore it unless it has posts."))
    if not found:
        raise RefusedError("is an HTML page without a table of posts", WEB_PAGE_REMEDY)
    return ImportedSheets(found, refused, kind="table")


def sniff_html(head: bytes) -> float:
    """Return how certainly a file is HTML with a table."""
    text = decode_file_head(head)
    return CERTAIN if _START.match(text) and "<table" in text.casefold() else 0.0


def _holds_posts(grid: list[list[str]]) -> bool:
    header = find_header(grid) if grid else None
    return header is not None and guess_mapping(grid[header]).makes_posts


class _Tables(HTMLParser):
    """Collects the rows of all tables; a cell that spans columns is followed by blank ones.

    Args:
        settings: Limits.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__(convert_charrefs=True)
        self.grids: list[list[list[str]]] = []
        self._open: list[list[list[str]]] = []
        self._cell: list[str] | None = None
        self._span = 1
        self._hidden = False
        self._max_columns = settings.max_columns

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self._hidden = True
        elif tag == "table" and len(self._open) < _MAX_DEPTH:
            self._end_cell()
            self._open.append([])
            self.grids.append(self._open[-1])
        elif tag == "tr" and self._open:
            self._end_cell()
            self._open[-1].append([])
        elif tag in ("td", "th") and self._open and self._open[-1]:
            self._end_cell()
            self._cell = []
            span = dict(attrs).get("colspan") or ""
            self._span = int(span) if span.isdecimal() and len(span) < 5 else 1
        elif tag == "br" and self._cell is not None:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN:
            self._hidden = False
        elif tag in ("td", "th", "tr"):
            self._end_cell()
        elif tag == "table" and self._open:
            self._end_cell()
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._cell is not None and not self._hidden:
            self._cell.append(data)

    def close(self) -> None:
        super().close()
        self._end_cell()

    def _end_cell(self) -> None:
        if self._cell is None or not self._open or not self._open[-1]:
            self._cell = None
            return
        row = self._open[-1][-1]
        room = self._max_columns + 1 - len(row)  # one more than allowed is refused with a reason
        row += ["".join(self._cell).strip(), *[""] * (self._span - 1)][: max(room, 0)]
        self._cell = None


IMPORTER = Importer(
    name="html",
    label="HTML tables",
    suffixes=frozenset(),
    read=read_html,
    sniff=sniff_html,
    options=("encoding",),
)
