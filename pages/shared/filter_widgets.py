"""The widgets of the filters, which read from and write to the URL, and descriptions of the filters that are set."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import streamlit as st

from analysis.columns import (
    AnyOf,
    Column,
    Days,
    FilterKind,
    Flag,
    HasAny,
    OneOf,
    Range,
    describe_filter_value,
)
from analysis.columns.themes import THEME_FILTER
from analysis.query import Filters
from analysis.query.filters import FilterValue
from analysis.wording import format_time
from pages.shared import catalogue, labels, places
from pages.shared.choices import unique_labels
from pages.shared.messages import plain

SEARCH_HELP = """Finds posts with all of these words in their text, author or ID, also within other words:

- `rain OR snow` finds either, `rain -train` leaves out posts with *train*; `NOT` and parentheses work too.
- `"heavy rain"` finds the phrase as whole words, `rain*` words that start with *rain*.
- `author:ann`, `text:rain` and `id:17` search only there.

Upper and lower case are equal. `cafe` also finds *café*, but `café` does not find *cafe*."""
_MAX_NAMED = 5
"""Ignored values that a message names."""
_NOT_LISTED = ("extra", "topics")
"""Tables of columns whose unknown values are not listed: only frequent ones are known, or `topic_filter` says why."""


def show_search() -> None:
    """Show the field that searches posts by words."""
    st.session_state["filter_search"] = places.typed_search()
    st.text_input(
        "Search by words",
        placeholder="Search text, author or ID",
        key="filter_search",
        icon=":material/search:",
        label_visibility="collapsed",
        width=260,
        on_change=lambda: places.set_search(st.session_state["filter_search"]),
    )
    with st.popover("", icon=":material/help:", type="tertiary", key="search_help"):
        st.markdown(SEARCH_HELP)


def show_search_error() -> None:
    """Show why the search in the URL cannot be used, and that posts are shown without it."""
    if error := places.search_error():
        st.warning(plain(f"{error} Until then, posts are shown without it."), icon=":material/search_off:")


def show_ignored_values() -> None:
    """Say which values of filters in the URL are unknown or malformed, and that posts are shown without them."""
    ignored = places.ignored_values()
    if themes := [value for name, value in ignored if name == THEME_FILTER]:
        _show_lost_themes(themes)
    ignored = [each for each in ignored if each[0] != THEME_FILTER]
    if ignored:
        named = ", ".join(
            f"“{value[:80]}” ({_title_of_filter(name)})" for name, value in ignored[:_MAX_NAMED]
        )
        more = f" and {len(ignored) - _MAX_NAMED:,} more" if len(ignored) > _MAX_NAMED else ""
        st.warning(
            plain(f"The address has filters with unknown values, which are ignored: {named}{more}."),
            icon=":material/filter_alt_off:",
        )


def _show_lost_themes(names: Sequence[str]) -> None:
    """Say that themes of the URL do not exist, and since when, and offer to remove them from the URL."""
    found = catalogue.current_themes()
    if found is None:
        when = "The themes of this batch have not been found yet"
    elif found.found:
        when = f"Themes were found again on {format_time(datetime.fromisoformat(found.found), places.timezone())}"
    else:
        when = "Themes were found again"
    named = ", ".join(f"“{name[:80]}”" for name in names[:_MAX_NAMED])
    of_link = "theme" if len(names) == 1 else "themes"
    lost = "does not exist" if found is None else "no longer exists" if len(names) == 1 else "no longer exist"
    st.warning(
        plain(f"{when}, so this link's {of_link} {named} {lost}. Posts are shown without this filter."),
        icon=":material/filter_alt_off:",
    )
    st.button(
        "Remove the filter from the link",
        key="drop_lost_themes",
        icon=":material/close:",
        on_click=lambda: places.set_filters(places.current_filters()),
    )


def list_unknown_values(filters: Filters) -> list[str]:
    """List the chosen values that no post can have, because they are none of their filter's, as text for display."""
    found = []
    for of_filter in catalogue.filter_columns():
        kind, options = catalogue.kind_of(of_filter), catalogue.options_of(of_filter)
        if isinstance(kind, OneOf) and of_filter[0].table not in _NOT_LISTED:
            unknown = (value for value in filters.chosen(kind.name) if value not in options)
            found += [f"“{value[:80]}” ({kind.label})" for value in unknown]
    return found


def _title_of_filter(name: str) -> str:
    kinds = (catalogue.kind_of(each) for each in catalogue.filter_columns())
    return next((kind.label for kind in kinds if name in kind.names), name)


def show_filter(of_filter: Sequence[Column]) -> None:
    """Show the widgets of one filter.

    Args:
        of_filter: The columns of the filter (`catalogue.filter_columns`).
    """
    kind, filters = catalogue.kind_of(of_filter), places.current_filters()
    common: dict[str, Any] = {
        "key": f"filter_{kind.name}",
        "help": _help(kind),
        "on_change": _write,
        "args": (kind,),
    }
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
    elif isinstance(kind, HasAny):
        _show_value_filter(of_filter[0], kind, filters.chosen(kind.name), common)
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
            common["key"] = f"filter_{name}"
            place.date_input(label, value=None, format="YYYY-MM-DD", **common)
        if find_reversed_days(filters) == kind:
            st.warning(describe_reversed_days(kind, filters))


def find_reversed_days(filters: Filters) -> Days | None:
    """Return the filter whose first day is later than its last one, so that no post matches; None for none."""
    for of_filter in catalogue.filter_columns():
        kind = catalogue.kind_of(of_filter)
        if isinstance(kind, Days):
            first, last = (filters.get(name) for name in kind.names)
            if isinstance(first, date) and isinstance(last, date) and first > last:
                return kind
    return None


def describe_reversed_days(kind: Days, filters: Filters) -> str:
    """Say that no post can match, such as "“From 3 Nov 2026” is later than “To 1 Nov 2026”, so no post matches."."""
    first, last = (describe_filter(name, filters) for name in kind.names)
    return f"“{first}” is later than “{last}”, so no post matches."


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


def _show_value_filter(
    column: Column, kind: HasAny, chosen: Sequence[str], common: Mapping[str, Any]
) -> None:
    """Show a filter whose values can be typed; the most frequent ones are suggested."""
    known = catalogue.suggest_values(column)
    folded = {value.casefold() for value in chosen}
    options = [*chosen, *(value for value in known or () if value.casefold() not in folded)]
    st.session_state[common["key"]] = list(chosen)
    is_without = known == () and not chosen
    st.multiselect(
        kind.label,
        options,
        format_func=unique_labels(options, lambda value: f"{kind.sign}{value}"),
        placeholder=f"No {kind.label.lower()} in these posts" if is_without else f"Any {kind.label.lower()}",
        accept_new_options=True,
        disabled=is_without,
        **common,
    )


def _help(kind: FilterKind) -> str | None:
    about = labels.other_language() if kind.name == "other_language" else plain(kind.help)
    return about or None


def _write(kind: FilterKind) -> None:
    """Write the values of a filter's widgets to the URL."""
    chosen = {name: _widget_value(kind, st.session_state[f"filter_{name}"]) for name in kind.names}
    places.set_filters(places.current_filters().with_values(chosen))


def _widget_value(kind: FilterKind, value: Any) -> FilterValue | None:
    if isinstance(kind, HasAny):
        return tuple(text for each in value if (text := each.strip().removeprefix(kind.sign)))
    if isinstance(kind, OneOf | AnyOf):
        return tuple(value)
    if isinstance(kind, Range):
        low, high = value
        return None if (low, high) == (kind.low, kind.high) else (low, high)
    if isinstance(kind, Flag) and not kind.choices:
        return value or None
    return value
