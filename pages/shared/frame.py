"""The frame of every page: menu, sidebar, and the page for the current URL."""

from __future__ import annotations

import streamlit as st

from analysis.logs import set_up_logs
from analysis.wording import shorten_to_one_line
from pages.server.start_page import START_PAGE
from pages.shared import engine, places, samples, sidebar, styles
from pages.shared.messages import error_boundary, plain

PAGES = (
    (places.UPLOAD, "Upload", "upload", "upload"),
    (places.OVERVIEW, "Overview", "bar_chart", START_PAGE),
    (places.TRENDS, "Trends", "trending_up", "trends"),
    (places.BREAKDOWN, "Breakdown", "leaderboard", "breakdown"),
    (places.THEMES, "Themes", "bubble_chart", "themes"),
    (places.TOPICS, "Custom topics", "label", "topics"),
    (places.COMPARE, "Compare", "compare_arrows", "compare"),
    (places.POSTS, "Posts", "view_list", "posts"),
    (places.REASONS, "Reasons", "balance", "reasons"),
    (places.EXPLAIN, "Explain", "troubleshoot", "explain"),
    (places.LABELLING, "Review", "rate_review", "review"),
    (places.REPORT, "Report", "download", "report"),
    (places.DICTIONARY, "Data dictionary", "menu_book", "dictionary"),
    (places.CARD, "Model card", "science", "model"),
)
"""Path, title, icon and address of each page, without sections: screen readers do not read such menus as lists."""


def show_page() -> None:
    """Draw the menu, the sidebar and the page for the current URL."""
    set_up_logs()
    st.set_page_config(page_title="PostLens", page_icon=places.ICON, layout="wide")
    page = st.navigation(
        [
            st.Page(
                path, title=title, icon=f":material/{icon}:", url_path=name, default=path == places.OVERVIEW
            )
            for path, title, icon, name in PAGES
        ],
        expanded=True,  # otherwise the last pages are hidden behind a button
    )
    styles.show_logo()
    styles.apply_styles()
    with error_boundary():
        samples.add_on_first_run()
    with error_boundary():
        paths = {title: path for path, title, *_ in PAGES}
        batch = sidebar.show_sidebar(paths[page.title])
        st.set_page_config(page_title=name_browser_tab(page.title, batch.name if batch else ""))
        styles.collapse_sidebar_once()
        if problem := engine.model_in_use().problem:
            st.warning(
                f"{plain(problem)} The model {engine.SHIPPED_MODEL} is used instead. Choose a model under “Retrain” "
                "on the Review page.",
                icon=":material/warning:",
            )
        page.run()


def name_browser_tab(page: str, batch: str) -> str:
    """Name the browser's tab, such as "Posts · autumn campaign – PostLens"."""
    printable = "".join(char for char in shorten_to_one_line(batch) if char.isprintable())
    return f"{' · '.join(filter(None, (page, printable)))} – PostLens"
