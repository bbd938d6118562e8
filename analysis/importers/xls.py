"""XLS workbooks of Excel 97 to 2003. They are not compressed, and a sheet has at most 65,536 rows and 256 columns."""

from __future__ import annotations

from collections.abc import Collection

from analysis.importers.importer import LIKELY, ImportedSheets, Importer
from analysis.importers.workbook import damaged_workbook_error, read_workbook
from analysis.settings import Settings

_LABEL = "XLS"
_BEGINNING = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # of a compound file, which old Word documents are too
_STREAM = "Workbook".encode("utf-16-le")  # its name within the compound file


def read_xls(
    content: bytes, settings: Settings, header_row: int | None = None, sheets: Collection[str] = ()
) -> ImportedSheets:
    """Read the sheets of an XLS workbook; see `read_workbook`.

    The library lays out each sheet when it opens the workbook; the limits of the worker process hold for that.
    """
    return read_workbook(content, settings, _LABEL, _check_beginning, header_row, sheets)


def _check_beginning(content: bytes, _: Settings) -> None:
    if not content.startswith(_BEGINNING):
        raise damaged_workbook_error(_LABEL)


IMPORTER = Importer(
    name="xls",
    label=_LABEL,
    suffixes=frozenset({".xls"}),
    read=read_xls,
    sniff=lambda head: LIKELY if head.startswith(_BEGINNING) and _STREAM in head else 0.0,
    beginnings=(_BEGINNING,),
    options=("header_row", "sheets"),
)
