"""Reasons: the influence of words, text and images on the scores of the batch. Every bar opens its posts."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from analysis import query
from analysis.attribution.worth import Worth, measure_modality_worth
from analysis.charts import influence as charts
from analysis.model.config import SENTIMENTS
from analysis.query import Filters, Totals
from analysis.scoring.encodings import encode_all_posts
from analysis.wording import format_percent
from analysis.workspace import Batch
from pages.components.deferred import show_when_idle
from pages.components.post_card import show_post_card
from pages.shared import cards, catalogue, labels, places, progress, scored
from pages.shared.charts import chart
from pages.shared.engine import model, workspace

EXAMPLES = 3  # posts shown of each kind
DECIDED = {
    "image": "Image outweighed text",
    "text": "Text outweighed image",
}


def show_conflicts(batch: Batch, filters: Filters) -> None:
    """Show the posts in which one modality outweighed the other, strongest first."""
    counts = query.count_by_deciding_modality(batch, filters)
    st.header("Conflicts between text and image", anchor=False)
    st.caption(
        "Posts whose text and image alone get different sentiments, and whose overall sentiment follows only one of "
        "them. Irony, memes and clickbait are common here."
    )
    chosen = filters.chosen("decided_by") or DECIDED
    positions = {
        modality: query.list_positions(
            batch, filters.replace(decided_by=(modality,)), f"phi_{modality}", descending=True, limit=EXAMPLES
        )
        for modality in DECIDED
        if modality in chosen
    }
    every = [each for found in positions.values() for each in found]
    rows = query.list_rows(query.read_posts_at(batch, every))  # of both at once, which is faster
    posts = dict(zip(every, rows, strict=True))
    for modality, found in positions.items():
        only = filters.replace(decided_by=(modality,))
        with st.container(border=True):
            st.subheader(DECIDED[modality], anchor=False)
            if not found:
                st.caption("No such posts.")
                continue
            with st.grid(min_column_width=cards.CARD_WIDTH):
                for post in (posts[each] for each in found):
                    text, image = (labels.sentiment(post[f"{name}_sentiment"]) for name in ("text", "image"))
                    alone = f"Text alone {text}, image alone {image}"
                    show_post_card(batch, post, places.link(only, post=post["post_id"]), alone)
            st.page_link(
                places.POSTS,
                label=f"All {labels.posts(counts[modality])}",
                icon=":material/arrow_forward:",
                icon_position="right",
                query_params=places.link(only, sort=f"phi_{modality}", order="descending"),
            )


def show_words(batch: Batch, filters: Filters) -> pd.DataFrame:
    """Show the header of the most influential words, and why there are none; return the words."""
    st.header("Most influential words", anchor=False)
    found = query.aggregate_top_words(batch, filters)
    if found.empty:
        if progress.has_words(batch):
            st.caption("No word is among the top words of at least two posts.")
        elif batch.scored() < batch.manifest.n_posts:
            st.caption("Top words can be computed once all posts are scored.")
    progress.offer_words(batch)
    return found


def show_influence(batch: Batch, filters: Filters, words: pd.DataFrame, totals: Totals) -> None:
    """Show the charts of the words, and of text and image."""
    if not words.empty:
        show_word_charts(batch, filters, words)
    if totals.both:
        show_shares(batch, filters)


def show_word_charts(batch: Batch, filters: Filters, words: pd.DataFrame) -> None:
    """Show the most influential words of each sentiment."""
    with st.grid(min_column_width=320):
        for name in SENTIMENTS:
            of_sentiment = words[words["sentiment"] == name]
            if len(of_sentiment):
                figure = charts.influential_words_bar(of_sentiment, name)
                chart(f"For {labels.sentiment(name)}", figure, filters)
    others = "Words that are as frequent with other sentiments, such as “the”, are left out. "
    st.caption(
        "Mean effect in logits over the posts with this sentiment that have the word among their five top words, and "
        f"the number of these posts. {others if batch.manifest.shares else ''}Click a bar to open the posts that "
        "contain the word."
    )


def show_shares(batch: Batch, filters: Filters) -> None:
    """Show the shares of text and image in the scores, by sentiment and by topic."""
    by = {column: query.average_shares_by(batch, filters, column) for column in ("sentiment", "topic")}
    if by["sentiment"].empty:
        return
    st.header("Text and image", anchor=False)
    with st.grid(min_column_width=420):
        for column, found in by.items():
            figure = charts.modality_shares_bar(
                found, column, catalogue.filter_name_of(column), labels.value_titles(column)
            )
            chart(f"By {column}", figure, filters)
    st.caption("Mean share of the absolute Shapley values, over posts that have both text and image.")


@st.cache_data(max_entries=50, show_spinner=False)
def worth_of(batch_id: str, post_ids: tuple[str, ...], bundle_id: str) -> Worth:
    """Swap texts and images between posts; `bundle_id` is the loaded model's."""
    batch, bundle = workspace().open(batch_id), model()
    posts = batch.posts().set_index("post_id", drop=False).loc[list(post_ids)]
    encoded, _ = encode_all_posts(bundle, posts, batch.media_path, batch.settings)
    with bundle.lock:
        return measure_modality_worth(bundle, encoded)


def show_image_worth(batch: Batch, filters: Filters) -> None:
    """Measure on demand whether images affect the scores of these posts."""
    st.header("How much do images matter?", anchor=False)
    both = query.read_page(
        batch, filters.replace(inputs=("both",)), limit=batch.settings.swapped_posts, columns=["post_id"]
    )
    if len(both) < 2:
        st.caption("This needs at least two posts that have both text and image.")
        return
    count = labels.posts(len(both))
    if not st.button(
        f"Measure on {count}", icon=":material/compare_arrows:", help="This takes up to half a minute."
    ):
        st.caption("Swaps texts and images between posts and counts how often the sentiment changes.")
        return
    with st.spinner("Swapping texts and images..."):
        found = worth_of(batch.id, tuple(both["post_id"]), model().id)
    with st.grid(min_column_width=200):
        for title, value, about in (
            ("With another image", found.image, "with the image of another post"),
            ("With another text", found.text, "with the text of another post"),
            (
                "Without interaction",
                found.interaction,
                "if the effects of text and image are simply added (EMAP)",
            ),
        ):
            meaning = (
                f"Share of these posts whose sentiment changes {about}. It is exact for these posts, so it has no "
                "interval."
            )
            st.metric(title, format_percent(value), border=True, help=meaning)
    if found.text == found.image:
        leader = "text and image influence the sentiment equally often"
    else:
        leader = f"the {'text' if found.text > found.image else 'image'} influences the sentiment more often"
    st.caption(f"On the first {count} with text and image, {leader}.")


st.title("Reasons")
batch, filters, totals = scored.open_scored_posts()
words = show_words(batch, filters)
if totals.both or not words.empty:
    show_when_idle(partial(show_influence, batch, filters, words, totals))
if totals.both:
    show_conflicts(batch, filters)
    show_image_worth(batch, filters)
else:
    st.caption("None of these posts has both text and image, so there is nothing to compare.")
