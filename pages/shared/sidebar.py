"""The sidebar below the menu: which batch, which of its posts, which model. Its widgets mirror the address."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import streamlit as st

from analysis.charts.palette import SENTIMENTS
from analysis.errors import WorkspaceError
from analysis.query import Filters
from analysis.workspace import Batch, BatchInfo
from pages.shared import labels, places
from pages.shared.callbacks import show_stored_errors
from pages.shared.choices import unique_labels
from pages.shared.engine import heads, workspace
from pages.shared.messages import plain


def show(with_filters: bool) -> None:
    """Draw the sidebar and bring the address in order.

    Args:
        with_filters: Whether the page shows posts that filters can narrow.
    """
    show_stored_errors()
    places.restore()
    with st.sidebar:
        batch = _pick_batch()
        if batch is None:
            return
        if with_filters:
            _choose_filters()
        if batch.bundle:
            st.caption(f"Scored with {plain(batch.bundle)}")


def opened_batch() -> Batch:
    """The batch that the address names; where there is none, say what to do and stop the page.

    Raises:
        WorkspaceError: The address names a batch that is not here, was deleted, or is damaged.
    """
    batch_id = st.query_params.get("batch")
    if not batch_id:
        st.info("There are no posts yet. Upload some to score them.", icon=":material/upload:")
        st.page_link(places.UPLOAD, label="Upload posts", icon=":material/arrow_forward:")
        st.stop()
    opened: dict[str, str] = st.session_state.setdefault("opened", {})  # names by id, to name a deleted batch
    try:
        batch = workspace().open(batch_id)
    except WorkspaceError:
        if batch_id in opened and not workspace().has(batch_id):
            raise WorkspaceError(
                f"The batch “{opened[batch_id]}”",
                "was deleted",
                "Choose another batch, or upload its posts again.",
            ) from None
        raise
    opened[batch_id] = batch.manifest.name
    return batch


def active_filters(shown: int, total: int) -> None:
    """Say how many posts a page rests on; each filter in force is a button that takes it off."""
    filters = places.in_force()
    on = [name for name in places.FILTERS if getattr(filters, name) != places.DEFAULTS[name]]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f"**{shown:,} of {labels.posts(total)}**" if on else f"All {labels.posts(total)}", width="content"
        )
        for name in on:
            st.button(
                _in_words(name, getattr(filters, name)),
                key=f"drop_{name}",
                icon=":material/close:",
                icon_position="right",
                help="Remove filter",
                on_click=_drop,
                args=(name,),
            )
        if len(on) > 1:
            st.button("Clear all", key="drop_all", type="tertiary", on_click=_drop, args=places.FILTERS)


def _pick_batch() -> BatchInfo | None:
    batches = {batch.id: batch for batch in workspace().batches() if batch.problem is None}
    if not batches:
        return None
    if not st.query_params.get("batch"):
        st.query_params["batch"] = next(iter(batches))
    asked = st.query_params["batch"]
    st.session_state["batch_choice"] = asked if asked in batches else None
    st.selectbox(
        "Batch",
        list(batches),
        index=0 if asked in batches else None,  # only where there is none can the choice be empty
        format_func=unique_labels(batches, _batch_labels(batches.values()).__getitem__),
        key="batch_choice",
        placeholder="Choose a batch",
        on_change=_change_batch,
    )
    return batches.get(asked)


def _batch_labels(batches: Iterable[BatchInfo]) -> dict[str, str]:
    """Label batches by name and size, and those of one name, which older workspaces may hold, also by their time."""
    batches = list(batches)
    names = Counter(batch.name.casefold() for batch in batches)
    return {
        batch.id: batch.name
        + (f" · {labels.time(batch.created_at)}" if names[batch.name.casefold()] > 1 else "")
        + f" ({labels.posts(batch.n_posts)})"
        for batch in batches
    }


def _change_batch() -> None:
    places.set_batch(st.session_state["batch_choice"])


def _choose_filters() -> None:
    filters = places.in_force()
    topics = [*heads()["topic"].classes, labels.UNCLEAR]
    now: dict[str, Any] = {name: getattr(filters, name) for name in places.FILTERS}
    for name, known in (*places.KNOWN.items(), ("topics", topics), ("emotions", labels.emotions())):
        now[name] = [value for value in now[name] if value in known]
    for name in places.FLAGS:
        now[name] = bool(now[name])
    for name, widest in places.RANGES.items():
        now[name] = now[name] or widest
    for name, value in now.items():
        st.session_state[f"filter_{name}"] = value
    with st.expander("Filters", icon=":material/filter_alt:", expanded=True):
        st.text_input(
            "Search text",
            placeholder="Text, author or ID",
            key="filter_search",
            icon=":material/search:",
            on_change=_write,
        )
        st.pills(
            "Sentiment",
            list(SENTIMENTS),
            selection_mode="multi",
            format_func=labels.sentiment,
            key="filter_sentiments",
            on_change=_write,
        )
        st.multiselect(
            "Topic",
            topics,
            format_func=unique_labels(topics, labels.topic),
            key="filter_topics",
            placeholder="Any topic",
            on_change=_write,
        )
        if labels.emotions():
            st.multiselect(
                "Emotion",
                labels.emotions(),
                format_func=unique_labels(labels.emotions(), labels.emotion),
                key="filter_emotions",
                placeholder="Any emotion",
                on_change=_write,
            )
        if labels.tones():
            st.pills(
                "Tone",
                labels.tones(),
                selection_mode="multi",
                format_func=unique_labels(labels.tones(), lambda tone: plain(labels.tone(tone))),
                key="filter_tones",
                on_change=_write,
            )
        st.pills(
            "Content type",
            list(labels.INPUTS),
            selection_mode="multi",
            format_func=labels.made_of,
            key="filter_inputs",
            on_change=_write,
        )
        st.pills(
            "Decided by",
            list(labels.DECIDED_BY),
            selection_mode="multi",
            format_func=labels.decided_by,
            help=labels.DECIDED,
            key="filter_decided_by",
            on_change=_write,
        )
        st.toggle("Uncertain", key="filter_uncertain", help=labels.NOT_SURE, on_change=_write)
        st.toggle("Text and image disagree", key="filter_at_odds", help=labels.AT_ODDS, on_change=_write)
        st.toggle(
            "Other language", key="filter_other_language", help=labels.other_language(), on_change=_write
        )
        st.pills(
            "Near copies",
            [False, True],
            format_func={False: "Exclude", True: "Only these"}.__getitem__,
            help=labels.NEAR_COPY,
            key="filter_near_copy",
            on_change=_write,
        )
        for name, help_text in (("valence", labels.VALENCE), ("confidence", labels.CONFIDENCE)):
            low, high = places.RANGES[name]
            st.slider(
                name.capitalize(),
                low,
                high,
                step=0.05,
                key=f"filter_{name}",
                help=help_text,
                on_change=_write,
            )
        since, until = st.columns(2, gap="small")
        since.date_input("From", value=None, key="filter_since", on_change=_write)
        until.date_input("To", value=None, key="filter_until", on_change=_write)


def _write() -> None:
    chosen: dict[str, Any] = {name: st.session_state[f"filter_{name}"] for name in places.FILTERS}
    for name in places.LISTS:
        chosen[name] = tuple(chosen[name])
    for name in places.FLAGS:
        chosen[name] = chosen[name] or None
    for name, widest in places.RANGES.items():
        chosen[name] = None if chosen[name] == widest else chosen[name]
    places.set_filters(Filters(**chosen))


def _drop(*names: str) -> None:
    off: dict[str, Any] = {name: places.DEFAULTS[name] for name in names}
    places.set_filters(replace(places.in_force(), **off))


def _in_words(name: str, value: Any) -> str:
    if name == "search":
        return f"“{plain(value)}”"
    if name in places.LISTS:
        say = {
            "sentiments": labels.sentiment,
            "topics": labels.topic,
            "emotions": labels.emotion,
            "tones": labels.tone,
            "inputs": labels.made_of,
            "decided_by": labels.decided_by,
        }[name]
        return " or ".join(plain(say(one)) for one in value)
    if name in places.RANGES:
        return f"{name.capitalize()} {value[0]:.2f} to {value[1]:.2f}"
    if name in places.DAYS:
        return f"{'From' if name == 'since' else 'To'} {value}"
    flags = {
        "uncertain": "Uncertain",
        "at_odds": "Text and image disagree",
        "other_language": "Other language",
        "near_copy": "Near copies" if value else "Without near copies",
    }
    return flags[name]
