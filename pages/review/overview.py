"""Overview: posts by sentiment, topic and time. Each number and each bar opens its posts."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analysis import query
from analysis.charts import scores as charts
from analysis.charts.palette import SENTIMENTS
from analysis.query import Filters, Totals
from analysis.search import NO_TOPIC, keep_found_posts
from analysis.settings import Settings
from analysis.wording import format_percent
from analysis.workspace import Batch
from pages.review import meaning
from pages.shared import catalogue, labels, places, progress, sidebar
from pages.shared.charts import chart
from pages.shared.engine import config
from pages.shared.messages import plain
from pages.shared.rejected import show_rejected

SCATTER_COLUMNS = ("post_id", "text", "sentiment", "text_valence", "image_valence")


def show_numbers(batch: Batch, filters: Filters, totals: Totals) -> None:
    """Show the number of posts, the share of each sentiment, and the shares of uncertain and conflicting posts."""
    found = query.count_by(batch, filters, "sentiment")
    counts = dict(zip(found["sentiment"], found["posts"], strict=True))
    with st.grid(min_column_width=140):
        show_number("Posts", f"{totals.posts:,}", totals.posts, filters)
        for name in SENTIMENTS:
            count = counts.get(name, 0)
            share = share_of(count, totals.scored)
            show_number(
                labels.sentiment(name),
                share,
                count,
                filters.with_selection(("sentiments", name)),
                of=labels.posts(totals.scored),
            )
        share = share_of(totals.uncertain, totals.scored)
        show_number(
            "Uncertain",
            share,
            totals.uncertain,
            filters.replace(uncertain=True),
            labels.help_of("uncertain"),
            labels.posts(totals.scored),
        )
        share = share_of(totals.disagree, totals.both)
        show_number(
            "Disagreement",
            share,
            totals.disagree,
            filters.replace(disagree=True),
            labels.help_of("disagree"),
            f"{totals.both:,} with both",
        )


def show_more_numbers(batch: Batch, filters: Filters, totals: Totals) -> None:
    """Show the shares of ironic, offensive and hateful posts, of other languages, and of near copies."""
    counts = query.count_tones(batch, filters, catalogue.marks())
    if counts.empty and not totals.in_a_language and not totals.near_copies:
        return
    with st.grid(min_column_width=140):
        for tone, posts, judged in counts.itertuples(index=False):
            only = filters.with_selection(("tones", tone))
            show_number(
                plain(catalogue.mark_title(tone)),
                share_of(posts, judged),
                posts,
                only,
                labels.help_of("tones"),
                labels.posts(judged),
            )
        if totals.in_a_language:
            share, only = (
                share_of(totals.other_language, totals.in_a_language),
                filters.replace(other_language=True),
            )
            of = labels.posts(totals.in_a_language)
            show_number("Other language", share, totals.other_language, only, labels.other_language(), of)
        if totals.near_copies:
            share, only = share_of(totals.near_copies, totals.scored), filters.replace(near_copy=True)
            of, about = labels.posts(totals.scored), labels.help_of("near_copy")
            show_number("Near copies", share, totals.near_copies, only, about, of)


def show_custom_topics(batch: Batch, filters: Filters) -> None:
    """Let the user name topics, and count the posts that are closest to each."""
    st.subheader("Custom topics")
    if not meaning.is_offered(batch):
        return
    st.session_state["own_topics"] = ", ".join(places.custom_topics())
    st.text_input(
        "Topics, separated by commas",
        placeholder="For example: delivery, prices, customer service",
        key="own_topics",
        on_change=lambda: places.set_custom_topics(st.session_state["own_topics"]),
    )
    names = places.custom_topics()
    if not names:
        st.caption("Each post gets the topic whose name is closest in meaning to its text or its images.")
        return
    found = meaning.assign_custom_topics(batch, names)
    counts = []
    for name in (*names, NO_TOPIC):
        of_topic = found[found["topic"] == name]
        counts.append((name, query.count_matching_posts(batch, keep_found_posts(filters, of_topic))))
    chart(
        "Posts by custom topic",
        charts.custom_topic_bar(pd.DataFrame(counts, columns=["topic", "posts"])),
        filters,
    )


def show_number(
    name: str, value: str, count: int, filters: Filters, meaning: str | None = None, of: str = ""
) -> None:
    """Show one number with a link to its posts.

    Args:
        name: Its title.
        value: The number, formatted.
        count: How many posts the link opens.
        filters: Select these posts.
        meaning: Tooltip.
        of: What the number is a share of, such as "25 posts with both"; "" if it is no share.
    """
    with st.container(border=True):
        st.metric(name, value, help=meaning)
        st.page_link(
            places.POSTS,
            label=f"{count:,} of {of}" if of else labels.posts(count),
            icon=":material/arrow_forward:",
            icon_position="right",
            query_params=places.link(filters),
            disabled=not count,
        )


def share_of(count: int, total: int) -> str:
    """Format a share, or a dash if the total is 0."""
    return format_percent(count / total) if total else "–"


def show_warnings(totals: Totals, settings: Settings) -> None:
    """Warn about the limits of the numbers."""
    warnings = []
    if totals.scored < totals.posts:
        left = totals.posts - totals.scored
        warnings.append(
            f"Shares exclude {labels.posts(left)} that {'is' if left == 1 else 'are'} not scored yet."
        )
    if 0 < totals.scored < settings.shares_from:
        warnings.append(f"There are only {labels.posts(totals.scored)}, so shares are imprecise.")
    if totals.scored and totals.uncertain > settings.max_uncertain * totals.scored:
        warnings.append(
            "Many of these predictions are uncertain: read some posts before relying on the shares."
        )
    if warnings:
        st.caption(":material/info: " + " ".join(warnings))


def show_charts(batch: Batch, filters: Filters, totals: Totals) -> None:
    """Show the charts for which the posts have data."""
    with st.grid(min_column_width=420):
        chart("Sentiment", charts.sentiment_bar(query.count_by(batch, filters, "sentiment")), filters)
        columns = query.list_sortable_columns(batch)
        for column in catalogue.class_columns():
            counts = query.count_by(batch, filters, column.name) if column.name in columns else None
            if counts is not None and len(counts):
                figure = charts.class_bar(
                    counts, column.name, catalogue.kind_of([column]).name, column.titles
                )
                chart(plain(column.chart_title), figure, filters)
        by_topic = query.count_by(batch, filters, "topic", "sentiment")
        figure = charts.sentiment_by_topic(
            by_topic, catalogue.filter_name_of("topic"), labels.value_titles("topic")
        )
        chart("Sentiment by topic", figure, filters)
        by_inputs = query.count_by(batch, filters, "inputs_used", "sentiment")
        chart(
            "Sentiment by content type",
            charts.sentiment_by_content_type(by_inputs, config().modalities),
            filters,
        )
        for column in catalogue.own_columns():
            counts = query.count_by(batch, filters, column.name, "sentiment")
            most = list(dict.fromkeys(counts[column.name]))[: batch.settings.max_chart_values]
            if most:
                figure = charts.sentiment_by_value(counts[counts[column.name].isin(most)], column.name)
                chart(plain(f"Sentiment by {column.label}"), figure, filters)
        unit, periods = query.count_by_period(batch, filters)
        if len(periods) > 1:
            chart("Over time (UTC)", charts.sentiment_over_time(unit, periods), filters)
        if totals.both:
            with_both = filters.replace(inputs=("both",))
            limit = batch.settings.max_chart_points
            both = query.read_page(batch, with_both, "agreement", limit=limit, columns=SCATTER_COLUMNS)
            scatter = charts.agreement_scatter(both, batch.settings.disagree_below)
            chart("Text and image valence", scatter, filters)
    st.caption("Click a bar or a point to open its posts.")


st.title("Overview")
batch = sidebar.open_current_batch()
progress.show_job(batch)
filters = places.current_filters()
totals = query.compute_totals(batch, filters)
sidebar.show_active_filters(totals.posts, batch.manifest.n_posts)
sidebar.stop_if_empty(totals.posts)
show_numbers(batch, filters, totals)
show_more_numbers(batch, filters, totals)
show_warnings(totals, batch.settings)
if totals.scored:
    show_charts(batch, filters, totals)
    if config().space:
        show_custom_topics(batch, filters)
show_rejected(batch.rejected(), expanded=False)
