"""Explain: one post, its scores, and the explanation of one of them by modality, word and image region."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from analysis import query
from analysis.attribution import VALENCE, Ledger, Output, list_explainable_outputs, list_further_contents
from analysis.attribution.sentences import title_of_explained_output
from analysis.columns import head_title
from analysis.exporters import ExplanationExporter, list_exporters
from analysis.posts import has_text
from analysis.query import Filters
from analysis.wording import format_percent, join_with_and, shorten_to_one_line
from analysis.workspace import Batch
from pages.review.explained import (
    Alone,
    alone_of,
    content_of,
    encoded_post,
    ledger_of,
    reliability_of,
)
from pages.review.explanation import (
    show_details,
    show_explanation,
    show_probabilities,
)
from pages.review.what_if import what_if
from pages.shared import cards, catalogue, labels, places, sidebar
from pages.shared.choices import unique_labels
from pages.shared.engine import config, heads, model
from pages.shared.messages import error_boundary, plain


def show_navigation(batch: Batch, post_id: str) -> None:
    """Show links to the list and to the previous and next post in it."""
    before, after = query.find_previous_and_next(batch, post_id, places.current_filters(), *places.order())
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link(
            places.POSTS, label="All posts", icon=":material/arrow_back:", query_params=places.link()
        )
        for label, icon, target in (
            ("Previous", ":material/chevron_left:", before),
            ("Next", ":material/chevron_right:", after),
        ):
            # Buttons, because a link to the current page does not change the browser's URL.
            st.button(label, icon=icon, disabled=target is None, on_click=places.set_post, args=(target,))
        if batch.has_part("embeddings", 0) and config().space:
            similar = places.link(Filters(), like=post_id)
            st.page_link(
                places.POSTS, label="Similar posts", icon=":material/join_inner:", query_params=similar
            )


def show_post(batch: Batch, post: pd.Series) -> None:
    """Show the original post: text, images and metadata."""
    with st.container(border=True):
        st.text(post["text"] if has_text(post["text"]) else "(no text)")
        for media_id in post["images"]:
            cards.show_image(batch.media_path(media_id))
        created_at = post["created_at"]
        details = {
            "Author": post["author"],
            "Posted (UTC)": None if pd.isna(created_at) else f"{created_at:%Y-%m-%d %H:%M}",
            "Likes": post["likes"],
            "Shares": post["shares"],
            "Comments": post["comments"],
            "Images": ", ".join(post["image_names"]),
            "File": f"{post['source']}, row {post['row']}" if post["row"] else post["source"],
            "ID": post["post_id"],
        }
        st.text(
            "\n".join(
                f"{name}: {shorten_to_one_line(str(value))}"
                for name, value in details.items()
                if not pd.isna(value) and value != ""
            )
        )


def choose_output(post: pd.Series) -> Output:
    """Let the user choose which output to explain; the predicted sentiment is the default."""
    modalities = [
        name for name, value in (("text", has_text(post["text"])), ("image", post["images"])) if value
    ]
    outputs = list_explainable_outputs(
        heads(), [*modalities, *list_further_contents(config().modalities, post)]
    )
    predicted = Output("sentiment", post["sentiment"])
    return st.selectbox(
        "Explain",
        outputs,
        index=outputs.index(predicted) if predicted in outputs else 0,
        key=f"output_{post['post_id']}",
        format_func=unique_labels(outputs, _option),
    )


def _option(output: Output) -> str:
    """Label an output in the list of choices."""
    if output.name == VALENCE:
        return f"{head_title(output.head)}: valence (positive minus negative)"
    return f"{head_title(output.head)}: {heads()[output.head].title(output.name)}"


def _score_caption(post: pd.Series) -> str:
    """Describe confidence, valence and how well text and image match."""
    caption = f"Confidence {format_percent(post['confidence'])}, valence {post['valence']:+.2f}"
    match = post["text_image_match"]
    if match is None:
        return caption
    return (
        f"{caption}; text and image match better than {format_percent(match)} of unrelated text-image pairs"
    )


def show_scores(post: pd.Series) -> None:
    """Show badges with a post's sentiment, topic, emotion, tone and warnings."""
    with st.container(horizontal=True, vertical_alignment="center"):
        labels.verdict_badge(post["sentiment"], post["uncertain"] is True)
        for column in catalogue.class_columns():
            value, badge = post.get(column.name), column.badge
            if isinstance(value, str) and badge and value not in badge.hidden:
                about = catalogue.kind_of([column]).help
                st.badge(plain(column.title_of(value)), icon=badge.icon, color="gray", help=plain(about))
        for mark in catalogue.marks_of(post):
            st.badge(plain(mark), color="violet", help=labels.help_of("tones"))
        if post["in_language"] is False:
            language = plain(labels.language(post["language"]))
            st.badge(language, icon=":material/translate:", color="violet", help=labels.other_language())
        if post["disagree"] is True:
            st.badge("Text and image disagree", color="violet", help=labels.help_of("disagree"))
        if isinstance(post["sentiment"], str):
            st.caption(_score_caption(post), width="content")


def explain(batch: Batch, post: pd.Series) -> tuple[Alone, Ledger]:
    """Show the scores of a post and the explanation of the chosen output; return both."""
    show_scores(post)
    output = choose_output(post)
    with st.spinner("Computing explanation..."):
        bundle_id = model().id
        alone = alone_of(batch.id, post["post_id"], bundle_id)
        key = (batch.id, post["post_id"], bundle_id, output.head, output.name)
        ledger = ledger_of(*key)
        is_verified = ledger.has_shares and st.session_state.get("verified") == key
        checks, verification = reliability_of(key, is_verified)
    title = plain(title_of_explained_output(output, labels.titles()))  # titles may come from a user
    show_explanation(batch, post, ledger, checks, verification, title)
    if ledger.has_shares and not is_verified:
        offer_verification(key)
    with st.expander("Details", icon=":material/zoom_in:", key="details", on_change="rerun") as details:
        if details.open:
            show_details(batch, post, ledger, title)
    modalities = join_with_and(name.lower() for name in config().modalities.values())
    st.markdown(f"**Probabilities** of the full post, and of {modalities} alone")
    show_probabilities(alone, output.head, ledger.titles)
    others = [
        name for name in heads() if name != output.head and any(name in scores for scores in alone.values())
    ]
    if others:
        with st.expander(plain(f"Other heads: {', '.join(head_title(name).lower() for name in others)}")):
            for name in others:
                show_probabilities(alone, name, ledger.titles)
    if post["model"] and post["model"] != bundle_id:
        st.caption(
            f"Scored with another model ({plain(post['model'])}), but explained with {plain(bundle_id)}. "
            "Score the batch again to use the same model for both."
        )
    offer_download(batch, post, output, is_verified)
    return alone, ledger


def offer_verification(key: tuple[str, str, str, str, str]) -> None:
    """Offer to verify the explanation.

    Args:
        key: The arguments of `verification_of`.
    """
    st.button(
        "Verify",
        icon=":material/fact_check:",
        help="Compares these words and regions with integrated gradients, and checks both. Takes a few seconds.",
        on_click=lambda: st.session_state.update(verified=key),
    )


def offer_download(batch: Batch, post: pd.Series, output: Output, is_verified: bool) -> None:
    """Offer the explanation as a file of each format."""
    with st.container(horizontal=True):
        for exporter in list_exporters(ExplanationExporter):
            st.download_button(
                f"Download as {exporter.label}",
                data=partial(content_of, batch, post, output, exporter, is_verified),
                mime=exporter.media_type,
                file_name=f"{batch.id}-post-{post['position'] + 1}{exporter.suffix}",
                icon=":material/download:",
                help="Save or share this explanation.",
                on_click="ignore",  # a rerun could discard the address of the file before it is sent
                key=f"download_explanation_{exporter.name}",
            )


st.title("Explain")
batch = sidebar.open_current_batch()
post_id = st.query_params.get("post")
if not post_id:
    first = query.read_page(batch, places.current_filters(), *places.order(), limit=1)
    sidebar.show_active_filters(
        query.count_matching_posts(batch, places.current_filters()), batch.manifest.n_posts
    )
    sidebar.stop_if_empty(len(first))
    st.caption("Choose a post from the list, or start with the first one.")
    with st.container(horizontal=True):
        st.page_link(places.POSTS, label="All posts", icon=":material/view_list:", query_params=places.link())
        first_id = first["post_id"].iloc[0]
        st.button("First post", icon=":material/arrow_forward:", on_click=places.set_post, args=(first_id,))
    st.stop()
post = query.read_post(batch, post_id)
show_navigation(batch, post_id)
with st.grid(2, min_column_width=360, gap="medium"):
    with st.container():
        show_post(batch, post)
    explained = None
    with st.container(), error_boundary():  # show the post even if it cannot be explained
        explained = explain(batch, post)
if not explained:
    st.stop()
alone, ledger = explained
with st.expander(
    "What if the post were different?", icon=":material/edit:", key="what_if", on_change="rerun"
) as what_if_panel:
    if what_if_panel.open:
        what_if(post, encoded_post(batch.id, post_id, model().id), next(iter(alone.values())), ledger)
