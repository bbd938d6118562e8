"""Overview: how many posts, which sentiment, which topics, when. Each number and each bar opens its posts."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from analysis import query
from analysis.charts import scores as charts
from analysis.charts.palette import SENTIMENTS
from analysis.query import Filters, Totals
from analysis.scoring.meaning import NONE_OF_THESE
from analysis.wording import percent
from analysis.workspace import Batch
from pages.review import meaning
from pages.shared import labels, places, progress, sidebar
from pages.shared.charts import chart
from pages.shared.engine import config
from pages.shared.messages import plain
from pages.shared.rejected import rejected_list

FEW = 30  # posts below which a share says less than a count
MANY_UNSURE = 0.25  # share of posts that the model is not sure of from which the page says so
MOST_POINTS = 2_000  # of the scatter chart; the browser draws each
SCATTERED = ("post_id", "text", "sentiment", "text_valence", "image_valence")


def numbers(batch: Batch, filters: Filters, totals: Totals) -> None:
    """Show how many posts, the share of each sentiment, and how many need a second look."""
    found = query.count_by(batch, filters, "sentiment")
    counts = dict(zip(found["sentiment"], found["posts"], strict=True))
    with st.grid(min_column_width=140):
        number("Posts", f"{totals.posts:,}", totals.posts, filters)
        for name in SENTIMENTS:
            count = counts.get(name, 0)
            share = part(count, totals.scored)
            number(labels.sentiment(name).capitalize(), share, count, filters.narrowed(("sentiments", name)))
        share = part(totals.uncertain, totals.scored)
        number("Not sure", share, totals.uncertain, replace(filters, uncertain=True), labels.NOT_SURE)
        share = part(totals.at_odds, totals.both)
        meaning = f"{labels.AT_ODDS} Counted among the {labels.posts(totals.both)} with both."
        number("At odds", share, totals.at_odds, replace(filters, at_odds=True), meaning)


def further_numbers(batch: Batch, filters: Filters, totals: Totals) -> None:
    """Show the shares of ironic, offensive and hateful posts, of those in another language, and of near copies."""
    counts = query.count_tones(batch, filters)
    if counts.empty and not totals.in_a_language and not totals.near_copies:
        return
    with st.grid(min_column_width=140):
        for tone, posts, judged in counts.itertuples(index=False):
            only = filters.narrowed(("tones", tone))
            number(plain(labels.tone(tone)), part(posts, judged), posts, only, labels.TONE)
        if totals.in_a_language:
            share, only = (
                part(totals.other_language, totals.in_a_language),
                replace(filters, other_language=True),
            )
            number("Other language", share, totals.other_language, only, labels.other_language())
        if totals.near_copies:
            share, only = part(totals.near_copies, totals.scored), replace(filters, near_copy=True)
            number("Near copies", share, totals.near_copies, only, labels.NEAR_COPY)


def own_topics(batch: Batch, filters: Filters) -> None:
    """Let the analyst name topics of their own, and count the posts that come nearest to each."""
    st.subheader("Your own topics")
    if not meaning.offered(batch):
        return
    st.session_state["own_topics"] = ", ".join(places.own_topics())
    st.text_input(
        "Topics, separated by commas",
        placeholder="Such as: delivery, prices, customer service",
        key="own_topics",
        on_change=lambda: places.set_own_topics(st.session_state["own_topics"]),
    )
    names = places.own_topics()
    if not names:
        st.caption(
            "Each post is given the topic whose name is nearest in meaning to its text or its pictures."
        )
        return
    found = meaning.own_topics(batch, names)
    counts = []
    for name in (*names, NONE_OF_THESE):
        of_topic = found[found["topic"] == name]
        counts.append((name, query.count(batch, meaning.narrowed(filters, of_topic))))
    chart(
        "Posts by your own topics",
        charts.custom_topic_bar(pd.DataFrame(counts, columns=["topic", "posts"])),
        filters,
    )


def number(name: str, value: str, count: int, filters: Filters, meaning: str | None = None) -> None:
    """Show one number with a link to the posts that it counts."""
    with st.container(border=True):
        st.metric(name, value, help=meaning)
        st.page_link(
            places.POSTS,
            label=labels.posts(count),
            icon=":material/arrow_forward:",
            icon_position="right",
            query_params=places.link(filters),
            disabled=not count,
        )


def part(count: int, whole: int) -> str:
    """Say a share, or a dash where there is nothing to share."""
    return percent(count / whole) if whole else "–"


def cautions(totals: Totals) -> None:
    """Say what the numbers cannot bear."""
    said = []
    if totals.scored < totals.posts:
        left = totals.posts - totals.scored
        said.append(f"Shares leave out {labels.posts(left)} not scored yet.")
    if 0 < totals.scored < FEW:
        said.append(f"With {labels.posts(totals.scored)}, read shares as counts.")
    if totals.scored and totals.uncertain > MANY_UNSURE * totals.scored:
        said.append("Many of these the model is not sure of: read some before relying on the shares.")
    if said:
        st.caption(":material/info: " + " ".join(said))


def charts_of(batch: Batch, filters: Filters, totals: Totals) -> None:
    """Show the charts that the posts give something for."""
    titles = labels.titles()
    with st.grid(min_column_width=420):
        chart("Sentiment", charts.sentiment_bar(query.count_by(batch, filters, "sentiment")), filters)
        chart("Topics", charts.topic_bar(query.count_by(batch, filters, "topic"), titles), filters)
        emotions = query.count_by(batch, filters, "emotion")
        if len(emotions):
            named = {**titles, labels.UNCLEAR: labels.emotion(labels.UNCLEAR)}
            chart("Emotions of texts", charts.emotion_bar(emotions, named), filters)
        by_topic = query.count_by(batch, filters, "topic", "sentiment")
        chart("Sentiment by topic", charts.sentiment_by_topic(by_topic, titles), filters)
        by_inputs = query.count_by(batch, filters, "inputs_used", "sentiment")
        chart("Sentiment by what posts are made of", charts.sentiment_by_content_type(by_inputs), filters)
        unit, periods = query.over_time(batch, filters)
        if len(periods) > 1:
            chart("Over time (UTC)", charts.sentiment_over_time(unit, periods), filters)
        if totals.both:
            with_both = replace(filters, inputs=("both",))
            both = query.page(batch, with_both, "agreement", limit=MOST_POINTS, columns=SCATTERED)
            scatter = charts.agreement_scatter(both, batch.settings.at_odds_below)
            chart("Text against picture", scatter, filters)
    st.caption("Click a bar or a point to open its posts.")


st.title("Overview")
batch = sidebar.opened_batch()
progress.show(batch)
filters = places.in_force()
totals = query.totals(batch, filters)
sidebar.active_filters(totals.posts, batch.manifest.n_posts)
numbers(batch, filters, totals)
further_numbers(batch, filters, totals)
cautions(totals)
if totals.scored:
    charts_of(batch, filters, totals)
    if config().space:
        own_topics(batch, filters)
rejected_list(batch.rejected(), expanded=False)
