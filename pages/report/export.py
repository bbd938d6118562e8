"""Report: choose columns, see the file as it will be, download it."""

from __future__ import annotations

import io
from collections.abc import Sequence

import streamlit as st

from analysis import query
from analysis.query import Filters
from analysis.report import export
from analysis.report.columns import ORIGINAL, ReportColumn, report_columns
from analysis.workspace import Batch
from pages.shared import labels, places, progress, sidebar
from pages.shared.engine import heads
from pages.shared.rejected import rejected_list

PREVIEWED = 20


def choose_columns(batch: Batch) -> list[ReportColumn]:
    """Draw the choice of columns, in the order of the file; first the standard ones."""
    columns = report_columns(heads(), export.original_names(batch))
    ours = [column for column in columns if not column.name.startswith(ORIGINAL)]
    theirs = [column for column in columns if column.name.startswith(ORIGINAL)]
    chosen = st.pills(
        "Columns",
        [column.name for column in ours],
        selection_mode="multi",
        key="columns",
        persist_state="session",
        default=[column.name for column in ours if column.default],
    )
    if theirs:
        chosen = chosen + st.multiselect(
            "Columns of your own table",
            [column.name for column in theirs],
            key=f"own_columns_{batch.id}",
            format_func=lambda name: name.removeprefix(ORIGINAL),
            placeholder="None",
            persist_state="session",
        )
    return [column for column in columns if column.name in chosen]


def csv_of(batch: Batch, filters: Filters, columns: Sequence[ReportColumn]) -> bytes:
    """Write the report in memory."""
    target = io.BytesIO()
    export.write_csv(batch, filters, columns, target)
    return target.getvalue()


def offer_words(batch: Batch) -> None:
    """Offer to find top words where they were left out because the batch is large."""
    missing = [index for index in range(batch.n_parts) if not batch.has_part("words", index)]
    if missing and batch.scored() == batch.manifest.n_posts:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(
                "`top_words` is empty for some posts; finding words takes a moment a post.", width="content"
            )
            st.button(
                "Find top words", icon=":material/match_word:", on_click=progress.start, args=(batch, True)
            )


st.title("Report")
batch = sidebar.opened_batch()
progress.show(batch)
filters = places.in_force()
found = query.count(batch, filters)
sidebar.active_filters(found, batch.manifest.n_posts)
columns = choose_columns(batch)
if any(column.name == "top_words" for column in columns):
    offer_words(batch)
if not columns or not found:
    st.info("Choose at least one column, and filters that some post passes.", icon=":material/info:")
    st.stop()
st.download_button(
    f"Download {labels.posts(found)} as CSV",
    data=lambda: csv_of(batch, filters, columns),
    mime="text/csv",
    file_name=f"{batch.id}-report.csv",
    icon=":material/download:",
    type="primary",
    on_click="ignore",
    key="download",
)
shown = export.preview(batch, filters, columns, PREVIEWED)
st.caption(
    f"{labels.posts(len(shown))} exactly as in the file: {len(columns)} columns, UTF-8, formulas made inert."
)
st.dataframe(shown, hide_index=True)
rejected_list(batch.rejected(), expanded=False)
