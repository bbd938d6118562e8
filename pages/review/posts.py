"""Posts: the filtered posts as a table or a gallery, sorted by any score. A click opens one in Explain."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd
import streamlit as st

from analysis import query
from analysis.posts import has_text
from analysis.workspace import Batch
from pages.review import meaning
from pages.shared import cards, labels, places, progress, sidebar
from pages.shared.choices import unique_labels
from pages.shared.engine import heads

SIZES = {"table": 100, "gallery": 24}
VIEWS = {"table": ":material/table_rows: Table", "gallery": ":material/grid_view: Gallery"}
SORTS = {  # column and whether the largest comes first
    ("row", False): "File order",
    ("uncertainty", False): "Least confident first",
    ("confidence", True): "Most confident first",
    ("valence", False): "Most negative first",
    ("valence", True): "Most positive first",
    ("p_neutral", True): "Most neutral first",
    ("agreement", False): "Largest disagreement first",
    ("phi_image", True): "Strongest image support first",
    ("phi_text", True): "Strongest text support first",
    ("created_at", True): "Newest first",
    ("created_at", False): "Oldest first",
}
NEARNESS = "Cosine similarity in the shared text and image space: the larger of the post's two values."
COLUMNS = {
    "reads": st.column_config.TextColumn("Sentiment", width=105),
    "text": st.column_config.TextColumn("Text", width=330),
    "valence": st.column_config.NumberColumn("Valence", format="%+.2f", width=70, help=labels.VALENCE),
    "confidence": st.column_config.NumberColumn(
        "Confidence", format="percent", width=85, help=labels.CONFIDENCE
    ),
    "about": st.column_config.TextColumn("Topic", width=150),
    "feels": st.column_config.TextColumn("Emotion", width=100, help=labels.EMOTION),
    "sounds": st.column_config.TextColumn("Tone", width=110, help=labels.TONE),
    "spoken": st.column_config.TextColumn("Language", width=95),
    "similarity": st.column_config.NumberColumn("Similarity", format="%.2f", width=85, help=NEARNESS),
    "made_of": st.column_config.TextColumn("Content type", width=125),
    "agreement": st.column_config.NumberColumn("Agreement", format="%.2f", width=85, help=labels.AT_ODDS),
    "author": st.column_config.TextColumn("Author", width=110),
    "created_at": st.column_config.DatetimeColumn("Time (UTC)", format="YYYY-MM-DD HH:mm", width=130),
    "post_id": st.column_config.TextColumn("ID", width=110),
}


def choose_view(columns: Collection[str], by_meaning: bool) -> tuple[str, tuple[str, bool]]:
    """Draw the choice of view and order; the order goes into the address, so that links keep it.

    Args:
        columns: What the batch can be sorted by.
        by_meaning: Whether posts stand in the order of their nearness instead.
    """
    topics = {(f"topic_{name}", True): f"{labels.topic(name)} first" for name in heads()["topic"].classes}
    tones = {(f"p_{name}", True): f"Most {labels.tone(name).lower()} first" for name in labels.tones()}
    sorts = {order: title for order, title in (SORTS | topics | tones).items() if order[0] in columns}
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
    """Go to one post's explanation, keeping filters and order for "previous" and "next"."""
    st.switch_page(places.EXPLAIN, query_params=places.link(post=post_id))


def ask_meaning() -> None:
    """Draw the search by meaning, and what posts are near to at present; the address keeps it."""
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


def table(posts: pd.DataFrame, columns: Collection[str]) -> None:
    """Show posts as rows; choosing any cell opens its post."""
    shown = posts.assign(
        confidence=posts["confidence"].round(2),
        reads=[
            labels.verdict(*pair)
            for pair in zip(posts["sentiment"], posts["uncertain"].eq(True), strict=True)
        ],
        about=posts["topic"].map(labels.topic, na_action="ignore"),
        feels=posts["emotion"].map(labels.emotion, na_action="ignore"),
        sounds=[", ".join(labels.tones_of(post)) for _, post in posts.iterrows()],
        spoken=posts["language"].map(labels.language, na_action="ignore"),
        made_of=posts["inputs_used"].map(labels.made_of, na_action="ignore"),
        text=posts["text"].map(lambda text: cards.excerpt(text, 300)),
    )
    needs = {"feels": "emotion", "sounds": "p_irony", "similarity": "similarity"}
    event = st.dataframe(
        shown,
        column_order=[name for name in COLUMNS if needs.get(name, "row") in columns],
        column_config=COLUMNS,
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
batch = sidebar.opened_batch()
progress.show(batch)
filters = places.in_force()
found = query.count(batch, filters)
sidebar.active_filters(found, batch.manifest.n_posts)
columns = query.sortable(batch)
by_meaning = meaning.offered(batch)
if by_meaning:
    ask_meaning()
near = places.near() if by_meaning else None
is_ranked = near is not None and near[0] != "own_topic"  # a topic is a filter, its posts stand in any order
view, order = choose_view(columns, is_ranked)
if near:
    nearest = meaning.near_posts(batch, *near)
    found = query.count(batch, meaning.narrowed(filters, nearest))
    st.caption(f"**{labels.posts(found)}**" + (", most similar first" if is_ranked else ""))
if not found:
    st.info("No posts match. Remove a filter.", icon=":material/filter_alt_off:")
    st.stop()
pages = -(-found // SIZES[view])
place = f"page_{view}_{hash((batch.id, filters, order, near))}"  # another list starts on its first page
number = min(st.session_state.get(place, 1), pages)
offset = (number - 1) * SIZES[view]
if near and is_ranked:
    shown = meaning.ranked(batch, filters, nearest).iloc[offset : offset + SIZES[view]]
else:
    meant = meaning.narrowed(filters, nearest) if near else filters
    shown = query.page(batch, meant, *order, SIZES[view], offset)
if view == "table":
    table(shown, (*columns, *shown.columns[shown.columns == "similarity"]))
else:
    gallery(batch, shown)
if pages > 1:
    st.pagination(pages, key=place, persist_state="session")
