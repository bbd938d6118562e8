"""The search by similarity on Posts: to a text, a picture, a post or marked posts, in one batch or in all."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NoReturn

import streamlit as st
from PIL import Image

from analysis import search
from analysis.search import Target
from analysis.workspace import Batch
from pages.components.chip_bar import Chip, show_chip_bar
from pages.components.image_upload import upload_image
from pages.review import marks
from pages.shared import places, progress
from pages.shared.engine import config, model, workspace
from pages.shared.messages import plain

SIMILARITY = (
    "Similarity: 1 is equal, about 0 unrelated; the higher one of a post's text and images. It ranks posts, and does "
    "not say that they are about the same."
)
_KINDS = {"meaning": ":material/notes: Text", "picture": ":material/image: Picture"}
_PICTURES, _MAX_PICTURES = (
    "pictures",
    5,
)  # uploaded pictures of a session, with their targets, by name in the URL
_SHOWN_SIDE = 160  # pixels of an uploaded picture
_UPLOADS = "picture_uploads"  # number of uploads, so that each has a widget of its own


@dataclass(frozen=True)
class SimilaritySearch:
    """A search by similarity.

    Attributes:
        key: Identifies it, for caches.
        label: What posts are compared with, as Markdown.
        make_target: Computes its target.
        picture: What posts are compared with, if it is a picture.
    """

    key: tuple[object, ...]
    label: str
    make_target: Callable[[], Target]
    picture: Image.Image | None = None


def is_offered(batch: Batch) -> bool:
    """Check whether a batch can be searched by similarity; if scoring it again would enable it, show a button."""
    if config().space is None or not batch.has_part("scores", 0):
        return False
    if batch.has_part("embeddings", 0):
        return True
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("To search by meaning and count custom topics, score this batch again.", width="content")
        st.button(
            "Score again",
            key="score_again",
            icon=":material/replay:",
            on_click=progress.start,
            args=(batch,),
        )
    return False


def show_controls(has_batches: bool, by_similarity: bool) -> None:
    """Show what posts can be similar to, and whether all batches are searched; the choices are stored in the URL.

    Args:
        has_batches: Whether there are several batches.
        by_similarity: Whether the batch can be searched by similarity.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if by_similarity:
            kind = st.segmented_control(
                "Find posts similar to",
                list(_KINDS),
                format_func=_KINDS.__getitem__,
                default="meaning",
                required=True,
                key="find_by",
                persist_state="session",
            )
            if kind == "meaning":
                _show_text_field()
            else:
                _show_picture_upload()
        if has_batches:
            st.session_state["all_batches"] = places.searches_all_batches()
            st.toggle(
                "All batches",
                key="all_batches",
                help="Search all batches, with the same filters. Each result says its batch.",
                on_change=lambda: places.set_all_batches(st.session_state["all_batches"]),
            )


def current_search(batch: Batch) -> SimilaritySearch | None:
    """Return the search in the URL; None without one, or if its picture or marks are gone with their session."""
    name, value = places.near() or ("", "")
    if name == "meaning":
        return SimilaritySearch(
            (name, value), f"Similar to “{plain(value)}”", lambda: search.make_text_target(model(), value)
        )
    if name == "like":
        of = places.like_batch() or batch.id
        return SimilaritySearch(
            (name, of, value),
            f"Similar to post “{plain(value)}”",
            lambda: search.make_example_target([(workspace().open(of), value)]),
        )
    if name == "marked" and (chosen := marks.list_marks()) and any(mark.is_liked for mark in chosen):
        return SimilaritySearch(
            (name, *((mark.batch, mark.post_id, mark.is_liked) for mark in chosen)),
            "More like the marked posts",
            partial(_make_marked_target, chosen),
        )
    if name == "picture":
        kept: tuple[Image.Image, Target] | None = st.session_state.get(_PICTURES, {}).get(value)
        if kept:
            picture, target = kept
            return SimilaritySearch((name, value), "Similar to your picture", lambda: target, picture)
        st.info("The picture of this search is no longer open. Add it again.", icon=":material/image:")
    return None


def show_search(found: SimilaritySearch, summary: str) -> None:
    """Show how many posts were found, what they are similar to, and what similarity means."""
    if found.picture:
        st.image(found.picture, alt="The picture that posts are compared with")
    show_chip_bar(summary, [Chip("near", found.label, _remove_search, "Show all posts")])
    st.caption(SIMILARITY)


def stop_without_results() -> NoReturn:
    """Stop the page as no post was found, and offer to end the search."""
    st.info(
        "No posts were found: none match these filters, or the posts cannot be compared.",
        icon=":material/search_off:",
    )
    st.button("Show all posts", key="end_search", type="primary", on_click=_remove_search)
    st.stop()


def _remove_search() -> None:
    places.set_near("meaning", "")


def _make_marked_target(chosen: tuple[marks.Mark, ...]) -> Target:
    batches = {mark.batch: workspace().open(mark.batch) for mark in chosen}
    liked, unliked = (
        [(batches[mark.batch], mark.post_id) for mark in chosen if mark.is_liked is wanted]
        for wanted in (True, False)
    )
    return search.make_example_target(liked, unliked)


def _show_text_field() -> None:
    name, value = places.near() or ("", "")
    st.session_state["meaning"] = value if name == "meaning" else ""
    st.text_input(
        "Text",
        placeholder="For example: a dog on the beach",
        key="meaning",
        label_visibility="collapsed",
        help="Finds posts whose text or images are similar in meaning, most similar first.",
        on_change=lambda: places.set_near("meaning", st.session_state["meaning"].strip()),
    )


def _show_picture_upload() -> None:
    """Show the upload; a new picture becomes the target, and the field is empty again."""
    number = st.session_state.setdefault(_UPLOADS, 0)
    image = upload_image("Picture", f"picture_{number}", width=320)
    if image is None:
        return
    with st.spinner("Reading the picture..."):
        target = search.make_image_target(model(), image)
    name = hashlib.sha256(image.tobytes()).hexdigest()[:16]
    image.thumbnail((_SHOWN_SIDE, _SHOWN_SIDE))
    kept = {**st.session_state.get(_PICTURES, {}), name: (image, target)}
    st.session_state[_PICTURES] = dict(list(kept.items())[-_MAX_PICTURES:])
    st.session_state[_UPLOADS] = number + 1
    places.set_near("picture", name)
    st.rerun()
