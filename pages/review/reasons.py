"""Reasons: what drove the scores of the batch, text or picture, and which words; every bar opens its posts."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from analysis import query
from analysis.attribution.worth import Worth, worth
from analysis.charts import influence as charts
from analysis.charts.palette import SENTIMENTS
from analysis.query import Filters
from analysis.scoring.encodings import encode_all_posts
from analysis.wording import percent
from analysis.workspace import Batch
from pages.shared import cards, labels, places, progress, sidebar
from pages.shared.charts import chart
from pages.shared.engine import model, workspace

MEASURED = 200  # posts that texts and pictures are exchanged between; the work grows with their square
SHOWN = 3  # posts of each kind that are shown at once
DECIDED = {
    "image": "The picture overturned the text",
    "text": "The text overturned the picture",
}


def overturned(batch: Batch, filters: Filters) -> None:
    """Show the posts in which one modality decided against the other, the strongest first."""
    counts = query.count_decided(batch, filters)
    st.subheader("Overturned")
    st.caption(
        "Posts whose sentiment is what one of text and picture says alone, while the other says something else: "
        "irony, memes and bait are often among them."
    )
    for modality, title in DECIDED.items():
        if filters.decided_by and modality not in filters.decided_by:
            continue
        only = replace(filters, decided_by=(modality,))
        with st.container(border=True):
            st.markdown(f"**{title}**")
            posts = query.page(batch, only, f"phi_{modality}", descending=True, limit=SHOWN)
            if not len(posts):
                st.caption("None of these posts.")
                continue
            with st.grid(min_column_width=cards.CARD_WIDTH):
                for _, post in posts.iterrows():
                    with st.container():
                        cards.picture_strip([batch.media_path(name) for name in post["images"]])
                        st.text(cards.excerpt(post["text"]))
                        text, image = (
                            labels.sentiment(post[f"{name}_sentiment"]) for name in ("text", "image")
                        )
                        st.caption(
                            f"Text alone {text}, picture alone {image}: {labels.sentiment(post['sentiment'])}"
                        )
                        st.page_link(
                            places.EXPLAIN,
                            label="Explain",
                            icon=":material/troubleshoot:",
                            query_params=places.link(only, post=post["post_id"]),
                        )
            st.page_link(
                places.POSTS,
                label=f"All {labels.posts(counts[modality])}",
                icon=":material/arrow_forward:",
                icon_position="right",
                query_params=places.link(only, sort=f"phi_{modality}", order="descending"),
            )


def words(batch: Batch, filters: Filters) -> None:
    """Show the words that pushed each sentiment most."""
    st.subheader("Words that pushed")
    found = {name: query.pushing_words(batch, filters, name) for name in SENTIMENTS}
    if all(each.empty for each in found.values()):
        st.caption(
            "No word is among the strongest of two posts or more. Words are found when a batch is scored, or on "
            "the Report page for large batches."
        )
        return
    with st.grid(min_column_width=320):
        for name, each in found.items():
            if len(each):
                chart(f"Towards {labels.sentiment(name)}", charts.influential_words_bar(each, name), filters)
    st.caption(
        "Mean over the posts that were given this sentiment and have the word among their five strongest, in logits; "
        "then how many these are. Click a bar to open the posts that hold the word."
    )


def shares(batch: Batch, filters: Filters) -> None:
    """Show the share of text and picture, by sentiment and by topic."""
    by = {column: query.shares_by(batch, filters, column) for column in ("sentiment", "topic")}
    if by["sentiment"].empty:
        return
    with st.grid(min_column_width=420):
        for column, found in by.items():
            figure = charts.modality_shares_bar(found, column, labels.titles())
            chart(f"Text against picture, by {column}", figure, filters)
    st.caption("Mean share of the weights (Shapley values, without their signs), of posts that have both.")


@st.cache_data(max_entries=50, show_spinner=False)
def worth_of(batch_id: str, post_ids: tuple[str, ...], bundle_id: str) -> Worth:
    """Exchange texts and pictures between posts; `bundle_id` is that of the loaded model."""
    batch, bundle = workspace().open(batch_id), model()
    posts = batch.posts().set_index("post_id", drop=False).loc[list(post_ids)]
    encoded, _ = encode_all_posts(bundle, posts, batch.media_path, batch.settings)
    with bundle.lock:
        return worth(bundle, encoded)


def picture_worth(batch: Batch, filters: Filters) -> None:
    """Say whether pictures add anything to the scores here, when asked."""
    st.subheader("Does the picture add anything here?")
    both = query.page(batch, replace(filters, inputs=("both",)), limit=MEASURED)
    if len(both) < 2:
        st.caption("It takes two posts that have both text and picture.")
        return
    count = labels.posts(len(both))
    if not st.button(
        f"Measure it on {count}", icon=":material/compare_arrows:", help="Takes up to half a minute."
    ):
        st.caption("Texts and pictures are exchanged between posts, to see how often the sentiment changes.")
        return
    with st.spinner("Exchanging texts and pictures"):
        found = worth_of(batch.id, tuple(both["post_id"]), model().id)
    with st.grid(min_column_width=200):
        st.metric(
            "With another picture",
            percent(found.image),
            border=True,
            help="Part of these posts that would be given another sentiment with the picture of another of them.",
        )
        st.metric(
            "With another text",
            percent(found.text),
            border=True,
            help="Part of these posts that would be given another sentiment with the text of another of them.",
        )
        st.metric(
            "Without interaction",
            percent(found.interaction),
            border=True,
            help="Part that would be given another sentiment if text and picture only added up (EMAP).",
        )
    lead = (
        "neither" if found.text == found.image else "the text" if found.text > found.image else "the picture"
    )
    st.caption(f"On the first {count} with both: {lead} decides more often.")


st.title("Reasons")
batch = sidebar.opened_batch()
progress.show(batch)
filters = places.in_force()
totals = query.totals(batch, filters)
sidebar.active_filters(totals.posts, batch.manifest.n_posts)
if not totals.scored:
    st.info("None of these posts is scored yet.", icon=":material/info:")
    st.stop()
words(batch, filters)
if totals.both:
    shares(batch, filters)
    overturned(batch, filters)
    picture_worth(batch, filters)
else:
    st.caption(
        "None of these posts has both text and picture, so there is nothing to weigh against each other."
    )
