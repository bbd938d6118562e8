"""The section of Review that adds labels from a file, and shows who changed what."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from analysis import query, review
from analysis.columns import head_title
from analysis.exporters.csv_report import format_csv
from analysis.importers.refused import RefusedError
from analysis.intake import InputFile
from analysis.intake.sandbox import read_table_in_worker
from analysis.review import ReadLabels
from analysis.workspace import Batch, Change, LabelValue
from pages.shared import catalogue, labels
from pages.shared.callbacks import defer_errors
from pages.shared.coder import choose_coder
from pages.shared.engine import heads, workspace
from pages.shared.messages import plain

SHOWN_CHANGES, SHOWN_ROWS = 200, 100
ACTIONS = {"label": "labelled", "decide": "decided", "import": "imported", "undo": "undone"}
COLUMNS = ("Time (UTC)", "Coder", "Post ID", "Field", "Before", "After", "How")


def show_import(batch: Batch) -> None:
    """Let the user add labels from a file."""
    st.header("Add labels from a file", anchor=False)
    st.caption(
        "A table with a column post_id (or text) and columns such as sentiment, topics, tone, tags, note and coder; "
        "or an export of Label Studio (JSON or CSV) or doccano (JSONL or CSV)."
    )
    coder = choose_coder(batch)
    upload = st.file_uploader("File with labels", key=f"labels_{st.session_state.get('label_turn', 0)}")
    if not upload:
        return
    try:
        with st.spinner("Reading labels..."):
            table = read_table_in_worker(InputFile(upload.name, upload.getvalue()), batch.settings)
    except RefusedError as error:
        st.error(plain(f"{upload.name} {error.reason}. {error.remedy}"), icon=":material/error:")
        return
    classes = {"topics": heads()["topic"].classes, "tone": catalogue.marks()}
    found = review.read_labels(batch, table, classes, coder)
    _describe_found(found, table.n_rows)
    needs_name = "" in found.by_coder
    if needs_name:
        st.warning("Some rows name no coder. Enter a name above, for these rows.", icon=":material/person:")
    st.button(
        f"Add labels of {labels.posts(found.posts)}",
        type="primary",
        icon=":material/add:",
        disabled=needs_name or not found.posts,
        on_click=_store_labels,
        args=(batch.id, found),
    )


def _describe_found(found: ReadLabels, rows: int) -> None:
    count = sum(map(len, found.by_coder.values()))
    coders = ", ".join(name or "(no name)" for name in sorted(found.by_coder))
    st.markdown(
        f"{rows:,} rows: {count:,} labels of {labels.posts(found.posts)}, by {plain(coders or 'nobody')}."
    )
    if found.unused:
        shown = [{"Row": each.row, "Not used because it": each.reason} for each in found.unused[:SHOWN_ROWS]]
        with st.expander(f"{len(found.unused):,} not used", icon=":material/rule:", expanded=True):
            st.dataframe(pd.DataFrame(shown), hide_index=True)
            if len(found.unused) > SHOWN_ROWS:
                st.caption(f"The first {SHOWN_ROWS} are shown.")


@defer_errors
def _store_labels(batch_id: str, found: ReadLabels) -> None:
    for coder, given in found.by_coder.items():
        workspace().reviews.save_labels(batch_id, coder, given, "import")
    st.session_state["label_turn"] = st.session_state.get("label_turn", 0) + 1
    st.toast(f"Labels of {labels.posts(found.posts)} added.")


def show_history(batch: Batch) -> None:
    """Show the latest changes, and offer all of them as a file."""
    st.header("History", anchor=False)
    changes = workspace().reviews.read_changes(batch.id, limit=SHOWN_CHANGES)
    if not changes:
        st.caption("Nobody has labelled a post of this batch yet.")
        return
    st.dataframe(pd.DataFrame(_list_rows(batch, changes), columns=COLUMNS), hide_index=True)
    if len(changes) == SHOWN_CHANGES:
        st.caption(f"The latest {SHOWN_CHANGES} changes are shown; the file has all.")
    st.download_button(
        "Download the history",
        data=lambda: format_csv(COLUMNS, _list_rows(batch, workspace().reviews.read_changes(batch.id))),
        file_name="label-history.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def _list_rows(batch: Batch, changes: Sequence[Change]) -> list[tuple[str, ...]]:
    positions = list({change.position for change in changes})
    ids = dict(zip(positions, query.read_posts_at(batch, positions, ["post_id"])["post_id"], strict=True))
    return [
        (
            f"{change.at:%Y-%m-%d %H:%M:%S}",
            change.coder,
            ids[change.position],
            head_title(change.field),
            _join_values(change.before),
            _join_values(change.after),
            ACTIONS[change.action],
        )
        for change in changes
    ]


def _join_values(value: LabelValue | None) -> str:
    return value if isinstance(value, str) else "; ".join(value or ())
