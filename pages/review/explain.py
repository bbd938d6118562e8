"""Explain: one post, its scores, and the explanation of one of them by modality, word and image region."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import pandas as pd
import streamlit as st
from streamlit.elements.lib.mutable_expander_container import ExpanderContainer

from analysis import query
from analysis.attribution import (
    VALENCE,
    Checks,
    Ledger,
    Output,
    Verification,
    list_explainable_outputs,
    list_further_contents,
)
from analysis.attribution.sentences import title_of_explained_output
from analysis.columns import head_title
from analysis.exporters import ExplanationExporter, list_exporters
from analysis.exporters.file_names import name_batch_in_file
from analysis.posts import has_text
from analysis.workspace import Batch
from pages.components.label_form import show_label_panel
from pages.review.explained import (
    Alone,
    Key,
    alone_of,
    content_of,
    encoded_post,
    ledger_of,
    reliability_of,
)
from pages.review.explanation import (
    show_decision,
    show_details,
    show_evidence,
    show_probabilities,
    show_verification,
)
from pages.review.shown_post import describe_further_scores, keep_in_view, show_post, show_scores
from pages.review.what_if import what_if
from pages.shared import address, current_batch, filter_bar, labels, places
from pages.shared.choices import unique_labels
from pages.shared.engine import config, heads, model
from pages.shared.messages import error_boundary, plain
from pages.shared.privacy import current_privacy


def show_navigation(batch: Batch, post_id: str) -> None:
    """Show links to the list and to the previous and next post in it."""
    before, after = query.find_previous_and_next(batch, post_id, places.current_filters(), *places.order())
    with st.container(horizontal=True, vertical_alignment="center", width="content"):
        st.page_link(
            places.POSTS, label="All posts", icon=":material/arrow_back:", query_params=places.link()
        )
        for label, icon, key, target in (
            ("Previous", ":material/chevron_left:", "k", before),
            ("Next", ":material/chevron_right:", "j", after),
        ):
            # Buttons, because a link to the current page does not change the browser's URL.
            st.button(
                label,
                icon=icon,
                shortcut=key,
                disabled=target is None,
                on_click=places.set_post,
                args=(target,),
            )
        if batch.has_part("embeddings", 0) and config().space:
            st.page_link(
                places.POSTS,
                label="Similar posts",
                icon=":material/join_inner:",
                query_params=places.link_similar(batch.id, post_id),
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


@dataclass(frozen=True)
class Explained:
    """The explanation of the chosen output of a post.

    Attributes:
        ledger: Its explanation.
        checks: The checks of the ledger; None if they were not computed.
        verification: The verification of the ledger; None if the user did not ask for one.
        alone: Probabilities of the full post, and of each modality alone.
        title: The explained output, such as "negative"; titles may come from a user.
    """

    ledger: Ledger
    checks: Checks | None
    verification: Verification | None
    alone: Alone
    title: str


def compute_explanation(key: Key) -> Explained:
    """Explain one output of a post, and verify it if the user asked for that."""
    ledger = ledger_of(*key)
    is_verified = ledger.has_shares and st.session_state.get("verified") == key
    title = title_of_explained_output(ledger.output, labels.titles())
    return Explained(ledger, *reliability_of(key, is_verified), alone_of(*key[:3]), title)


def show_panels(batch: Batch, post: pd.Series, key: Key, explained: Explained) -> None:
    """Show the closed panels under the sentence: evidence, other methods and other scores."""
    ledger, alone = explained.ledger, explained.alone
    with _panel("Evidence", "functions", "evidence") as evidence:
        if evidence.open:
            show_evidence(ledger, explained.checks, explained.title, alone)
            st.caption(describe_further_scores(post))
            if explained.verification:
                show_verification(batch, post, ledger, explained.verification)
            elif ledger.has_shares:
                offer_verification(key)
    with _panel("Words and images by other methods", "zoom_in", "details") as details:
        if details.open:
            show_details(batch, post, ledger, explained.title)
    others = [
        name
        for name in heads()
        if name != ledger.output.head and any(name in scores for scores in alone.values())
    ]
    if others:
        names = ", ".join(head_title(name).lower() for name in others)
        with _panel(plain(f"Other scores: {names}"), "category", "other_heads") as panel:
            if panel.open:
                for name in others:
                    show_probabilities(alone, name, ledger.titles)


def _panel(title: str, icon: str, key: str) -> ExpanderContainer:
    return st.expander(title, icon=f":material/{icon}:", key=key, on_change="rerun")


def offer_verification(key: Key) -> None:
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
    """Offer the explanation as a file of each format, with the privacy that was chosen on the Report page."""
    privacy = current_privacy()
    chosen = "" if privacy.shows_names else f" As chosen on the Report page: {privacy.level.meaning}"
    name = (
        f"{name_batch_in_file(batch, privacy.level)}-post-{post['position'] + 1}{privacy.level.file_suffix}"
    )
    with st.container(horizontal=True):
        for exporter in list_exporters(ExplanationExporter):
            st.download_button(
                f"Download as {exporter.label}",
                data=partial(content_of, batch, post, output, exporter, is_verified, privacy),
                mime=exporter.media_type,
                file_name=f"{name}{exporter.suffix}",
                icon=":material/download:",
                help=f"Save or share this explanation.{chosen}",
                on_click="ignore",  # a rerun could discard the address of the file before it is sent
                key=f"download_explanation_{exporter.name}",
            )


header = st.container(horizontal=True, vertical_alignment="center")
header.title("Explain", anchor=False, width="content")
batch = current_batch.open_current_batch()
post_id = address.get("post")
if not post_id:
    first = query.read_page(batch, places.current_filters(), *places.order(), limit=1)
    filter_bar.show_filters(
        query.count_matching_posts(batch, places.current_filters()), batch.manifest.n_posts
    )
    filter_bar.stop_if_empty(len(first))
    st.caption("Choose a post from the list, or start with the first one.")
    with st.container(horizontal=True):
        st.page_link(places.POSTS, label="All posts", icon=":material/view_list:", query_params=places.link())
        first_id = first["post_id"].iloc[0]
        st.button("First post", icon=":material/arrow_forward:", on_click=places.set_post, args=(first_id,))
    st.stop()
post = query.read_post(batch, post_id)
with header:
    show_navigation(batch, post_id)
if post["in_language"] is False:
    st.warning(labels.other_language(), icon=":material/translate:")
decision = st.empty()
# The stored reason, until the model has explained the post.
decision.header(labels.reason(batch, post) or "Not scored", anchor=False)
with st.grid(2, min_column_width=360, gap="medium"):
    left, right = st.container(key="explained_post"), st.container()
explained = None
with right, error_boundary():  # show the post even if it cannot be explained
    output = choose_output(post)
    key = (batch.id, post["post_id"], model().id, output.head, output.name)
    with st.spinner("Computing explanation..."):
        explained = compute_explanation(key)
    show_panels(batch, post, key, explained)
    offer_download(batch, post, output, explained.verification is not None)
with decision.container():
    if explained:
        show_decision(post, explained.ledger, explained.title)
    show_scores(post)
    if post["model"] and post["model"] != model().id:
        st.caption(
            f"Scored with another model ({plain(post['model'])}), but explained with {plain(model().id)}. "
            "Score the batch again to use the same model for both."
        )
with left:
    keep_in_view("explained_post")
    if explained:
        show_post(batch, post, explained.ledger, explained.checks, explained.title)
    else:
        show_post(batch, post, None)
show_label_panel(batch, int(post["position"]))
if not explained:
    st.stop()
with _panel("What if the post were different?", "edit", "what_if") as what_if_panel:
    if what_if_panel.open:
        scores = next(iter(explained.alone.values()))
        what_if(post, encoded_post(batch.id, post_id, model().id), scores, explained.ledger)
