"""The tables of an upload: what each was recognised as, and which column holds which field.

Names of columns and values are untrusted: values are shown by `st.text`, names by `plain` or as options.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from analysis.importers import MAPPED_FIELDS, ColumnMapping
from analysis.intake import CheckedBatch, Table
from analysis.intake.recognition import Recognition, list_mapped_columns
from analysis.wording import format_percent, shorten_to_one_line
from pages.batch import reading
from pages.batch.drop import Drop
from pages.shared import cards, labels
from pages.shared.callbacks import defer_errors
from pages.shared.choices import unique_labels
from pages.shared.messages import plain

SAMPLES = 3
SAMPLE_CHARS = 70


@dataclass
class ShownTables:
    """The tables on the page, with a place for what each was recognised as."""

    drop: Drop
    mappings: dict[str, ColumnMapping]
    places: dict[str, DeltaGenerator]

    def show_recognition(self, checked: CheckedBatch) -> None:
        """Say what each table was recognised as, and how many posts it gave."""
        for table in self.drop.inputs.tables:
            posts = labels.posts(checked.posts_per_source.get(table.name, 0))
            with self.places[table.name]:
                _show_recognition(self.drop.recognition_of(table), posts)


def show_tables(drop: Drop) -> ShownTables:
    """Show the column mapping of each table, with the user's corrections.

    A mapping is open if an expected field was not found, or how its file is read was corrected.
    """
    shown = ShownTables(drop, {}, {})
    for number, table in enumerate(drop.inputs.tables):
        recognition = drop.recognition_of(table)
        missing = recognition.missing(with_images=bool(drop.inputs.images))
        with st.container(key=f"table_{number}", gap="xsmall"):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.text(shorten_to_one_line(table.name), width="content")
                shown.places[table.name] = st.container(width="content")
            title = f"Columns ({len(table.cells):,} row{'s' * (len(table.cells) != 1)})"
            if missing:
                title += f", not found: {', '.join(MAPPED_FIELDS[field].lower() for field in missing)}"
            opened = bool(missing) or table.name in drop.versions
            with st.expander(title, expanded=opened, icon=":material/table_chart:"):
                mapping = shown.mappings[table.name] = _map_columns(drop, table, number)
                _offer_to_save(drop, table, mapping, number)
                reading.show_reading(drop, table, mapping, number)
    drop.mappings = shown.mappings  # so that corrections survive more files and visits to other pages
    return shown


def _show_recognition(recognition: Recognition, posts: str) -> None:
    if recognition.saved:
        st.badge(plain(f"Saved mapping, {posts}"), icon=":material/bookmark:", color="green")
    elif recognition.source:
        label = f"Recognised: {recognition.source}, {posts}"
        st.badge(plain(label), icon=":material/verified:", color="green")
    elif recognition.confidence:
        label = f"Columns guessed (lowest confidence {format_percent(recognition.confidence)}), {posts}"
        st.badge(plain(label), icon=":material/help:", color="blue")
    else:
        st.badge("No column recognised", icon=":material/warning:", color="orange")


def _map_columns(drop: Drop, table: Table, number: int) -> ColumnMapping:
    mapping, recognition, sample = drop.mapping_of(table), drop.recognition_of(table), drop.sample_of(table)
    chosen, label = mapping, unique_labels(table.columns)
    version = drop.versions[table.name]
    with st.grid(4, min_column_width=200, gap="medium"):
        for field, title in MAPPED_FIELDS.items():
            key = f"column_{field}_{number}_{table.name}" + (f"_{version}" if version else "")
            with st.container(gap="xsmall"):
                value: Any
                if field == "images":
                    value = tuple(
                        st.multiselect(
                            title,
                            table.columns,
                            default=mapping.images,
                            format_func=label,
                            key=key,
                            placeholder="None",
                        )
                    )
                else:
                    column = getattr(mapping, field)
                    index = None if column is None else table.columns.index(column)
                    value = st.selectbox(
                        title, table.columns, index=index, format_func=label, key=key, placeholder="None"
                    )
                change: dict[str, Any] = {field: value}
                chosen = replace(chosen, **change)
                reason = recognition.reason(field, chosen)
                st.caption(plain(reason[:1].upper() + reason[1:] or "Not found"))
                for column in list_mapped_columns(chosen, field)[:1]:
                    _show_samples(sample[column])
    return chosen


def _offer_to_save(drop: Drop, table: Table, mapping: ColumnMapping, number: int) -> None:
    """Offer to save the mapping for tables with the same columns, or to forget the saved one."""
    recognition = drop.recognition_of(table)
    with st.container(horizontal=True, vertical_alignment="center"):
        if not recognition.saved or mapping != recognition.mapping:
            st.button(
                "Remember this mapping",
                key=f"remember_{number}_{table.name}",
                icon=":material/bookmark_add:",
                help="The next table with the same columns gets it.",
                disabled=not mapping.makes_posts,
                on_click=defer_errors(drop.save_mapping),
                args=(table, mapping),
            )
        if recognition.saved:
            st.button(
                "Forget the saved mapping",
                key=f"forget_{number}_{table.name}",
                icon=":material/bookmark_remove:",
                on_click=defer_errors(drop.forget_mapping),
                args=(table,),
            )
            st.caption("Saved for tables with these columns.", width="content")


def _show_samples(values: Sequence[str]) -> None:
    """Show the first different values of a column as plain text."""
    for value in list(dict.fromkeys(values))[:SAMPLES]:
        st.text(cards.excerpt(shorten_to_one_line(value), SAMPLE_CHARS))
