"""The filters of the sidebar, one widget for each filter of the catalogue, and descriptions of set filters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from analysis.columns import AnyOf, Column, Days, FilterKind, Flag, OneOf, Range, describe_filter_value
from analysis.query import Filters
from analysis.query.filters import FilterValue
from pages.shared import catalogue, labels, places
from pages.shared.choices import unique_labels
from pages.shared.messages import plain


def show_filters() -> None:
    """Show the filters, which read from and write to the URL."""
    filters = places.current_filters()
    st.session_state["filter_search"] = filters.search
    with st.expander("Filters", icon=":material/filter_alt:", expanded=True):
        st.text_input(
            "Search text",
            placeholder="Text, author or ID",
            key="filter_search",
            icon=":material/search:",
            on_change=_write,
        )
        for of_filter in catalogue.filter_columns():
            _show_filter(of_filter, filters)


def describe_filter(name: str, filters: Filters) -> str:
    """Describe a filter that is set, such as "Ironic or Hateful" or "Valence 0.20 to 1.00"."""
    if name == "search":
        return f"“{plain(filters.search)}”"
    for of_filter in catalogue.filter_columns():
        kind = catalogue.kind_of(of_filter)
        if name in kind.names:
            return describe_filter_value(kind, name, filters.get(name), _escaped_title(of_filter))
    return plain(f"{name}: {' or '.join(filters.chosen(name))}")  # a head that this model lacks


def _escaped_title(of_filter: Sequence[Column]) -> Callable[[str], str]:
    """Return a function that gives the title of a filter's option, escaped for Markdown."""
    title = labels.option_title(of_filter)
    return lambda value: plain(title(value))


def _show_filter(of_filter: Sequence[Column], filters: Filters) -> None:
    kind = catalogue.kind_of(of_filter)
    common: dict[str, Any] = {"key": f"filter_{kind.name}", "on_change": _write, "help": _help(kind)}
    if isinstance(kind, OneOf | AnyOf):
        options = catalogue.options_of(of_filter)
        st.session_state[common["key"]] = [one for one in filters.chosen(kind.name) if one in options]
        title: Callable[[str], str] = labels.option_title(of_filter)
        if isinstance(kind, OneOf) and kind.is_long:
            st.multiselect(
                plain(kind.label),
                options,
                format_func=unique_labels(options, title),
                placeholder=f"Any {kind.label.lower()}",
                **common,
            )
        else:
            pill_title = unique_labels(options, lambda one: plain(title(one)))
            st.pills(plain(kind.label), options, selection_mode="multi", format_func=pill_title, **common)
    elif isinstance(kind, Flag):
        value = filters.get(kind.name)
        st.session_state[common["key"]] = value if kind.choices else bool(value)
        if kind.choices:
            without, only = kind.choices
            st.pills(
                kind.label, [False, True], format_func={False: without, True: only}.__getitem__, **common
            )
        else:
            st.toggle(kind.label, **common)
    elif isinstance(kind, Range):
        st.session_state[common["key"]] = filters.get(kind.name) or (kind.low, kind.high)
        st.slider(kind.label, kind.low, kind.high, step=kind.step, **common)
    elif isinstance(kind, Days):
        for place, name, label in zip(
            st.columns(2, gap="small"), kind.names, (kind.label, kind.until_label), strict=True
        ):
            st.session_state[f"filter_{name}"] = filters.get(name)
            place.date_input(label, value=None, key=f"filter_{name}", on_change=_write)


def _help(kind: FilterKind) -> str | None:
    about = labels.other_language() if kind.name == "other_language" else plain(kind.help)
    return about or None


def _write() -> None:
    """Write the values of the widgets to the URL."""
    chosen: dict[str, FilterValue | None] = {}
    for of_filter in catalogue.filter_columns():
        kind = catalogue.kind_of(of_filter)
        for name in kind.names:
            chosen[name] = _widget_value(kind, st.session_state[f"filter_{name}"])
    places.set_filters(Filters(st.session_state["filter_search"]).with_values(chosen))


def _widget_value(kind: FilterKind, value: Any) -> FilterValue | None:
    if isinstance(kind, OneOf | AnyOf):
        return tuple(value)
    if isinstance(kind, Range):
        low, high = value
        return None if (low, high) == (kind.low, kind.high) else (low, high)
    if isinstance(kind, Flag) and not kind.choices:
        return value or None
    return value
