"""The row of filters at the top of each page that shows posts: the most used ones, and the others in one menu.

The row is a fragment: opening a menu runs only the row, not the page. A menu that is closed has no widgets.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import streamlit as st

from analysis.columns import Column
from analysis.query import Filters
from pages.shared import catalogue, filter_widgets, places
from pages.shared.messages import plain

MENUS = {"sentiments": "Sentiment", "topics": "Topic", "since": "Dates"}
"""The filters with a menu of their own, by name, with its title; a model need not have them all."""

STYLE = """<style>
@media (max-width: 480px) {
  .st-key-filter_bar { gap: 0.4rem; }
  .st-key-filter_bar > :has(input) { flex: 1 1 100%; width: 100% !important; }
  .st-key-filter_bar button { padding-left: 0.5rem; padding-right: 0.5rem; }
}
</style>"""
"""In a narrow window, the search field has a row of its own and the menus fit in one row below it."""


@st.fragment
def show_filter_bar(shown: Filters) -> None:
    """Show the search field and the menus of filters.

    Args:
        shown: The filters of the posts on the page; when a widget has changed them, the page runs again.
    """
    if places.current_filters() != shown:
        st.rerun()
    st.html(STYLE)
    found = {catalogue.kind_of(each).name: each for each in catalogue.filter_columns()}
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="filter_bar"):
        filter_widgets.show_search()
        for name, title in MENUS.items():
            if name in found:
                _show_menu(title, name, [found.pop(name)])
        _show_menu("More filters", "more", found.values())


def _show_menu(title: str, name: str, filters: Iterable[Sequence[Column]]) -> None:
    menu = st.popover(plain(title), key=f"filters_{name}", on_change="rerun")
    if menu.open:
        with menu:
            for of_filter in filters:
                filter_widgets.show_filter(of_filter)
