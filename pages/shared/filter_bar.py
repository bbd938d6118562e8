"""The filters at the top of each page that shows posts: the most used ones, the others in one menu, and active ones.

The row of menus is a fragment: opening a menu runs only the row, not the page. A menu that is closed has no widgets.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

import streamlit as st

from analysis.columns import Column, Days
from analysis.query import Filters
from pages.components.chip_bar import Chip, show_chip_bar
from pages.shared import catalogue, filter_widgets, labels, places
from pages.shared.messages import error_boundary, plain
from pages.shared.topic_filter import show_missing_topics

MENUS = {"sentiments": "Sentiment", "topics": "Topic", "since": "Dates"}
"""The filters with a menu of their own, by name, with its title; a model need not have them all."""

STYLE = """<style>
@media (max-width: 480px) {
  .st-key-filter_bar { gap: 0.4rem; }
  .st-key-filter_bar > :has(input) { flex: 1 1 calc(100% - 4rem); width: calc(100% - 4rem) !important; }
  .st-key-filter_bar button { padding-left: 0.5rem; padding-right: 0.5rem; }
}
</style>"""
"""In a narrow window, the search field and its help have a row of their own, and the menus fit in one below it."""


def show_filters(shown: int, total: int) -> None:
    """Show the filter bar, how many posts match, and a chip for each filter that is set.

    Args:
        shown: Number of posts that match.
        total: Number of posts of the batch.
    """
    filters = places.current_filters()
    _show_menus(filters)
    on = _list_active(filters)
    show_chip_bar(
        f"**{shown:,} of {labels.posts(total)}**" if on else f"All {labels.posts(total)}",
        [Chip(name, filter_widgets.describe_filter(name, filters), partial(_drop, name)) for name in on],
    )
    filter_widgets.show_ignored_values()
    show_missing_topics(filters)


def stop_if_empty(found: int) -> None:
    """Stop the page if no posts match, and offer to clear the filters."""
    if not found:
        show_empty()
        st.stop()


def show_empty() -> None:
    """Say that no posts match, and offer to clear the filters."""
    filters = places.current_filters()
    on = _list_active(filters)
    days = filter_widgets.find_reversed_days(filters)
    if days:
        st.warning(filter_widgets.describe_reversed_days(days, filters), icon=":material/date_range:")
    else:
        text = f"No posts match{' these filters' if on else ''}."
        if unknown := filter_widgets.list_unknown_values(filters):
            text += f" These posts have no {plain(' and no '.join(unknown))}."
        st.info(text, icon=":material/filter_alt_off:")
    with st.container(horizontal=True):
        if days:
            st.button(
                "Swap the days",
                key="swap_days",
                icon=":material/swap_horiz:",
                type="primary",
                on_click=_swap_days,
                args=(days,),
            )
        if on:
            st.button(
                "Clear all filters",
                key="clear_filters",
                icon=":material/close:",
                type="secondary" if days else "primary",
                on_click=_drop,
                args=tuple(on),
            )


@st.fragment
def _show_menus(shown: Filters) -> None:
    """Show the search field and the menus of filters.

    Args:
        shown: The filters of the posts on the page; when a widget has changed them, the page runs again.
    """
    if places.current_filters() != shown:
        st.rerun()
    st.html(STYLE)
    with error_boundary():
        _show_widgets()


def _show_widgets() -> None:
    """Show the search field, and a menu for each of `MENUS` and for all others."""
    found = {catalogue.kind_of(each).name: each for each in catalogue.filter_columns()}
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="filter_bar"):
        filter_widgets.show_search()
        for name, title in MENUS.items():
            if name in found:
                _show_menu(title, name, [found.pop(name)])
        _show_menu("More filters", "more", found.values())
    filter_widgets.show_search_error()


def _show_menu(title: str, name: str, filters: Iterable[Sequence[Column]]) -> None:
    menu = st.popover(plain(title), key=f"filters_{name}", on_change="rerun")
    if menu.open:
        with menu:
            for of_filter in filters:
                filter_widgets.show_filter(of_filter)


def _list_active(filters: Filters) -> list[str]:
    """List the names of the filters that are set."""
    return [*(["search"] if filters.search else []), *dict(filters.by_name)]


def _swap_days(kind: Days) -> None:
    filters = places.current_filters()
    places.set_filters(
        filters.with_values({kind.name: filters.get(kind.until), kind.until: filters.get(kind.name)})
    )


def _drop(*names: str) -> None:
    filters = places.current_filters().with_values(dict.fromkeys(set(names) - {"search"}))
    places.set_filters(filters.replace(search="") if "search" in names else filters)
