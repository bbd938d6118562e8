"""How a file of an upload is read, with the user's corrections: format, encoding, separator, header row and more."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import streamlit as st

from analysis.importers import ColumnMapping, ImportOptions, list_importers
from analysis.importers.json_lists import WHOLE
from analysis.importers.sources import list_sources
from analysis.intake import Table
from analysis.timezones import UTC_NAME, timezone_names
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


def text_formats() -> dict[str, str]:
    """Return the labels of the formats that a text file can be read in, by name."""
    return {importer.name: importer.label for importer in list_importers() if importer.reads_text}


def show_reading(drop: Drop, table: Table, mapping: ColumnMapping, number: int) -> None:
    """Show how a table's file was read, and widgets to correct it; a correction reads the file again."""
    options = drop.options.get(table.file, ImportOptions())
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(plain("Read as: " + ", ".join(table.notes)), width="content")
        corrections = st.popover(
            "Read differently", icon=":material/tune:", key=f"read_{number}_{table.name}"
        )
    with corrections, st.grid(2, min_column_width=180, gap="medium"):
        show_choices(
            options,
            _fields_of_table(table),
            lambda field: _key_of_table(field, number, table),
            sheets=table.sheets if len(table.sheets) > 1 else (),
            lists=table.lists if table.lists != (WHOLE,) else (),
            changed={"on_change": _reread_table, "args": (drop, table, number)},
        )
    if mapping.created_at is not None:
        _choose_timezone(drop, table, number)


def show_choices(
    options: ImportOptions,
    fields: Collection[str],
    key: Callable[[str], str],
    sheets: Sequence[str] = (),
    lists: Sequence[str] = (),
    changed: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Show widgets for how a file is read.

    Args:
        options: What was chosen before.
        fields: The fields of `ImportOptions` that can be chosen.
        key: Returns the key of a field's widget.
        sheets: The sheets to choose from; no widget if empty.
        lists: The lists of JSON to choose from; no widget if empty.
        changed: Arguments of each widget about what a change does.
    """
    titles: dict[str, tuple[str, Mapping[str, str]]] = {
        "format": ("Format", text_formats()),
        "encoding": ("Encoding", ENCODINGS),
        "delimiter": ("Separator", SEPARATORS),
        "list_path": ("List of posts", {name: name for name in lists}),
    }
    for field, (title, labels) in titles.items():
        if field in fields and labels:
            _choose(title, labels, getattr(options, field), key(field), changed)
    if "header_row" in fields:
        st.number_input(
            "Header row",
            min_value=0,
            value=options.header_row,
            key=key("header_row"),
            placeholder=AUTOMATIC,
            help="The row with the column names, without blank rows; 0 if there is none.",
            **changed,
        )
    if "sheets" in fields and sheets:
        st.multiselect(
            "Sheets",
            sheets,
            default=[name for name in options.sheets if name in sheets],
            format_func=unique_labels(sheets),
            key=key("sheets"),
            placeholder=AUTOMATIC,
            help="Of the whole workbook; automatic: all that look like posts.",
            **changed,
        )
    if "source" in fields:
        known = {source.name: source.label for source in list_sources()}
        by_label = dict(sorted(known.items(), key=lambda item: item[1].casefold()))
        _choose("Source", by_label, options.source, key("source"), changed)


def chosen_options(fields: Collection[str], key: Callable[[str], str]) -> ImportOptions:
    """Return what was chosen in the widgets of `show_choices`."""
    chosen: dict[str, Any] = {field: st.session_state.get(key(field)) for field in fields}
    chosen["sheets"] = tuple(chosen.get("sheets") or ())
    return ImportOptions(**chosen)


def _fields_of_table(table: Table) -> tuple[str, ...]:
    """Return the fields of `ImportOptions` that matter for a table; the format only for a text file."""
    return (*table.options, *(["format"] if "encoding" in table.options else []), "source")


def _choose(
    title: str, labels: Mapping[str, str], value: str | None, key: str, changed: Mapping[str, Any]
) -> None:
    values = list(labels)
    st.selectbox(
        title,
        values,
        index=values.index(value) if value is not None and value in labels else None,
        format_func=unique_labels(values, labels.__getitem__),
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
        key=_key_of_table("timezone", number, table),
        help="Of times that are written without a zone.",
        width=260,
    )


@defer_errors
def _reread_table(drop: Drop, table: Table, number: int) -> None:
    drop.read_again(
        table, chosen_options(_fields_of_table(table), lambda field: _key_of_table(field, number, table))
    )


def _key_of_table(field: str, number: int, table: Table) -> str:
    return f"{field}_{number}_{table.name}"
