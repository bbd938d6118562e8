"""Themes: groups of similar posts that are found without a list of topics. Each opens its posts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pandas as pd
import streamlit as st

from analysis import query, search
from analysis.charts.themes import theme_map
from analysis.columns.themes import THEME_FILTER
from analysis.query import Filters
from analysis.scoring.jobs import submit_job
from analysis.scoring.pace import Progress
from analysis.search.themes import STEPS
from analysis.workspace import Batch, Themes, write_themes
from pages.components.deferred import show_when_idle
from pages.review import find
from pages.review.theme_card import ShownTheme, describe_share, show_theme
from pages.review.theme_table import add_trends, choose_themes, show_theme_table
from pages.shared import labels, places, progress, scored
from pages.shared.charts import chart

SHOWN, TYPICAL = 8, 3  # cards on one page, and typical posts of each


def find_themes(batch: Batch, report: Progress, cancelled: Callable[[], bool]) -> bool:
    """Find and store the themes of a batch, as a background job."""

    def begin(step: str) -> bool:
        report(step, list(STEPS).index(step), len(STEPS))
        return not cancelled()

    found = search.find_themes(batch, step=begin)
    if found:
        write_themes(batch, found)
    return found is not None


def start(batch: Batch) -> None:
    """Start to find the themes of a batch."""
    submit_job(batch, partial(find_themes, batch))


def offer_themes(batch: Batch) -> None:
    """Say what themes are, and offer to find them."""
    st.markdown(
        "Themes are groups of posts that are similar in meaning, by their texts and images. They are found without "
        "any list of topics, named by their most typical terms, and kept with the posts."
    )
    if not find.is_offered(batch) or progress.is_busy(batch):
        return
    n_posts, limit = batch.manifest.n_posts, batch.settings.theme_posts
    if batch.scored() < n_posts:
        st.info("Themes can be found once all posts are scored.", icon=":material/info:")
        return
    st.button(
        "Find themes",
        key="find_themes",
        type="primary",
        icon=":material/bubble_chart:",
        on_click=start,
        args=(batch,),
    )
    about = "Takes about a minute for 10,000 posts, in the background."
    if n_posts > limit:
        about += (
            f" Themes are found in {limit:,} posts, drawn at random; each other post then gets the nearest theme, "
            "unless it is far from it."
        )
    st.caption(about)


def show_theme_counts(batch: Batch, filters: Filters, themes: Themes, counts: pd.DataFrame) -> None:
    """Say how many themes there are, how many posts have none, and how they were found."""
    without = int(counts.loc[counts["theme"] == len(themes.names), "posts"].sum())
    compared = int(counts["posts"].sum())
    shown = int((counts["theme"] < len(themes.names)).sum())
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            f"**{shown:,} theme{'s' * (shown != 1)}** in {labels.posts(compared)}. {labels.posts(without)} "
            f"{'has' if without == 1 else 'have'} no theme"
            + (f": {describe_share(without, compared)}" if without else "."),
            width="content",
        )
        if without:
            st.page_link(
                places.POSTS,
                label="Show them",
                query_params=places.link(filters.with_selection((THEME_FILTER, themes.values[-1]))),
                width="content",
            )
    about = (
        "Found by the steps of BERTopic: posts are compared by words and by embeddings, without the average "
        "differences between languages and between positive and negative posts, reduced by UMAP, grouped by HDBSCAN, "
        "similar groups merged, and named by class-based TF-IDF. A theme can still be mostly of one sentiment. A "
        "post outside the groups gets the nearest theme, but only if it is as near to it as most posts of that "
        "theme, and otherwise none."
    )
    if themes.fitted < batch.manifest.n_posts:
        about += f" The groups were found in {labels.posts(themes.fitted)}, a random sample."
    st.caption(about)
    if not themes.names:
        st.info(
            "No group of posts is similar enough to be a theme. Themes need some hundred posts, of which several are "
            "on the same subject.",
            icon=":material/bubble_chart:",
        )


def show_map(batch: Batch, filters: Filters, themes: Themes, largest: list[int]) -> None:
    """Show the map of the matching posts."""
    posts = query.read_theme_map(batch, filters)
    if posts.empty:
        return
    chart("Map", theme_map(posts, themes.values, largest), filters)
    st.caption(
        f"{labels.posts(len(posts))}, similar ones near each other; distances between groups mean little. "
        "Click a point to open its post."
    )


def show_themes(batch: Batch, filters: Filters, themes: Themes, counts: pd.DataFrame) -> None:
    """Show all themes as a table, and a page of them as cards, in the same order."""
    compared = int(counts["posts"].sum())
    found = choose_themes(batch, themes, counts)
    if found.empty:
        return
    unit, found = add_trends(batch, filters, found)
    chosen = show_theme_table(batch, filters, themes, found, unit, compared)
    if chosen is not None:
        only = filters.with_selection((THEME_FILTER, chosen))
        st.switch_page(places.POSTS, query_params=places.link(only))
    place = f"themes_{hash((batch.id, filters, tuple(found['theme'])))}"
    offset = (st.session_state.get(place, 1) - 1) * SHOWN
    shown = found.iloc[offset : offset + SHOWN]
    typical = query.read_typical_posts(batch, filters, shown["theme"].tolist(), TYPICAL)
    for _, row in shown.iterrows():
        number = int(row["theme"])
        theme = ShownTheme(
            number, row["name"], themes.terms[number], row, compared, row["trend"], unit, typical[number]
        )
        show_theme(batch, filters, theme)
    if len(found) > SHOWN:
        st.pagination(-(-len(found) // SHOWN), key=place, persist_state="session")


st.title("Themes")
batch, filters, totals = scored.open_scored_posts()
themes = batch.themes
if themes is None:
    offer_themes(batch)
    st.stop()
counts = query.count_themes(batch, filters)
show_theme_counts(batch, filters, themes, counts)
if counts.empty:
    st.stop()
show_themes(batch, filters, themes, counts)
show_when_idle(partial(show_map, batch, filters, themes, counts["theme"].tolist()))
