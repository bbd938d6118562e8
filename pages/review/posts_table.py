"""The table of the Posts page: one row a post, with a small picture of its first image."""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping
from functools import partial

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from analysis.columns import MARKS_FILTER, TOP_WORDS, Column, View
from analysis.query.conditions import mark_column
from analysis.timezones import to_local_time
from analysis.wording import format_top_words
from analysis.workspace import Batch
from pages.shared import cards, catalogue, labels, places
from pages.shared.messages import plain

ROW_HEIGHTS = {"Comfortable": 72, "Compact": 36}
"""Heights of rows in pixels; the lower one is that of one line of text."""
_HEADER_HEIGHT, _MAX_HEIGHT = 40, 560  # pixels; a table with more rows scrolls
_SIMILARITY_HELP = "Cosine similarity, -1 to 1: the higher of the post's text and images."
_MATCH_HELP = "Which part of the post is similar: its text or its images."
_EXCERPT = 150  # characters; three lines of a comfortable row
_TONES_COLUMN, _TONES_PLACE = "tones", 55  # one column for the marks of all heads
_PICTURE_COLUMN, _PICTURE_PLACE = "picture", 2


def show_table(
    batches: Mapping[str, Batch],
    posts: pd.DataFrame,
    offered: Collection[str],
    row_height: int,
    key: str,
) -> None:
    """Show posts as rows; columns that are empty in all of them are left out.

    Args:
        batches: Their batches by id.
        posts: The posts, with batch_id and batch_name; ranked ones with similarity and match.
        offered: Names of the columns to show.
        row_height: In pixels.
        key: Key of the table, whose state is the chosen row, or a cell of it.
    """
    shown = posts.assign(
        confidence=posts["confidence"].round(2),
        sentiment=list_verdicts(posts),
        language=posts["language"].map(labels.language, na_action="ignore"),
        created_at=pd.to_datetime(
            posts["created_at"].map(partial(to_local_time, name=places.timezone()), na_action="ignore")
        ),
        text=posts["text"].map(lambda text: cards.excerpt(text, _EXCERPT)),
        picture=list_pictures(batches, posts),
    )
    configs = {
        "similarity": (
            8,
            st.column_config.NumberColumn("Similarity", format="%.2f", width=85, help=_SIMILARITY_HELP),
        ),
        "match": (9, st.column_config.TextColumn("Match", width=65, help=_MATCH_HELP)),
        _PICTURE_COLUMN: (_PICTURE_PLACE, st.column_config.ImageColumn("Image", width=70)),
    }
    if len(batches) > 1:
        configs["batch_name"] = 1, st.column_config.TextColumn("Batch", width=130)
    for column in catalogue.columns():
        if column.view and column.name in posts and (column.name in offered or column.name == "post_id"):
            configs[column.name] = column.view.place, _cell_config(column, column.view)
            if column.type == TOP_WORDS:
                shown[column.name] = posts[column.name].map(format_top_words, na_action="ignore")
            elif column.titles:
                shown[column.name] = posts[column.name].map(column.title_of, na_action="ignore")
    if any(mark_column(mark, offered) for mark in catalogue.marks()):
        shown[_TONES_COLUMN] = [", ".join(catalogue.marks_of(post)) for _, post in posts.iterrows()]
        about = labels.help_of(MARKS_FILTER) or None
        configs[_TONES_COLUMN] = _TONES_PLACE, st.column_config.TextColumn("Tone", width=110, help=about)
    names = [name for name in sorted(configs, key=lambda name: configs[name][0]) if name in shown]
    names = [name for name in names if not shown[name].replace("", None).isna().all()]
    st.dataframe(
        shown[names],
        column_order=names,
        column_config={name: config for name, (_, config) in configs.items()},
        hide_index=True,
        placeholder="",
        height=min(_HEADER_HEIGHT + row_height * len(shown), _MAX_HEIGHT),
        row_height=row_height,
        on_select="rerun",
        selection_mode=["single-row", "single-cell"],
        key=key,
    )


def list_verdicts(posts: pd.DataFrame) -> list[str]:
    """Return the sentiment of each post as text, and whether it is uncertain."""
    pairs = zip(posts["sentiment"], posts["uncertain"].eq(True), strict=True)
    return [labels.verdict(*pair) for pair in pairs]


def list_pictures(batches: Mapping[str, Batch], posts: pd.DataFrame) -> pd.Series:
    """Return the first image of each post as a small picture in a data address; None without one."""
    images = zip(posts["batch_id"], posts["images"], strict=True)
    pictures = [_first_picture(batches[batch_id], names) for batch_id, names in images]
    return pd.Series(pictures, index=posts.index, dtype=object)


def _first_picture(batch: Batch, images: Collection[str]) -> str | None:
    """Return the first image of a post as a small picture in a data address; None without one."""
    try:
        small = [
            cards.thumbnail(str(batch.media_path(name)), cards.ROW_THUMBNAIL) for name in list(images)[:1]
        ]
    except cards.UNREADABLE:
        return None
    return f"data:image/jpeg;base64,{base64.b64encode(small[0]).decode()}" if small else None


def _cell_config(column: Column, view: View) -> ColumnConfig:
    """Return the configuration of a column of the table."""
    label, about = view.label or column.label, plain(view.help) or None
    if column.kind == "time":
        label = f"Posted ({places.timezone()})"
        return st.column_config.DatetimeColumn(label, format=view.format, width=view.width, help=about)
    if column.kind in ("number", "count"):
        return st.column_config.NumberColumn(label, format=view.format or None, width=view.width, help=about)
    if column.kind == "yes/no":
        return st.column_config.CheckboxColumn(label, width=view.width, help=about)
    return st.column_config.TextColumn(label, width=view.width, help=about)
