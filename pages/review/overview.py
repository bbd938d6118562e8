"""Overview: posts by sentiment, topic and time. Each number and each bar opens its posts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from analysis import query, review
from analysis.charts import scores as charts
from analysis.charts.over_time import sentiment_over_time
from analysis.charts.palette import SENTIMENT_COLOURS, SENTIMENT_SIGNS
from analysis.exporters.headline import (
    Headline,
    collect_headline,
    format_count_interval,
    format_count_share,
    list_findings,
)
from analysis.exporters.striking import find_striking_posts
from analysis.model.config import SENTIMENTS
from analysis.query import Filters, Totals
from analysis.settings import Settings
from analysis.workspace import Batch
from pages.components.corrected_shares import show_corrected_line
from pages.components.deferred import show_when_idle
from pages.components.post_card import show_post_card
from pages.components.stacked_bar import Segment, show_stacked_bar
from pages.components.stat_strip import Stat, show_stat_strip
from pages.review import engagement, find
from pages.shared import cards, catalogue, current_batch, filter_bar, labels, places, progress, samples
from pages.shared.cache_keys import make_cache_key
from pages.shared.charts import chart
from pages.shared.counting import Counting, choose_counting
from pages.shared.engine import config
from pages.shared.messages import plain
from pages.shared.rejected import show_rejected

STRIKING = 3
AUTOMATIC = "Automatic"
PERIODS = {AUTOMATIC: None, **{unit.capitalize(): unit for unit in query.UNITS}}
SCATTER_COLUMNS = ("post_id", "text", "sentiment", "text_valence", "image_valence")


def show_introduction(count: int) -> None:
    """Say what PostLens does, above the sample posts, and lead to the user's own."""
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            "PostLens reads the text and the images of posts together, scores sentiment, topics and tone, and shows "
            f"what drove each score. These are {labels.posts(count)} made up as a sample.",
            width="stretch",
        )
        if st.button("Upload your posts", icon=":material/upload:", type="primary"):
            st.switch_page(places.UPLOAD)


def show_headline(
    batch: Batch, headline: Headline, filters: Filters, counting: Counting, periods: tuple[str, pd.DataFrame]
) -> None:
    """Show the number of posts, the sentiments with intervals, and the most important findings in words."""
    totals = headline.totals
    with st.container(border=True):
        with st.container(horizontal=True, gap="large"):
            st.metric("Posts", f"{totals.posts:,}", width="content")
            if totals.scored:
                st.metric(
                    "Net sentiment",
                    f"{headline.net_sentiment:+d}".replace("-", "−"),
                    help="The share of positive posts minus that of negative ones, in percentage points. "
                    f"95 % interval: {headline.format_net_interval()} (Bonett & Price 2012).",
                    width="content",
                )
            engagement.show_metrics(counting)
            engagement.show_volume(*periods, counting)
        if not totals.scored:
            return
        if counting.is_weighted:
            engagement.show_sentiments(batch, filters, counting)
            return
        counted = list(zip(SENTIMENTS, headline.sentiments, strict=True))
        show_stacked_bar(
            [
                Segment(count.title, SENTIMENT_SIGNS[name], count.share, SENTIMENT_COLOURS[name])
                for name, count in counted
            ]
        )
        show_stat_strip(
            [
                Stat(
                    labels.sentiment(name),
                    f"{format_count_share(count)} ({format_count_interval(count)})",
                    filters.with_selection(("sentiments", name)),
                    count.posts,
                    f"{labels.posts(count.posts)} of {totals.scored:,}. In brackets: the 95 % interval of the share.",
                )
                for name, count in counted
            ]
        )
        if batch.labels:
            show_corrected_line(review.compute_corrected_shares(batch, filters))
        st.markdown("\n".join(f"- {plain(sentence)}" for sentence in list_findings(headline)[1:]))


def show_attention(batch: Batch, filters: Filters, totals: Totals) -> None:
    """Show how many posts need a closer look: uncertain, conflicting, ironic, in other languages, repeated."""
    stats = [
        Stat(
            "Not sure",
            f"{totals.uncertain:,} of {labels.posts(totals.scored)}",
            filters.replace(uncertain=True),
            totals.uncertain,
            labels.help_of("uncertain"),
        )
    ]
    if totals.both:
        of = f"{totals.disagree:,} of {totals.both:,} with both"
        only = filters.replace(disagree=True)
        stats.append(Stat("Text and image disagree", of, only, totals.disagree, labels.help_of("disagree")))
    counts = query.count_tones(batch, filters, catalogue.marks())
    for tone, posts, judged in counts.itertuples(index=False):
        title, of = plain(catalogue.mark_title(tone)), f"{posts:,} of {labels.posts(judged)}"
        only = filters.with_selection(("tones", tone))
        stats.append(Stat(title, of, only, posts, labels.help_of("tones")))
    if totals.in_a_language:
        of = f"{totals.other_language:,} of {labels.posts(totals.in_a_language)}"
        only = filters.replace(other_language=True)
        stats.append(Stat("Other language", of, only, totals.other_language, labels.other_language()))
    if totals.near_copies:
        of = f"{totals.near_copies:,} of {labels.posts(totals.scored)}"
        only = filters.replace(near_copy=True)
        stats.append(Stat("Near copies", of, only, totals.near_copies, labels.help_of("near_copy")))
    with st.container(border=True):
        st.header("Needs attention", anchor=False)
        show_stat_strip(stats)


def show_custom_topics(batch: Batch, filters: Filters, totals: Totals) -> None:
    """Count the posts of each custom topic, and link to the page where they are named."""
    st.header("Custom topics", anchor=False)
    if not find.is_offered(batch):
        return
    st.page_link(
        places.TOPICS,
        label="Add or change topics" if batch.custom_topics else "Name topics of your own",
        icon=":material/label:",
        query_params=places.link(),
    )
    if not batch.custom_topics:
        st.caption("Such as delivery or prices. Posts that are similar in meaning are then counted for each.")
        return
    found = query.count_custom_topics(batch, filters).groupby("topic")["posts"].sum()
    counts = [(name, int(found.get(name, 0))) for name in batch.custom_topics.values]
    figure = charts.custom_topic_bar(pd.DataFrame(counts, columns=["topic", "posts"]), totals.scored)
    chart("Posts by custom topic", figure, filters)
    st.caption(
        f"Shares of {labels.posts(totals.scored)}. A post counts in each of its topics, so they may add up to more "
        "than 100 %."
    )


def show_warnings(totals: Totals, settings: Settings) -> None:
    """Warn about the limits of the numbers."""
    warnings = []
    if totals.scored < totals.posts:
        left = totals.posts - totals.scored
        warnings.append(
            f"Shares exclude {labels.posts(left)} that {'is' if left == 1 else 'are'} not scored yet."
        )
    if 0 < totals.scored < settings.shares_from:
        verb = "is" if totals.scored == 1 else "are"
        warnings.append(f"There {verb} only {labels.posts(totals.scored)}, so shares are imprecise.")
    if totals.scored and totals.uncertain > settings.max_uncertain * totals.scored:
        warnings.append(
            "Many of these predictions are uncertain: read some posts before relying on the shares."
        )
    if warnings:
        st.caption(":material/info: " + " ".join(warnings))


def show_striking(batch: Batch, filters: Filters) -> None:
    """Show a few posts that stand out, with their pictures and reasons."""
    found = _striking_of(batch, filters, make_cache_key(batch, filters))
    if not found:
        return
    st.header("Posts that stand out", anchor=False)
    with st.grid(min_column_width=cards.CARD_WIDTH):
        for kind, post in found:
            show_post_card(batch, post, places.link(post=post["post_id"]), kind)


@st.cache_data(max_entries=50, show_spinner=False)
def _striking_of(
    _batch: Batch, _filters: Filters, key: tuple[object, ...]
) -> list[tuple[str, Mapping[str, Any]]]:
    return find_striking_posts(_batch, _filters, of_a_kind=1, kinds=STRIKING)


def show_time(
    batch: Batch, filters: Filters, counting: Counting, automatic: tuple[str, pd.DataFrame]
) -> None:
    """Show the posts over time, with the unit of the user's choice and marked peaks.

    Args:
        batch: The batch.
        filters: Which posts match.
        counting: What is counted.
        automatic: The posts by the unit that their span suggests.
    """
    if automatic[1].empty:
        return
    units = {None, *query.list_units(batch, filters)}
    offered = [title for title, each in PERIODS.items() if each in units]
    if st.session_state.get("period", AUTOMATIC) not in offered:
        st.session_state["period"] = AUTOMATIC
    chosen = PERIODS[
        st.segmented_control(
            "Period", offered, default=AUTOMATIC, required=True, key="period", persist_state="session"
        )
    ]
    unit, periods = automatic
    if chosen:
        unit, periods = query.count_by_period(batch, filters, chosen, counting.weight)
    peaks = query.find_peaks(unit, periods, batch.timezone)
    figure = sentiment_over_time(unit, periods, peaks, counting.weight)
    chart(counting.title(f"Over time ({batch.timezone})"), figure, filters)
    st.page_link(
        places.TRENDS,
        label="Changes, and what made peaks" if peaks else "Changes from one period to the next",
        icon=":material/trending_up:",
        query_params=places.link(unit=unit),
    )


def show_charts(
    batch: Batch, filters: Filters, totals: Totals, counting: Counting, periods: tuple[str, pd.DataFrame]
) -> None:
    """Show the charts for which the posts have data."""
    weight = counting.weight
    st.header("Charts", anchor=False)
    if excluded := counting.describe_excluded():
        st.caption(excluded)
    show_time(batch, filters, counting, periods)
    with st.grid(min_column_width=420):
        columns = query.list_sortable_columns(batch)
        for column in catalogue.class_columns():
            if column.name == "topic":  # has a chart by sentiment, which shows its posts too
                continue
            if column.name not in columns:
                continue
            counts = query.count_by(batch, filters, column.name, weight=weight)
            if len(counts):
                figure = charts.class_bar(
                    counts, column.name, catalogue.kind_of([column]).name, column.titles, weight
                )
                chart(counting.title(plain(column.chart_title)), figure, filters)
        by_topic = query.count_by(batch, filters, "topic", "sentiment", weight=weight)
        figure = charts.sentiment_by_topic(
            by_topic, catalogue.filter_name_of("topic"), labels.value_titles("topic"), weight
        )
        chart(counting.title("Sentiment by topic"), figure, filters)
        by_inputs = query.count_by(batch, filters, "inputs_used", "sentiment", weight=weight)
        chart(
            counting.title("Sentiment by content type"),
            charts.sentiment_by_content_type(by_inputs, config().modalities, weight),
            filters,
        )
        for column in catalogue.own_columns():
            counts = query.count_by(batch, filters, column.name, "sentiment", weight=weight)
            most = list(dict.fromkeys(counts[column.name]))[: batch.settings.max_chart_values]
            if most:
                shown = counts[counts[column.name].isin(most)]
                figure = charts.sentiment_by_value(shown, column.name, column.name, weight=weight)
                chart(counting.title(plain(f"Sentiment by {column.label}")), figure, filters)
        if totals.both:
            with_both = filters.replace(inputs=("both",))
            limit = batch.settings.max_chart_points
            both = query.read_page(batch, with_both, "agreement", limit=limit, columns=SCATTER_COLUMNS)
            scatter = charts.agreement_scatter(both, batch.settings.disagree_below)
            chart("Text and image valence", scatter, filters)
    st.caption("Click a bar or a point to open its posts.")


st.title("Overview")
batch = current_batch.open_current_batch()
progress.show_job(batch)
filters = places.current_filters()
headline = collect_headline(batch, filters, catalogue.columns())
totals = headline.totals
if batch.manifest.name == samples.NAME:
    show_introduction(batch.manifest.n_posts)
filter_bar.show_filters(totals.posts, batch.manifest.n_posts)
filter_bar.stop_if_empty(totals.posts)
counting = choose_counting(batch, filters)
periods = query.count_by_period(batch, filters, weight=counting.weight)
show_headline(batch, headline, filters, counting, periods)
if totals.scored:
    show_attention(batch, filters, totals)
show_warnings(totals, batch.settings)
if totals.scored:
    show_striking(batch, filters)
    show_when_idle(partial(show_charts, batch, filters, totals, counting, periods))
    if config().space:
        show_custom_topics(batch, filters, totals)
show_rejected(batch.rejected(), expanded=False)
