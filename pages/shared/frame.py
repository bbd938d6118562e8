"""The frame of every page: menu, sidebar, and the page for the current URL."""

from __future__ import annotations

import streamlit as st

from analysis.logs import set_up_logs
from pages.shared import first_link, places, samples, sidebar
from pages.shared.messages import error_boundary

FILTERED = ("", "posts", "reasons", "explain", "report")
"""The `url_path` of each page with filters; "" is Overview."""


def show_page() -> None:
    """Draw the menu, the sidebar and the page for the current URL."""
    set_up_logs()
    st.set_page_config(page_title="PostLens", page_icon=places.ICON, layout="wide")
    page = st.navigation(
        {
            "Batch": [st.Page(places.UPLOAD, title="Upload", icon=":material/upload:", url_path="upload")],
            "Review": [
                st.Page(
                    places.OVERVIEW,
                    title="Overview",
                    icon=":material/bar_chart:",
                    url_path="overview",
                    default=True,
                ),
                st.Page(places.POSTS, title="Posts", icon=":material/view_list:", url_path="posts"),
                st.Page(places.REASONS, title="Reasons", icon=":material/balance:", url_path="reasons"),
                st.Page(places.EXPLAIN, title="Explain", icon=":material/troubleshoot:", url_path="explain"),
            ],
            "Report": [
                st.Page(places.REPORT, title="Report", icon=":material/download:", url_path="report"),
                st.Page(
                    places.DICTIONARY,
                    title="Data dictionary",
                    icon=":material/menu_book:",
                    url_path="dictionary",
                ),
            ],
            "Model": [st.Page(places.CARD, title="Model card", icon=":material/science:", url_path="model")],
        }
    )
    first_link.close_dialog()
    with error_boundary():
        samples.add_on_first_run()
    with error_boundary():
        sidebar.show_sidebar(with_filters=page.url_path in FILTERED)
        page.run()
