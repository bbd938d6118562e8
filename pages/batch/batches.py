"""The batches of the workspace: open, rename, delete."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from analysis.scoring.jobs import get_scoring_job
from analysis.wording import format_time
from analysis.workspace import BatchInfo, BatchNote
from pages.batch.merge import show_merge
from pages.shared import labels, places, progress
from pages.shared.callbacks import defer_errors
from pages.shared.choices import unique_labels
from pages.shared.engine import workspace
from pages.shared.messages import plain


def show_batches() -> None:
    """List all batches, newest first, with their actions."""
    listed = workspace().batches()
    if not listed:
        st.caption("No batches yet.")
    notes = workspace().notes.read_all()
    chosen = _choose_tags(notes.values())
    for info in listed:
        about = notes.get(info.id, BatchNote())
        if not chosen <= set(about.tags):
            continue
        with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"batch_{info.id}"):
            with st.container(width="stretch", gap=None):
                st.text(info.name)
                if about.note:
                    st.text(about.note)
                if about.tags:
                    st.caption(" · ".join(map(plain, about.tags)))
            st.caption(_state(info), width="content")
            if info.problem is None:
                st.page_link(
                    places.OVERVIEW,
                    label="Open",
                    icon=":material/arrow_forward:",
                    query_params={"batch": info.id},
                )
                with st.popover("Edit", icon=":material/edit:", key=f"change_{info.id}"):
                    _change(info, about)
            elif st.button("Delete", key=f"delete_{info.id}", icon=":material/delete:"):
                _confirm_deletion(info)
    show_merge(listed)


def _choose_tags(notes: Iterable[BatchNote]) -> set[str]:
    """Show the tags of all batches as a filter of the list; return those chosen."""
    tags = sorted({tag for each in notes for tag in each.tags})
    if not tags:
        return set()
    return set(
        st.pills(
            "Tags", tags, selection_mode="multi", format_func=unique_labels(tags, plain), key="batch_tags"
        )
    )


def _state(info: BatchInfo) -> str:
    job = get_scoring_job(info.id)
    created = format_time(info.created_at, places.timezone())
    if info.problem:
        return f"{created} · {plain(info.problem)}"
    if job and job.active:
        return f"{created} · {progress.status(job)}"
    if info.scored < info.n_posts:
        return f"{created} · scored {info.scored:,} of {labels.posts(info.n_posts)}"
    return f"{created} · {labels.posts(info.n_posts)}, all scored"


def _change(info: BatchInfo, about: BatchNote) -> None:
    longest = workspace().settings.max_name_chars
    name = st.text_input("Name", info.name, max_chars=longest, key=f"name_{info.id}")
    st.button(
        "Rename",
        key=f"rename_{info.id}",
        icon=":material/edit:",
        disabled=not name.strip(),
        on_click=_rename,
        args=(info.id,),
    )
    st.text_area(
        "Note",
        about.note,
        key=f"batch_note_{info.id}",
        max_chars=workspace().settings.max_note_chars,
        on_change=_save_note,
        args=(info.id,),
    )
    st.multiselect(
        "Tags",
        about.tags,
        default=about.tags,
        format_func=unique_labels(about.tags, str),
        key=f"batch_tags_{info.id}",
        accept_new_options=True,
        max_selections=workspace().settings.max_tags,
        placeholder="Type a tag and press Enter",
        on_change=_save_note,
        args=(info.id,),
    )
    if st.button("Delete", key=f"delete_{info.id}", icon=":material/delete:"):
        _confirm_deletion(info)


@st.dialog("Delete this batch?", icon=":material/delete:")
def _confirm_deletion(info: BatchInfo) -> None:
    st.text(info.name)
    st.caption(
        f"{labels.posts(info.n_posts)} with images and scores will be permanently deleted. "
        "Your own files are not affected."
    )
    if st.button(
        "Delete permanently", type="primary", key="delete_for_good", on_click=_delete, args=(info.id,)
    ):
        st.rerun()


@defer_errors
def _save_note(batch_id: str) -> None:
    note, tags = (st.session_state[f"batch_{name}_{batch_id}"] for name in ("note", "tags"))
    workspace().notes.save(batch_id, note, tags)


@defer_errors
def _rename(batch_id: str) -> None:
    batch = workspace().open(batch_id)
    batch.rename(st.session_state[f"name_{batch_id}"])
    st.session_state[f"name_{batch_id}"] = batch.manifest.name  # numbered if another batch has that name


@defer_errors
def _delete(batch_id: str) -> None:
    job = get_scoring_job(batch_id)
    if job:
        job.cancel()
    try:
        workspace().delete(batch_id)
    finally:
        if not workspace().has(batch_id):  # it may have been deleted elsewhere in the meantime
            places.forget_batch(batch_id)
