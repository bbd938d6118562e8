"""Changes of a custom topic; one that comes too late, as the topic is gone, is kept to be saved as a new topic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from analysis.custom_topics import CustomTopic, check_topics
from analysis.errors import ScoringError
from analysis.wording import format_count, format_number
from pages.shared import places
from pages.shared.callbacks import defer_errors
from pages.shared.engine import workspace
from pages.shared.messages import plain

_UNSAVED = "unsaved_topic"


def change_topic(topic: CustomTopic, edit: Callable[[CustomTopic], CustomTopic]) -> bool:
    """Store a change of a topic; if it was renamed or deleted meanwhile, keep it with the change.

    Args:
        topic: The topic as the page shows it.
        edit: Makes the change.

    Returns:
        Whether the change is stored; otherwise `show_unsaved_topic` offers to save it.

    Raises:
        ScoringError, WorkspaceError: See `SavedTopics.change`.
    """
    topics = workspace().topics
    try:
        topics.change(topic.name, edit)
    except ScoringError:
        if topics.read().find(topic.name):
            raise
        changed = edit(topic)
        st.session_state[_UNSAVED] = (topic.name, changed)
        _fill_fields(changed)
        return False
    return True


def show_unsaved_topic() -> bool:
    """Show the topic whose last change could not be stored, with fields to save it as a new one, if there is one.

    Returns:
        Whether there is one.
    """
    if _UNSAVED not in st.session_state:
        return False
    name, topic = st.session_state[_UNSAVED]
    if "unsaved_name" not in st.session_state:  # another page was shown meanwhile
        _fill_fields(topic)
    settings = workspace().settings
    with st.container(border=True):
        st.error(
            f"The topic “{plain(name)}” was renamed or deleted meanwhile, so your last change is not saved. Save it "
            "as a new topic, or make the change again in the renamed one.",
            icon=":material/error:",
        )
        with st.container(horizontal=True):
            st.text_input(
                "Name of the new topic", max_chars=settings.max_name_chars, key="unsaved_name", width=280
            )
            st.text_input(
                "Description", max_chars=settings.max_topic_description_chars, key="unsaved_description"
            )
        st.caption(
            f"Threshold {format_number(topic.least_similarity(settings))}, "
            f"{format_count(len(topic.examples), 'example')}."
        )
        with st.container(horizontal=True):
            st.button(
                "Save as a new topic",
                key="save_unsaved",
                type="primary",
                on_click=_save_as_new,
                args=(topic,),
            )
            st.button("Discard", key="discard_unsaved", on_click=_discard)
    return True


def _fill_fields(topic: CustomTopic) -> None:
    st.session_state["unsaved_name"] = topic.name
    st.session_state["unsaved_description"] = topic.description


@defer_errors
def _save_as_new(topic: CustomTopic) -> None:
    name, description = st.session_state["unsaved_name"], st.session_state["unsaved_description"]
    topics = workspace().topics
    (new,) = check_topics([replace(topic, name=name, description=description)], workspace().settings)
    if topics.read().find(new.name):
        raise ScoringError(f"“{new.name}”", "is the name of another topic", "Choose another name.")
    topics.add([new])
    places.set_shown_topic(new.name)
    _discard()


def _discard() -> None:
    del st.session_state[_UNSAVED]
