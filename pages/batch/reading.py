"""How a file of an upload is read, with the user's corrections: encoding, separator, header row and time zone."""

from __future__ import annotations

from typing import Any

import streamlit as st

from analysis.importers import ColumnMapping, ImportOptions
from analysis.intake import Table
from analysis.intake.timezones import UTC_NAME, timezone_names
from pages.batch.drop import Drop
from pages.shared.callbacks import defer_errors
from pages.shared.choices import unique_labels
from pages.shared.messages import plain

ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "cp1252": "Windows-1252 (Western Europe)",
    "cp1250": "Windows-1250 (Central Europe)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "koi8-r": "KOI8-R (Cyrillic)",
    "cp1253": "Windows-1253 (Greek)",
    "cp1254": "Windows-1254 (Turkish)",
    "cp1255": "Windows-1255 (Hebrew)",
    "cp1256": "Windows-1256 (Arabic)",
    "gb18030": "GB 18030 (Chinese)",
    "big5": "Big5 (Chinese)",
    "shift_jis": "Shift JIS (Japanese)",
    "euc_jp": "EUC-JP (Japanese)",
    "euc_kr": "EUC-KR (Korean)",
    "mac_roman": "Mac Roman",
    "cp850": "DOS 850 (Western Europe)",
}
SEPARATORS = {",": "Comma", ";": "Semicolon", "\t": "Tab", "|": "Vertical bar", ":": "Colon", " ": "Space"}
AUTOMATIC = "Automatic"


def show(drop: Drop, table: Table, mapping: ColumnMapping, number: int) -> None:
    """Show how a table's file was read, and widgets to correct it; a correction reads the file again."""
    options = drop.options.get(table.file, ImportOptions())
    st.caption(plain("Read as: " + ", ".join(table.notes)))
    changed: dict[str, Any] = {"on_change": _read_again, "args": (drop, table, number)}
    with st.grid(4, min_column_width=200, gap="medium"):
        if "encoding" in table.options:
            _choose(
                "Encoding", "encoding", ENCODINGS, options.encoding, _key("encoding", number, table), changed
            )
        if "delimiter" in table.options:
            _choose(
                "Separator",
                "delimiter",
                SEPARATORS,
                options.delimiter,
                _key("delimiter", number, table),
                changed,
            )
        if "header_row" in table.options:
            st.number_input(
                "Header row",
                min_value=0,
                value=options.header_row,
                key=_key("header_row", number, table),
                placeholder=AUTOMATIC,
                help="The row with the column names, without blank rows; 0 if there is none.",
                **changed,
            )
        if "sheets" in table.options and len(table.sheets) > 1:
            st.multiselect(
                "Sheets",
                table.sheets,
                default=[name for name in options.sheets if name in table.sheets],
                format_func=unique_labels(table.sheets),
                key=_key("sheets", number, table),
                placeholder=AUTOMATIC,
                help="Of the whole workbook; automatic: all that look like posts.",
                **changed,
            )
        if mapping.created_at is not None:
            _choose_timezone(drop, table, number)


def _choose(
    title: str, field: str, labels: dict[str, str], value: str | None, key: str, changed: dict[str, Any]
) -> None:
    values = list(labels)
    st.selectbox(
        title,
        values,
        index=values.index(value) if value in labels else None,
        format_func=labels.__getitem__,
        key=key,
        placeholder=AUTOMATIC,
        **changed,
    )


def _choose_timezone(drop: Drop, table: Table, number: int) -> None:
    names = timezone_names()
    drop.timezones[table.name] = st.selectbox(
        "Time zone",
        names,
        index=names.index(drop.timezones.get(table.name, UTC_NAME)),
        key=_key("timezone", number, table),
        help="Of times that are written without a zone.",
    )


@defer_errors
def _read_again(drop: Drop, table: Table, number: int) -> None:
    chosen: dict[str, Any] = {
        field: st.session_state.get(_key(field, number, table)) for field in table.options
    }
    chosen["sheets"] = tuple(chosen.get("sheets") or ())
    drop.read_again(table, ImportOptions(**chosen))


def _key(field: str, number: int, table: Table) -> str:
    return f"{field}_{number}_{table.name}"
