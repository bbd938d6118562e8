"""The checks of an upload: column mapping, received and rejected items, and a preview."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any

import streamlit as st

from analysis.importers import MAPPED_FIELDS, ColumnMapping
from analysis.intake import CheckedBatch, Table
from analysis.intake.media import media_path
from pages.batch.drop import Drop
from pages.shared import cards, labels
from pages.shared.choices import unique_labels
from pages.shared.messages import plain
from pages.shared.rejected import show_rejected

KINDS = {
    "row": "Rows",
    "file": "Files",
    "reference": "Images named in rows",
    "column": "Time and count columns",
}
PREVIEW_POSTS = 4


def choose_mapping(drop: Drop) -> dict[str, ColumnMapping]:
    """Show the column mapping of each table; return it with the user's corrections."""
    chosen = {}
    for number, table in enumerate(drop.inputs.tables):
        guess = drop.mapping_of(table)
        incomplete = guess.text is None or bool(drop.inputs.images and not guess.images)
        title = f"Columns of {plain(table.name)} ({len(table.rows):,} rows)"
        with st.expander(title, expanded=incomplete, icon=":material/table_chart:"):
            chosen[table.name] = _map_columns(table, guess, number)
    drop.mappings = chosen  # so that corrections survive more files and visits to other pages
    return chosen


def show_checks(checked: CheckedBatch) -> None:
    """Show the counts of received and rejected items by kind, and each rejection with its reason and remedy."""
    with st.container(horizontal=True):
        st.metric("Posts ready to score", f"{len(checked.posts):,}", border=True, width=190)
        for kind, counts in checked.counts.items():
            if counts.expected if kind != "column" else counts.rejected:
                st.metric(
                    KINDS.get(kind, kind),
                    f"{counts.received:,} of {counts.expected:,}",
                    border=True,
                    width=190,
                    delta=_rejected(kind, counts.rejected) if counts.rejected else "all accepted",
                    delta_color="inverse" if counts.rejected else "off",
                    delta_arrow="off",
                )
    show_rejected(checked.rejected)


def _rejected(kind: str, count: int) -> str:
    return f"{count:,} with unreadable values" if kind == "column" else f"{count:,} rejected"


def preview(checked: CheckedBatch, media: Path) -> None:
    """Show the first posts as they will be scored."""
    count = len(checked.posts)
    st.caption(f"First {min(PREVIEW_POSTS, count)} of {labels.posts(count)}, as they will be scored")
    with st.container(horizontal=True):
        for post in checked.posts.head(PREVIEW_POSTS).to_dict("records"):
            with st.container(border=True, width=cards.CARD_WIDTH):
                cards.show_cover([media_path(media, media_id) for media_id in post["images"]])
                st.text(cards.excerpt(post["text"]) or "(no text)")


def suggest_name(drop: Drop) -> str:
    """Suggest the name of the first file as the batch's name."""
    first = drop.files[0].name.replace("\\", "/")
    stem = PurePath(first).stem.replace("_", " ").strip()
    return stem or "Batch"


def _map_columns(table: Table, guess: ColumnMapping, number: int) -> ColumnMapping:
    chosen = guess
    label = unique_labels(table.columns)
    with st.grid(4, min_column_width=150):
        for field, title in MAPPED_FIELDS.items():
            key = f"column_{field}_{number}_{table.name}"
            if field == "images":
                columns = st.multiselect(
                    title,
                    table.columns,
                    default=guess.images,
                    format_func=label,
                    key=key,
                    placeholder="None",
                )
                chosen = replace(chosen, images=tuple(columns))
            else:
                guessed = getattr(guess, field)
                index = None if guessed is None else table.columns.index(guessed)
                column = st.selectbox(
                    title, table.columns, index=index, format_func=label, key=key, placeholder="None"
                )
                change: dict[str, Any] = {field: column}
                chosen = replace(chosen, **change)
    st.text("Format: " + ", ".join(table.notes))
    return chosen
