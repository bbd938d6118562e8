"""Posts: the filtered posts as a table or a gallery, sorted by any score. A click opens one in Explain."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from analysis import query, search
from analysis.columns import MARKS_FILTER, TOP_WORDS, Column, View
from analysis.posts import has_text
from analysis.query.conditions import mark_column
from analysis.wording import format_top_words
from analysis.workspace import Batch
from pages.review import meaning
from pages.shared import cards, catalogue, labels, places, progress, sidebar
from pages.shared.choices import unique_labels
from pages.shared.messages import plain

SIZES = {"table": 100, "gallery": 24}
VIEWS = {"table": ":material/table_rows: Table", "gallery": ":material/grid_view: Gallery"}
DEFAULT_ORDER = {("row", False): "File order"}
SIMILARITY_HELP = (
    "Cosine similarity in the shared space of text and images: the higher of the post's two values."
)
TONES_COLUMN, TONES_PLACE = "tones", 55  # one table column for the marks of all heads


def orders(offered: Collection[str]) -> dict[tuple[str, bool], str]:
    """List the sort orders with their titles, by column and whether descending."""
    found = {
        (order.key or column.name, order.descending): order.title
        for column in catalogue.columns()
        for order in column.orders
    }
    return {order: title for order, title in (DEFAULT_ORDER | found).items() if order[0] in offered}


def choose_view(columns: Collection[str], by_meaning: bool) -> tuple[str, tuple[str, bool]]:
    """Show the choice of view and order; the order is stored in the URL, so that links keep it.

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
    return view, order


def open_post(post_id: str) -> None:
    """Open a post's explanation, keeping filters and order for "Previous" and "Next"."""
    st.switch_page(places.EXPLAIN, query_params=places.link(post=post_id))


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
        if near:
            st.button(
                meaning.near_label(*near),
                key="drop_near",
                icon=":material/close:",
                icon_position="right",
                help="Show all posts",
                on_click=places.set_near,
                args=("meaning", ""),
            )


def table(posts: pd.DataFrame, offered: Collection[str]) -> None:
    """Show posts as rows; choosing any cell opens its post."""
    shown = posts.assign(
        confidence=posts["confidence"].round(2),
        sentiment=[
            labels.verdict(*pair)
            for pair in zip(posts["sentiment"], posts["uncertain"].eq(True), strict=True)
        ],
        language=posts["language"].map(labels.language, na_action="ignore"),
        text=posts["text"].map(lambda text: cards.excerpt(text, 300)),
    )
    configs = {
        "similarity": (
            65,
            st.column_config.NumberColumn("Similarity", format="%.2f", width=85, help=SIMILARITY_HELP),
        )
    }
    for column in catalogue.columns():
        if column.view and column.name in posts and (column.name in offered or column.name == "post_id"):
            if column.type == TOP_WORDS and posts[column.name].isna().all():  # not computed for these posts
                continue
            configs[column.name] = column.view.place, cell_config(column, column.view)
            if column.type == TOP_WORDS:
                shown[column.name] = posts[column.name].map(format_top_words, na_action="ignore")
            elif column.titles:
                shown[column.name] = posts[column.name].map(column.title_of, na_action="ignore")
    if any(mark_column(mark, offered) for mark in catalogue.marks()):
        shown[TONES_COLUMN] = [", ".join(catalogue.marks_of(post)) for _, post in posts.iterrows()]
        about = labels.help_of(MARKS_FILTER) or None
        configs[TONES_COLUMN] = TONES_PLACE, st.column_config.TextColumn("Tone", width=110, help=about)
    names = [name for name in sorted(configs, key=lambda name: configs[name][0]) if name in shown]
    event = st.dataframe(
        shown[names],
        column_order=names,
        column_config={name: config for name, (_, config) in configs.items()},
        hide_index=True,
        placeholder="",
        height=560,
        on_select="rerun",
        selection_mode=["single-row", "single-cell"],
        key="posts_table",
    )
    picked = event["selection"]["rows"] or [row for row, _ in event["selection"]["cells"]]
    if picked:
        open_post(posts["post_id"].iloc[picked[0]])
    st.caption("Click a row to see the explanation of its scores.")


def cell_config(column: Column, view: View) -> ColumnConfig:
    """Return the configuration of a column of the table."""
    label, about = plain(view.label or column.label), plain(view.help) or None
    if column.kind == "time":
        return st.column_config.DatetimeColumn(label, format=view.format, width=view.width, help=about)
    if column.kind in ("number", "count"):
        return st.column_config.NumberColumn(label, format=view.format or None, width=view.width, help=about)
    if column.kind == "yes/no":
        return st.column_config.CheckboxColumn(label, width=view.width, help=about)
    return st.column_config.TextColumn(label, width=view.width, help=about)


def gallery(batch: Batch, posts: pd.DataFrame) -> None:
    """Show posts as cards of equal width."""
    with st.grid(min_column_width=cards.CARD_WIDTH):
        for number, post in enumerate(posts.to_dict("records")):
            with st.container(border=True, height="stretch"):
                cards.show_cover([batch.media_path(media_id) for media_id in post["images"]])
                labels.verdict_badge(post["sentiment"], post["uncertain"] is True)
                if has_text(post["text"]):
                    st.text(cards.excerpt(post["text"]))
                if st.button(
                    "Explain", icon=":material/troubleshoot:", key=f"explain_{number}", type="tertiary"
                ):
                    open_post(post["post_id"])


st.title("Posts")
batch = sidebar.open_current_batch()
progress.show_job(batch)
filters = places.current_filters()
found = query.count_matching_posts(batch, filters)
sidebar.show_active_filters(found, batch.manifest.n_posts)
columns = query.list_sortable_columns(batch)
by_meaning = meaning.is_offered(batch)
if by_meaning:
    show_meaning_search()
near = places.near() if by_meaning else None
is_ranked = near is not None and near[0] != "own_topic"  # a topic is a filter: its posts can be sorted
view, order = choose_view(columns, is_ranked)
if near:
    nearest = meaning.find_similar(batch, *near)
    found = query.count_matching_posts(batch, search.keep_found_posts(filters, nearest))
    st.caption(f"**{labels.posts(found)}**" + (", most similar first" if is_ranked else ""))
sidebar.stop_if_empty(found)
pages = -(-found // SIZES[view])
place = f"page_{view}_{hash((batch.id, filters, order, near))}"  # another list starts at its first page
number = min(st.session_state.get(place, 1), pages)
offset = (number - 1) * SIZES[view]
if near and is_ranked:
    shown = search.rank_posts(batch, filters, nearest).iloc[offset : offset + SIZES[view]]
else:
    matching = search.keep_found_posts(filters, nearest) if near else filters
    shown = query.read_page(batch, matching, *order, SIZES[view], offset)
if view == "table":
    table(shown, (*columns, *shown.columns[shown.columns == "similarity"]))
else:
    gallery(batch, shown)
if pages > 1:
    st.pagination(pages, key=place, persist_state="session")
