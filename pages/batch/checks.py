"""The checks of an upload: received and rejected items, and a preview."""

from __future__ import annotations

from pathlib import Path, PurePath

import streamlit as st

from analysis.intake import CheckedBatch
from analysis.intake.media import stored_image_path
from analysis.intake.summary import COUNTED
from pages.batch.drop import Drop
from pages.shared import cards, labels

PREVIEW_POSTS = 4


def show_counts(checked: CheckedBatch) -> None:
    """Show the counts of received and rejected items by kind."""
    with st.grid(min_column_width=155):
        st.metric("Posts ready to score", f"{checked.n_posts:,}", border=True, height="stretch")
        for kind, counts in checked.counts.items():
            if counts.expected if kind != "column" else counts.rejected:
                st.metric(
                    COUNTED.get(kind, kind),
                    f"{counts.received:,} of {counts.expected:,}",
                    border=True,
                    delta=_rejected(kind, counts.rejected) if counts.rejected else "all accepted",
                    delta_color="inverse" if counts.rejected else "off",
                    delta_arrow="off",
                )


def _rejected(kind: str, count: int) -> str:
    return f"{count:,} unreadable" if kind == "column" else f"{count:,} rejected"


def preview(checked: CheckedBatch, media: Path) -> None:
    """Show the first posts as they will be scored."""
    count = checked.n_posts
    st.caption(f"First {min(PREVIEW_POSTS, count)} of {labels.posts(count)}, as they will be scored")
    with st.grid(PREVIEW_POSTS, min_column_width=cards.PREVIEW_WIDTH):
        for post in checked.head(PREVIEW_POSTS).to_dict("records"):
            with st.container(border=True, height="stretch"):
                cards.show_cover([stored_image_path(media, media_id) for media_id in post["images"]])
                st.text(cards.excerpt(post["text"]) or "(no text)")


def suggest_name(drop: Drop) -> str:
    """Suggest a name for the batch: that of the first file with a table, else of the first file."""
    names = [file.name for file in drop.files]
    tables = [table.file for table in drop.inputs.tables if table.file in names]
    first = (tables or names)[0].replace("\\", "/")
    stem = PurePath(first).stem.replace("_", " ").strip()
    return stem or "Batch"
