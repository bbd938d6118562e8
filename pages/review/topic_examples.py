"""The examples of a custom topic: posts, texts and pictures that belong to it, or do not."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st

from analysis import search
from analysis.custom_topics import CustomTopic, TopicExample
from pages.components.image_upload import upload_image
from pages.review.unsaved_topic import change_topic
from pages.shared import cards
from pages.shared.callbacks import defer_errors
from pages.shared.engine import model, workspace

_UPLOADS = "example_uploads"  # number of uploaded pictures, so that each has a widget of its own
_EXCERPT = 90  # characters, which fit next to the badge and the button
_KINDS = {"Right": True, "Wrong": False}


def show_examples(topic: CustomTopic) -> None:
    """List the examples, and let the user add and remove some."""
    right = sum(example.belongs for example in topic.examples)
    st.subheader("Examples", anchor=False)
    st.caption(
        f"{right} right and {len(topic.examples) - right} wrong. Texts of example posts are kept with the topic, "
        "also when their batch is deleted; of pictures only what the model read of them is kept."
    )
    _show_fields(topic)
    for number, example in enumerate(topic.examples):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            label, icon = ("Right", "check") if example.belongs else ("Wrong", "close")
            st.badge(label, icon=f":material/{icon}:", color="green" if example.belongs else "gray")
            st.text(
                cards.excerpt(example.text, _EXCERPT) or "A picture, or an example without its text",
                width="stretch",
            )
            st.button(
                "Remove",
                key=f"remove_example_{number}",
                icon=":material/delete:",
                type="tertiary",
                on_click=_remove_example,
                args=(topic, example),
            )


@defer_errors
def add_example(topic: CustomTopic, example: TopicExample) -> None:
    """Add an example to a topic, instead of an equal one of the other kind."""
    _add_example(topic, example)


def _add_example(topic: CustomTopic, example: TopicExample) -> None:
    def add(current: CustomTopic) -> CustomTopic:
        others = [each for each in current.examples if replace(each, belongs=example.belongs) != example]
        return replace(current, examples=(*others, example))

    change_topic(topic, add)


@defer_errors
def _remove_example(topic: CustomTopic, example: TopicExample) -> None:
    change_topic(
        topic,
        lambda current: replace(
            current, examples=tuple(each for each in current.examples if each != example)
        ),
    )


def _show_fields(topic: CustomTopic) -> None:
    """Show the fields for a text and a picture."""
    number = st.session_state.setdefault(_UPLOADS, 0)
    with st.expander("Add an example text or picture", icon=":material/add:"):
        kind = st.segmented_control("It is", list(_KINDS), default="Right", required=True, key="example_kind")
        st.text_input(
            "Text",
            key="example_text",
            max_chars=workspace().settings.max_example_chars,
            placeholder="A text as people write it",
            on_change=partial(_add_text, topic, _KINDS[kind]),
        )
        st.caption("Or a picture:")
        image = upload_image("Picture", f"example_picture_{number}", width=320)
    if image is not None:
        with st.spinner("Reading the picture..."):
            add_example(topic, search.make_image_example(model(), image, _KINDS[kind]))
        st.session_state[_UPLOADS] = number + 1
        st.rerun()


@defer_errors
def _add_text(topic: CustomTopic, belongs: bool) -> None:
    text = st.session_state["example_text"]
    if text.strip():
        _add_example(topic, search.make_text_example(model(), text, belongs, workspace().settings))
    st.session_state["example_text"] = ""
