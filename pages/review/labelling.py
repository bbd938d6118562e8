"""Review: posts are labelled, coders are compared, and the labels correct the model's shares and train it."""

from __future__ import annotations

import streamlit as st

from analysis import query, review
from analysis.query import Filters
from analysis.workspace import Batch
from pages.components.label_form import LabelledPost, show_label_form, show_undo
from pages.review.agreement import show_agreement
from pages.review.corrected import show_results
from pages.review.label_files import show_history, show_import
from pages.review.retraining import show_retraining
from pages.review.shown_post import keep_in_view, show_post, show_scores
from pages.shared import labels
from pages.shared.coder import choose_coder
from pages.shared.scored import open_scored_posts

LABEL, RESULTS, AGREEMENT, FILES = "Label posts", "Corrected shares", "Agreement", "Import and history"
RETRAIN = "Retrain"


def choose_order() -> str:
    """Show the choice of the order in which posts are labelled."""
    return st.selectbox(
        "Order",
        list(review.ORDERS),
        format_func=lambda name: review.ORDERS[name].title,
        key="queue_order",
        persist_state="session",
        width=260,
    )


def show_queue(batch: Batch, filters: Filters) -> None:
    """Show the next post to label, the controls, and how far the coder is."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        coder = choose_coder(batch)
        order = choose_order()
        shows_scores = st.toggle(
            "Show the model's scores",
            key="shows_scores",
            persist_state="session",
            help="Labels are more honest if you do not know what the model said.",
        )
    st.caption(review.ORDERS[order].meaning)
    describe_progress(batch, filters, coder)
    queue = review.list_queue(batch, filters, order, coder, limit=1)
    if not queue:
        is_decision = order == review.ADJUDICATION
        st.success(
            "No coders disagree about these posts."
            if is_decision
            else "You have labelled all of these posts.",
            icon=":material/check:",
        )
        show_undo(batch, coder)
        return
    post = query.read_posts_at(batch, queue).iloc[0]
    labelled = LabelledPost(batch, queue[0], coder, decides=order == review.ADJUDICATION)
    if labelled.decides:
        given = batch.labels.given["sentiment"][queue[0]]
        for name, value in sorted(given.items()):
            st.text(f"{name}: {labels.sentiment(str(value))}")
    show_label_form(labelled)
    if shows_scores:
        show_scores(post)
    with st.container(key="labelled_post", width=720):
        keep_in_view("labelled_post")
        show_post(batch, post, None)


def describe_progress(batch: Batch, filters: Filters, coder: str) -> None:
    """Say how many posts are labelled, and what more labels are worth."""
    done = review.count_labels(batch, coder) if coder else 0
    found = review.compute_corrected_shares(batch, filters)
    if review.find_label_filters(filters):
        st.caption(f"You have labelled {labels.posts(done)}. {found.reason}")
        return
    wanted = batch.settings.review_half_width
    further = review.count_further_labels(found, wanted)
    other = " that did not train the model" if found.known else ""
    sample = (
        f"Random sample: {found.sample + found.undecided:,} of {labels.posts(found.rest)}{other} labelled"
    )
    if found.undecided:
        sample += f", {found.undecided:,} of them without a clear label"
    if further is None:
        left = found.reason
    else:
        widest = max((each.powered.high - each.powered.low) / 2 for each in found.shares)
        more = f"About {further:,} more give ±{100 * wanted:.0f}." if further else "More are hardly worth it."
        left = f"Its labels give the shares of all posts to ±{100 * widest:.1f} points. {more}"
    st.caption(f"You have labelled {labels.posts(done)}. {sample}. {left}")


st.title("Review", anchor=False)
batch, filters, _ = open_scored_posts()
section = st.segmented_control(
    "Section",
    [LABEL, RESULTS, AGREEMENT, RETRAIN, FILES],
    default=LABEL,
    required=True,
    key="review_section",
    persist_state="session",
    label_visibility="collapsed",
)
if section == LABEL:
    show_queue(batch, filters)
elif section == RESULTS:
    show_results(batch, filters)
elif section == AGREEMENT:
    show_agreement(batch)
elif section == RETRAIN:
    show_retraining(batch)
else:
    show_import(batch)
    show_history(batch)
