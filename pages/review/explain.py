"""Explain: one post, its scores, and the account of one of them: modality, words, regions, in one ledger."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analysis import query
from analysis.attribution import VALENCE, Ledger, Output, outputs_of
from analysis.attribution.sentences import output_title
from analysis.posts import has_text
from analysis.query import Filters
from analysis.wording import percent
from analysis.workspace import Batch
from pages.review.account import look_closer, show_account, show_probabilities
from pages.review.explained import Alone, alone_of, checks_of, ledger_of, read_post
from pages.review.what_if import what_if
from pages.shared import cards, labels, places, sidebar
from pages.shared.choices import unique_labels
from pages.shared.engine import config, heads, model
from pages.shared.messages import plain, shown_in_words


def step_through(batch: Batch, post_id: str) -> None:
    """Draw the links back to the list and to the posts before and after in it."""
    before, after = query.neighbours(batch, post_id, places.in_force(), *places.order())
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link(
            places.POSTS, label="All posts", icon=":material/arrow_back:", query_params=places.link()
        )
        for label, icon, there in (
            ("Previous", ":material/chevron_left:", before),
            ("Next", ":material/chevron_right:", after),
        ):
            # Buttons, since a link to the page that is open does not change the browser's address.
            st.button(label, icon=icon, disabled=there is None, on_click=places.set_post, args=(there,))
        if batch.has_part("embeddings", 0) and config().space:
            like = places.link(Filters(), like=post_id)
            st.page_link(
                places.POSTS, label="Posts like this one", icon=":material/join_inner:", query_params=like
            )


def show_post(batch: Batch, post: pd.Series) -> None:
    """Show the post as it came: text, pictures, and what is known of it."""
    with st.container(border=True):
        st.text(post["text"] if has_text(post["text"]) else "(no text)")
        for media_id in post["images"]:
            cards.picture(batch.media_path(media_id))
        created_at = post["created_at"]
        known = {
            "Author": post["author"],
            "Posted": None if pd.isna(created_at) else f"{created_at:%Y-%m-%d %H:%M} UTC",
            "Likes": post["likes"],
            "Shares": post["shares"],
            "Comments": post["comments"],
            "Pictures": ", ".join(post["image_names"]),
            "File": f"{post['source']}, row {post['row']}" if post["row"] else post["source"],
            "Id": post["post_id"],
        }
        st.text(
            "\n".join(
                f"{name}: {value}" for name, value in known.items() if not pd.isna(value) and value != ""
            )
        )


def choose_output(post: pd.Series) -> Output:
    """Let the analyst choose what to explain; first the sentiment that the post was given."""
    has = [name for name, there in (("text", has_text(post["text"])), ("image", post["images"])) if there]
    outputs = outputs_of(heads(), has)
    given = Output("sentiment", post["sentiment"])
    return st.selectbox(
        "Explain",
        outputs,
        index=outputs.index(given) if given in outputs else 0,
        key=f"output_{post['post_id']}",
        format_func=unique_labels(outputs, _option),
    )


def _option(output: Output) -> str:
    """Name an output in the list of all."""
    if output.name == VALENCE:
        return f"{labels.head(output.head)}: Valence (positive minus negative)"
    return f"{labels.head(output.head)}: {heads()[output.head].title(output.name)}"


def _in_numbers(post: pd.Series) -> str:
    """Say how sure the model is, the valence, and how well text and picture fit."""
    said = f"{percent(post['confidence'])} sure, valence {post['valence']:+.2f}"
    fits = post["text_image_match"]
    return (
        said
        if fits is None
        else f"{said}; text and picture fit better than {percent(fits)} of unrelated ones"
    )


def said_of(post: pd.Series) -> None:
    """Show what the model says of a post: sentiment, topic, emotion, tone, and what to be wary of."""
    with st.container(horizontal=True, vertical_alignment="center"):
        labels.verdict_badge(post["sentiment"], post["uncertain"] is True)
        if isinstance(post["topic"], str):
            st.badge(plain(labels.topic(post["topic"])), icon=":material/sell:", color="gray")
        if isinstance(post["emotion"], str) and post["emotion"] != labels.UNCLEAR:
            emotion = plain(labels.emotion(post["emotion"]))
            st.badge(emotion, icon=":material/mood:", color="gray", help=labels.EMOTION)
        for tone in labels.tones_of(post):
            st.badge(plain(tone), color="violet", help=labels.TONE)
        if post["in_language"] is False:
            spoken = plain(labels.language(post["language"]))
            st.badge(spoken, icon=":material/translate:", color="violet", help=labels.other_language())
        if post["at_odds"] is True:
            st.badge("Text and picture at odds", color="violet", help=labels.AT_ODDS)
        if isinstance(post["sentiment"], str):
            st.caption(_in_numbers(post), width="content")


def explain(batch: Batch, post: pd.Series) -> tuple[Alone, Ledger]:
    """Show the scores of a post and the account of the one that the analyst chooses; both are given back."""
    said_of(post)
    output = choose_output(post)
    with st.spinner("Working out why"):
        bundle_id = model().id
        alone = alone_of(batch.id, post["post_id"], bundle_id)
        ledger = ledger_of(batch.id, post["post_id"], bundle_id, output.head, output.name)
        checks = checks_of(batch.id, post["post_id"], bundle_id, output.head, output.name)
    title = plain(output_title(output, labels.titles()))  # titles may be an analyst's own
    show_account(batch, post, ledger, checks, title)
    with st.expander("Look closer", icon=":material/zoom_in:", key="closer", on_change="rerun") as closer:
        if closer.open:
            look_closer(batch, post, ledger, title)
    st.markdown("**Probabilities** from all inputs, and from each alone")
    show_probabilities(alone, output.head)
    others = [
        name for name in heads() if name != output.head and any(name in scores for scores in alone.values())
    ]
    if others:
        with st.expander(plain(f"Also {', '.join(labels.head(name).lower() for name in others)}")):
            for name in others:
                show_probabilities(alone, name)
    if post["model"] and post["model"] != bundle_id:
        st.caption(
            f"Scored with another model ({plain(post['model'])}); explained with {plain(bundle_id)}. "
            "Score the batch again."
        )
    return alone, ledger


st.title("Explain")
batch = sidebar.opened_batch()
post_id = st.query_params.get("post")
if not post_id:
    first = query.page(batch, places.in_force(), *places.order(), limit=1)
    st.caption("Choose a post from the list, or begin with the first.")
    with st.container(horizontal=True):
        st.page_link(places.POSTS, label="All posts", icon=":material/view_list:", query_params=places.link())
        if len(first):
            begin = first["post_id"].iloc[0]
            st.button("First post", icon=":material/arrow_forward:", on_click=places.set_post, args=(begin,))
    st.stop()
post = query.one(batch, post_id)
step_through(batch, post_id)
with st.grid(2, min_column_width=360, gap="medium"):
    with st.container():
        show_post(batch, post)
    explained = None
    with st.container(), shown_in_words():  # the post itself is shown even where it cannot be explained
        explained = explain(batch, post)
if not explained:
    st.stop()
alone, ledger = explained
with st.expander(
    "What if the post were different?", icon=":material/edit:", key="what_if", on_change="rerun"
) as asked:
    if asked.open:
        what_if(post, read_post(batch.id, post_id)[1], next(iter(alone.values())), ledger)
