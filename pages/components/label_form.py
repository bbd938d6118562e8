"""The controls with which a person labels one post: sentiment, topics, tone, tags and a note, and undo."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from analysis.columns.reviews import NONE_OF_THEM, UNSURE
from analysis.model.config import SENTIMENTS
from analysis.wording import shorten_to_one_line
from analysis.workspace import DECISION, Batch, Label, LabelValue
from pages.shared import catalogue, labels
from pages.shared.callbacks import defer_errors
from pages.shared.choices import unique_labels
from pages.shared.coder import choose_coder
from pages.shared.engine import heads, workspace
from pages.shared.messages import plain

_DETAILS = "label_details"
"""Which further controls are open: "topics", "note" or none."""


@dataclass(frozen=True)
class LabelledPost:
    """A post and who labels it.

    Attributes:
        batch: Its batch.
        position: Its position in the batch.
        coder: Who labels; "" for nobody yet.
        decides: Whether the labels are decisions about posts on which coders disagree.
    """

    batch: Batch
    position: int
    coder: str
    decides: bool = False

    def value(self, field: str) -> LabelValue | None:
        """Return the present label of a field."""
        given = self.batch.labels.given[field].get(self.position, {})
        return given.get(DECISION if self.decides else self.coder)

    def key(self, name: str) -> str:
        """Return the key of a widget that belongs to this post and coder."""
        return f"label_{name}_{self.batch.id}_{self.position}_{self.coder}_{self.decides}"

    @defer_errors
    def save(self, field: str, value: LabelValue) -> None:
        """Store a label; an empty value removes it."""
        label = Label(self.position, field, value)
        workspace().reviews.save_labels(
            self.batch.id, self.coder, [label], "decide" if self.decides else "label"
        )


def show_label_form(post: LabelledPost) -> None:
    """Show the controls, with the coder's present labels. Keys: 1, 2, 3, 0, T, N and U."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        for key, value in (*zip("123", SENTIMENTS, strict=True), ("0", UNSURE)):
            is_chosen = post.value("sentiment") == value
            st.button(
                "Can't tell" if value == UNSURE else labels.sentiment(value),
                key=post.key(value),  # a key pressed twice must not label the next post
                shortcut=key,
                type="primary" if is_chosen else "secondary",
                disabled=not post.coder,
                on_click=post.save,
                args=("sentiment", "" if is_chosen else value),
                help="Click again to remove this label." if is_chosen else None,
            )
        for name, title, key, icon in (
            ("topics", "Topics and tone", "t", "label"),
            ("note", "Tags and note", "n", "edit_note"),
        ):
            st.button(
                title,
                key=f"label_open_{name}",
                shortcut=key,
                icon=f":material/{icon}:",
                disabled=not post.coder,
                on_click=_toggle_details,
                args=(name,),
            )
        show_undo(post.batch, post.coder)
    if post.coder and st.session_state.get(_DETAILS) == "topics":
        topic = heads()["topic"]
        _choose_values(post, "topics", "Topics", topic.classes, topic.title)
        _choose_values(post, "tone", "Tone", catalogue.marks(), catalogue.mark_title)
    elif post.coder and st.session_state.get(_DETAILS) == "note":
        _enter_tags(post)
        _enter_note(post)


def show_label_panel(batch: Batch, position: int) -> None:
    """Show a closed panel in which the user labels a post; its keys work while it is open."""
    with st.expander(
        "Label this post", icon=":material/rate_review:", key="label_panel", on_change="rerun"
    ) as panel:
        if panel.open:
            show_label_form(LabelledPost(batch, position, choose_coder(batch)))


def show_undo(batch: Batch, coder: str) -> None:
    """Show a button that undoes the coder's last change."""
    st.button(
        "Undo",
        key="label_undo",
        shortcut="u",
        icon=":material/undo:",
        disabled=not coder,
        on_click=_undo,
        args=(batch.id, coder),
        help="Undo your last change in this batch, whichever post it was.",
    )


@defer_errors
def _undo(batch_id: str, coder: str) -> None:
    if workspace().reviews.undo(batch_id, coder) is None:
        st.toast("There is nothing to undo.")


def _choose_values(
    post: LabelledPost, field: str, title: str, values: Sequence[str], title_of: Callable[[str], str]
) -> None:
    """Show a choice of several values, and "None of these" for a post that has none of them."""
    options, key, before = [*values, NONE_OF_THEM], post.key(field), post.value(field) or ()
    titles = {value: plain(title_of(value)) for value in values} | {NONE_OF_THEM: "None of these"}

    def save() -> None:
        chosen = tuple(st.session_state[key])
        added_none = NONE_OF_THEM in chosen and NONE_OF_THEM not in before
        kept = tuple(value for value in chosen if value != NONE_OF_THEM)
        post.save(field, (NONE_OF_THEM,) if added_none or (not kept and chosen) else kept)

    st.session_state[key] = [value for value in before if value in options]
    st.pills(
        title,
        options,
        selection_mode="multi",
        format_func=unique_labels(options, titles.__getitem__),
        key=key,
        on_change=save,
    )


def _enter_tags(post: LabelledPost) -> None:
    limits, key = post.batch.settings, post.key("tags")
    before = [str(tag) for tag in post.value("tags") or ()]
    options = list(dict.fromkeys([*before, *post.batch.labels.tags]))

    def save() -> None:
        tags = {shorten_to_one_line(tag).strip()[: limits.max_name_chars] for tag in st.session_state[key]}
        post.save("tags", tuple(sorted(tags - {""})[: limits.max_tags]))

    st.session_state[key] = before
    st.multiselect(
        "Tags",
        options,
        format_func=unique_labels(options, str),
        placeholder="Type a tag and press Enter",
        accept_new_options=True,
        max_selections=limits.max_tags,
        key=key,
        on_change=save,
    )


def _enter_note(post: LabelledPost) -> None:
    key = post.key("note")

    def save() -> None:
        post.save("note", st.session_state[key].strip())

    st.session_state[key] = str(post.value("note") or "")
    st.text_area(
        "Note", key=key, on_change=save, max_chars=post.batch.settings.max_note_chars, height="content"
    )


def _toggle_details(name: str) -> None:
    st.session_state[_DETAILS] = None if st.session_state.get(_DETAILS) == name else name
