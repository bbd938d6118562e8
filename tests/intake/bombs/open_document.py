"""ODS and XLS bombs: cells and rows that are repeated by an attribute, and a cell that is far from the others."""

from __future__ import annotations

from tests.intake.binary_workbook import xls
from tests.intake.bombs.bomb import bomb
from tests.intake.open_document import ods, ods_row

_HEADER = ods_row("id", "text")


@bomb("ods", "ods")
def cell_far_below_and_beside() -> bytes:
    return ods(("S", _HEADER + ods_row(16_384, repeated=1_048_000) + ods_row(16_383, "x")))


@bomb("ods", "ods")
def row_repeated_a_million_times_with_a_long_text() -> bytes:
    return ods(("S", _HEADER + ods_row("1", "a" * 100_000, repeated=1_000_000)))


@bomb("ods", "ods")
def cell_repeated_by_its_attribute_beyond_every_limit() -> bytes:
    cell = '<table:table-cell table:number-columns-repeated="999999999" office:value-type="float" office:value="1"/>'
    return ods(("S", f"{_HEADER}<table:table-row>{cell}</table:table-row>"))


@bomb("xls", "xls")
def cell_in_the_last_row_and_column() -> bytes:
    return xls(*((f"S{number}", {(0, 0): "text", (1, 0): "a", (65_535, 255): "x"}) for number in range(20)))
