"""Posts: the filtered posts as a table or a gallery, sorted by any score. A click on a row shows its reasons."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

import pandas as pd
import streamlit as st

from analysis import query, search
from analysis.columns import TOPIC_COLUMN
from analysis.workspace import Batch
from pages.components.chip_bar import Chip, show_chip_bar
from pages.components.post_card import show_post_card
from pages.review import meaning
from pages.review.label_table import show_label_table
from pages.review.post_panel import find_opened_post, show_panel
from pages.review.posts_table import ROW_HEIGHTS, show_table
from pages.shared import cards, catalogue, current_batch, filter_bar, labels, places, progress
from pages.shared.choices import unique_labels

SIZES = {"table": 100, "gallery": 24, "labels": 100}
VIEWS = {
    "table": ":material/table_rows: Table",
    "gallery": ":material/grid_view: Gallery",
    "labels": ":material/rate_review: Label",
}
DEFAULT_ORDER = {("row", False): "File order"}


def orders(offered: Collection[str]) -> dict[tuple[str, bool], str]:
    """List the sort orders with their titles, by column and whether descending."""
    found = {
        (order.key or column.name, order.descending): order.title
        for column in catalogue.columns()
        for order in column.orders
    }
    return {order: title for order, title in (DEFAULT_ORDER | found).items() if order[0] in offered}


def choose_view(columns: Collection[str], by_meaning: bool) -> tuple[str, tuple[str, bool], int | None]:
    """Show the choice of view, order and row height; the order is stored in the URL, so that links keep it.

    Args:
        columns: The columns that the batch can be sorted by.
        by_meaning: Whether posts are sorted by similarity instead.
    """
    sorts = orders(columns)
    st.session_state["order"] = places.order() if places.order() in sorts else ("row", False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        view = st.segmented_control(
            "View",
            list(VIEWS),
            format_func=VIEWS.__getitem__,
            default="table",
            required=True,
            key="view",
            persist_state="session",
        )
        order = st.selectbox(
            "Sort",
            list(sorts),
            format_func=unique_labels(sorts, sorts.__getitem__),
            key="order",
            width=320,
            disabled=by_meaning,
            help="Search results are sorted by similarity." if by_meaning else None,
            on_change=lambda: places.set_order(*st.session_state["order"]),
        )
        rows = next(iter(ROW_HEIGHTS))
        if view == "table":
            rows = st.segmented_control(
                "Rows", list(ROW_HEIGHTS), default=rows, required=True, key="rows", persist_state="session"
            )
    return view, order, ROW_HEIGHTS[rows]


def show_meaning_search() -> None:
    """Show the semantic search and its current target, which is stored in the URL."""
    near = places.near()
    st.session_state["meaning"] = near[1] if near and near[0] == "meaning" else ""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            "Search by meaning",
            placeholder="For example: a dog on the beach",
            key="meaning",
            icon=":material/neurology:",
            help="Finds posts whose text or images are similar in meaning, most similar first.",
            on_change=lambda: places.set_near("meaning", st.session_state["meaning"].strip()),
        )


def gallery(batch: Batch, posts: pd.DataFrame) -> None:
    """Show posts as cards of equal width."""
    with st.grid(min_column_width=cards.CARD_WIDTH):
        for post in query.list_rows(posts):
            similarity = f"Similarity {post['similarity']:.2f}" if "similarity" in post else ""
            show_post_card(batch, post, places.link(post=post["post_id"]), similarity)


st.title("Posts")
batch = current_batch.open_current_batch()
progress.show_job(batch)
filters = places.current_filters()
found = query.count_matching_posts(batch, filters)
filter_bar.show_filters(found, batch.manifest.n_posts)
columns = query.list_sortable_columns(batch)
by_meaning = meaning.is_offered(batch)
if by_meaning:
    show_meaning_search()
near = places.near() if by_meaning else None
view, order, row_height = choose_view(columns, near is not None)
if near:
    nearest = meaning.find_similar(batch, *near)
    found = query.count_matching_posts(batch, search.keep_found_posts(filters, nearest))
    show_chip_bar(
        f"**{labels.posts(found)}**, most similar first",
        [Chip("near", meaning.near_label(*near), partial(places.set_near, "meaning", ""), "Show all posts")],
    )
filter_bar.stop_if_empty(found)
pages = -(-found // SIZES[view])
place = f"page_{view}_{hash((batch.id, filters, order, near))}"  # another list starts at its first page
number = min(st.session_state.get(place, 1), pages)
offset = (number - 1) * SIZES[view]
if near:
    shown = search.rank_posts(batch, filters, nearest).iloc[offset : offset + SIZES[view]]
else:
    shown = query.read_page(batch, filters, *order, SIZES[view], offset)
if view == "table":
    key, ids = f"posts_table_{place}_{number}", shown["post_id"].tolist()
    opened = find_opened_post(key, ids)
    grid = st.grid(5, min_column_width=130, gap="medium")
    with grid.cell(column_span=3 if opened else 5):
        offered = (*columns, *shown.columns.intersection(["similarity", TOPIC_COLUMN]))
        show_table(batch, shown, offered, row_height, key)
        st.caption(
            "Click a row to see why the post got its scores. Then J and K open the next and the previous one."
        )
    if opened:
        with grid.cell(column_span=2):
            show_panel(batch, query.read_post(batch, opened), ids)
elif view == "labels":
    show_label_table(batch, shown, f"label_table_{place}_{number}")
else:
    gallery(batch, shown)
if pages > 1:
    st.pagination(pages, key=place, persist_state="session")
