"""Says why the filter by custom topic has values that no post can have: topics that are off, or do not exist."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from analysis.columns import TOPIC_FILTER
from analysis.custom_topics import NO_TOPIC
from analysis.query import Filters
from analysis.wording import join_with_and
from pages.shared import catalogue, places
from pages.shared.callbacks import defer_errors
from pages.shared.engine import config, workspace
from pages.shared.messages import plain

_MAX_NAMED = 3


def show_missing_topics(filters: Filters) -> None:
    """Say which topics of the filter are not counted and why, and offer to switch them on or to remove them."""
    counted = {topic.name for topic in catalogue.custom_topics()}
    missing = [name for name in filters.chosen(TOPIC_FILTER) if name not in counted]
    if counted and NO_TOPIC in missing:
        missing.remove(NO_TOPIC)
    if not missing:
        return
    saved = catalogue.saved_topics()
    on = {topic.name for topic in saved.on}
    off = [name for name in missing if name not in on and saved.find(name)]
    beyond = [name for name in missing if name in on]
    unknown = [name for name in missing if name not in (*off, *beyond, NO_TOPIC)]
    reasons = []
    if config().space is None:
        reasons.append("The model in use cannot compare posts with custom topics.")
    else:
        if off:
            reasons.append(f"{_begin(off, 'is', 'are')} switched off: {_list_names(off)}.")
        if beyond:
            reasons.append(
                f"{_begin(beyond, 'is', 'are')} beyond the limit of {workspace().settings.max_custom_topics} topics: "
                f"{_list_names(beyond)}. Switch others off under Custom topics."
            )
        if unknown:
            reasons.append(f"{_begin(unknown, 'was', 'were')} renamed or deleted: {_list_names(unknown)}.")
        if NO_TOPIC in missing:
            reasons.append(f"“{NO_TOPIC}” needs at least one topic that is switched on.")
    them = "it" if len(missing) == 1 else "them"
    st.warning(plain(f"{' '.join(reasons)} No posts are found for {them}."), icon=":material/filter_alt_off:")
    with st.container(horizontal=True):
        if off and config().space:
            st.button("Switch on", key="switch_on_filtered", on_click=_switch_on, args=(off,))
        st.button("Remove from the filter", key="remove_missing_topics", on_click=_remove, args=(missing,))


def _begin(names: Sequence[str], singular: str, plural: str) -> str:
    return f"A topic of the filter {singular}" if len(names) == 1 else f"Topics of the filter {plural}"


def _list_names(names: Sequence[str]) -> str:
    shown = [f"“{name[:80]}”" for name in names[:_MAX_NAMED]]
    more = len(names) - len(shown)
    return join_with_and([*shown, *([f"{more:,} more"] if more else [])])


@defer_errors
def _switch_on(names: Sequence[str]) -> None:
    for name in names:
        workspace().topics.switch(name, is_on=True)


def _remove(names: Sequence[str]) -> None:
    filters = places.current_filters()
    left = tuple(name for name in filters.chosen(TOPIC_FILTER) if name not in names)
    places.set_filters(filters.with_values({TOPIC_FILTER: left}))
