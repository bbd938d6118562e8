"""The view of the Posts page in which a coder labels posts in a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import pandas as pd
import streamlit as st

from analysis.columns.reviews import UNSURE
from analysis.model.config import SENTIMENTS
from analysis.posts import has_text
from analysis.workspace import Batch, Label
from pages.review.posts_table import list_pictures, list_verdicts
from pages.shared import cards, labels
from pages.shared.callbacks import defer_errors
from pages.shared.coder import choose_coder
from pages.shared.engine import workspace

_EXCERPT = 300
_TITLES = {name: labels.sentiment(name) for name in SENTIMENTS} | {UNSURE: "Can't tell"}
_FIELDS = {"label": "sentiment", "note": "note"}


def show_label_table(batches: Mapping[str, Batch], posts: pd.DataFrame, key: str) -> None:
    """Show posts with the coder's label and note, which can be changed; each change is stored at once.

    Args:
        batches: Their batches by id.
        posts: The posts, with the columns of `analysis.query.read_page` and batch_id.
        key: Key of the table; another list of posts has another one.
    """
    first = next(iter(batches.values()))
    coder = choose_coder(first)
    if not coder:
        st.info("Enter your name to label posts.", icon=":material/person:")
        return
    rows = list(zip(posts["batch_id"], posts["position"].tolist(), strict=True))
    given = {
        name: {
            (batch_id, place): value
            for batch_id, batch in batches.items()
            for place, value in batch.labels.of_coder(coder, field).items()
        }
        for name, field in _FIELDS.items()
    }
    table = pd.DataFrame(
        {
            "picture": list_pictures(batches, posts).to_numpy(),
            "text": [
                cards.excerpt(text, _EXCERPT) if has_text(text) else "(no text)" for text in posts["text"]
            ],
            "model": list_verdicts(posts),
            "label": [_TITLES.get(str(given["label"].get(row))) for row in rows],
            "note": [given["note"].get(row, "") for row in rows],
        }
    )
    editor = f"{key}_{coder}"
    st.data_editor(
        table,
        key=editor,
        hide_index=True,
        disabled=["picture", "text", "model"],
        placeholder="",
        row_height=72,
        height=560,
        column_config={
            "picture": st.column_config.ImageColumn("Image", width=70),
            "text": st.column_config.TextColumn("Text", width="large"),
            "model": st.column_config.TextColumn("Model", width=110),
            "label": st.column_config.SelectboxColumn(
                "Your label", options=list(_TITLES.values()), width=130
            ),
            "note": st.column_config.TextColumn("Your note", max_chars=first.settings.max_note_chars),
        },
        on_change=partial(_save, coder, rows, editor),
    )
    st.caption(
        "Labels chosen here correct single posts in reports. They correct the shares of all posts only as far as "
        "they belong to the random sample of the Review page."
    )


@defer_errors
def _save(coder: str, rows: Sequence[tuple[str, int]], editor: str) -> None:
    """Store what was changed in the table since it was first shown; labels that are as before change nothing."""
    values = {title: name for name, title in _TITLES.items()}
    for row, cells in st.session_state[editor]["edited_rows"].items():
        batch_id, position = rows[row]
        changed = [
            Label(position, _FIELDS[name], values.get(value, value) or "") for name, value in cells.items()
        ]
        workspace().reviews.save_labels(batch_id, coder, changed)
