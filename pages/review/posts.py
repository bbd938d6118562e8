"""Posts: the filtered posts as a table or a gallery, sorted by any score. A click on a row shows its reasons."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial

import pandas as pd
import streamlit as st

from analysis import query
from analysis.columns import TOPIC_COLUMN
from analysis.errors import ScoringError
from analysis.query import Filters
from analysis.wording import format_number
from analysis.workspace import Batch
from pages.components.post_card import show_post_card
from pages.review import find, marks, post_lists
from pages.review.label_table import show_label_table
from pages.review.post_lists import BATCH, BATCH_NAME, PostList
from pages.review.post_panel import find_opened_post, show_panel
from pages.review.posts_table import ROW_HEIGHTS, show_table
from pages.shared import cards, catalogue, current_batch, filter_bar, labels, places, progress
from pages.shared.choices import unique_labels
from pages.shared.engine import workspace
from pages.shared.messages import plain, show_error

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


def choose_view(columns: Collection[str], by_similarity: bool) -> tuple[str, tuple[str, bool], int]:
    """Show the choice of view, order and row height; the order is stored in the URL, so that links keep it.

    Args:
        columns: The columns that the batch can be sorted by.
        by_similarity: Whether posts are sorted by similarity instead.
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
            disabled=by_similarity,
            help="These posts are sorted by similarity." if by_similarity else None,
            on_change=lambda: places.set_order(*st.session_state["order"]),
        )
        rows = next(iter(ROW_HEIGHTS))
        if view == "table":
            rows = st.segmented_control(
                "Rows", list(ROW_HEIGHTS), default=rows, required=True, key="rows", persist_state="session"
            )
    return view, order, ROW_HEIGHTS[rows]


def gallery(batches: Mapping[str, Batch], posts: pd.DataFrame, by_similarity: bool) -> None:
    """Show posts as cards of equal width, with the buttons that mark them if posts can be ranked by similarity."""
    with st.grid(min_column_width=cards.CARD_WIDTH):
        for post in query.list_rows(posts):
            batch = batches[post[BATCH]]
            titles = (
                [f"Similarity {format_number(post['similarity'])} ({post['match']})"]
                if "similarity" in post
                else []
            )
            titles += [plain(post[BATCH_NAME])] if len(batches) > 1 else []
            address = places.link(batch=batch.id, post=post["post_id"])
            marking = partial(marks.show_mark_buttons, batch.id, post) if by_similarity else None
            show_post_card(batch, post, address, " · ".join(titles), marking)


def rank(searched: Sequence[tuple[Batch, Filters]], similar: find.SimilaritySearch) -> PostList:
    """Rank posts, and name the batches that are left out; stop the page if the first one cannot be searched."""
    try:
        posts, left_out = post_lists.list_ranked(searched, similar)
    except ScoringError as error:
        show_error(error)
        find.stop_without_results()
    if left_out:
        names = ", ".join(f"“{plain(each.manifest.name)}”" for each in left_out)
        st.caption(f"Not searched, as scored with another model or without embeddings: {names}.")
    return posts


def show_summary(posts: PostList, similar: find.SimilaritySearch | None, batches: int) -> None:
    """Show how many posts there are in the list, unless the filter bar says it."""
    across = f" of {batches} batches" if batches > 1 else ""
    if similar:
        find.show_search(similar, f"**{labels.posts(posts.total)}**{across}, most similar first")
    elif batches > 1:
        st.caption(f"**{labels.posts(posts.total)}**{across}, one batch after the other")


st.title("Posts")
batch = current_batch.open_current_batch()
progress.show_job(batch)
filters = places.current_filters()
found = query.count_matching_posts(batch, filters)
filter_bar.show_filters(found, batch.manifest.n_posts)
columns = query.list_sortable_columns(batch)
by_similarity = find.is_offered(batch)
find.show_controls(len(workspace().batches()) > 1, by_similarity)
if by_similarity:
    marks.show_marks()
similar = find.current_search(batch) if by_similarity else None
view, order, row_height = choose_view(columns, similar is not None)
searched = post_lists.open_batches(batch, filters) if places.searches_all_batches() else [(batch, filters)]
posts = rank(searched, similar) if similar else post_lists.list_sorted(searched, order, found)
show_summary(posts, similar, len(searched))
if similar and not posts.total:
    find.stop_without_results()
filter_bar.stop_if_empty(posts.total)
pages = -(-posts.total // SIZES[view])
place = (
    f"page_{view}_{hash((batch.id, filters, order, similar and similar.key, len(searched)))}"  # of this list
)
number = min(st.session_state.get(place, 1), pages)
shown = posts.read((number - 1) * SIZES[view], SIZES[view])
batches = {each.id: each for each, _ in searched}
if view == "table":
    key, ids = f"posts_table_{place}_{number}", list(zip(shown[BATCH], shown["post_id"], strict=True))
    opened = find_opened_post(key, ids)
    grid = st.grid(5, min_column_width=130, gap="medium")
    with grid.cell(column_span=3 if opened else 5):
        offered = (*columns, *shown.columns.intersection(["similarity", TOPIC_COLUMN]))
        show_table(batches, shown, offered, row_height, key)
        st.caption(
            "Click a row to see why the post got its scores. Then J and K open the next and the previous one."
        )
    if opened:
        with grid.cell(column_span=2):
            of_opened = batches[opened[0]]
            show_panel(of_opened, query.read_post(of_opened, opened[1]), ids, by_similarity)
elif view == "labels":
    show_label_table(batches, shown, f"label_table_{place}_{number}")
else:
    gallery(batches, shown, by_similarity)
if pages > 1:
    st.pagination(pages, key=place, persist_state="session")
