"""The list of peaks on the Trends page: when, of what, and how many posts; the chosen one is explained."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pandas as pd
import streamlit as st

from analysis.charts.over_time import format_period
from analysis.comparison import FEWER, MORE, NEGATIVE, VIEW, Peak, Peaks, find_strongest_peaks
from analysis.query import ALL_POSTS, WORDS, Filters, Segment
from analysis.wording import format_day, format_percent, shorten_to_one_line
from analysis.workspace import Batch
from pages.review import breakdown_columns
from pages.review.compare_segments import VIEWS, find_choice
from pages.review.peak import show_peak
from pages.shared.cache_keys import make_cache_key
from pages.shared.counting import Counting

_ROW_HEIGHT = 36
_HEADER_HEIGHT = 40
_MOST_ROWS = 10  # rows on screen; more scroll
_MOST_VIEWS = 8
_ALSO = 3
_KINDS = {MORE: "More {weight}", FEWER: "Fewer {weight}", NEGATIVE: "More negative"}


def show_peaks(batch: Batch, filters: Filters, counting: Counting) -> None:
    """List the strongest peaks of all lengths and all columns, and explain the chosen one."""
    st.header("Peaks", anchor=False)
    choice = find_choice(batch, filters, VIEWS)
    views = tuple(choice.make_all(list(choice.titles)[:_MOST_VIEWS]).values())
    key = make_cache_key(batch, filters)
    of_views = tuple((each.name, repr(each.filters)) for each in views)
    peaks = _find(batch, filters, views, counting.weight, (key, of_views))
    if peaks.found:
        name = f"all_peaks_{hash((key, of_views, counting.weight))}"
        chosen = _choose(batch, peaks.found, counting, name)
        if chosen:
            title = f"{format_time(chosen)}: {name_series(batch, chosen.column, chosen.title)}"
            show_peak(batch, filters, chosen, title, counting, views)
    else:
        st.caption(
            "No peaks were found." if peaks.tests else "There are too few days with posts, or too many."
        )
    with st.expander("How peaks are found"):
        st.caption(_describe_method(batch, counting, peaks))


def format_time(peak: Peak) -> str:
    """Name the time of a peak: "3 Nov 2026, 14:00 to 17:00", "3 Nov 2026", or "2 to 4 Nov 2026"."""
    if isinstance(peak.first, datetime) and isinstance(peak.last, datetime):
        return f"{format_day(peak.first)}, {peak.first:%H:%M} to {peak.last + timedelta(hours=1):%H:%M}"
    return format_period("day", peak.first, peak.last)


def name_series(batch: Batch, column: str, title: str) -> str:
    """Name what a peak is of: "All posts", "#rain", "“storm”", "Topic: Sports"."""
    if column == ALL_POSTS:
        return "All posts"
    if column in (WORDS, VIEW):
        return shorten_to_one_line(f"“{title}”" if column == WORDS else title)
    found = breakdown_columns.list_breakdown_columns(batch)[column]
    title = breakdown_columns.titles_of(batch, found).get(title, title)
    sign = breakdown_columns.sign_of(found)
    return shorten_to_one_line(
        f"{sign}{title}" if sign else f"{breakdown_columns.singular_of(found)}: {title}"
    )


@st.cache_data(max_entries=20, show_spinner="Looking for peaks...")
def _find(
    _batch: Batch, _filters: Filters, _views: Sequence[Segment], weight: str, key: tuple[object, ...]
) -> Peaks:
    return find_strongest_peaks(_batch, _filters, weight, _views)


def _choose(batch: Batch, peaks: Sequence[Peak], counting: Counting, key: str) -> Peak | None:
    """Show peaks as rows, the strongest first; return the chosen one."""
    config, weight = st.column_config, counting.weight.capitalize()
    table = pd.DataFrame(
        {
            "When": [format_time(each) for each in peaks],
            "What": [name_series(batch, each.column, each.title) for each in peaks],
            "Change": [_describe_change(each, counting) for each in peaks],
            weight: [round(each.posts) for each in peaks],
            "Usually": [_format_usual(each) for each in peaks],
            "Negative": [_format_negative(each) for each in peaks],
            "Also": [_list_others(batch, each) for each in peaks],
            "z": [round(each.z, 1) for each in peaks],
        }
    )
    event = st.dataframe(
        table,
        column_config={
            "When": config.TextColumn(width=175),
            "What": config.TextColumn(width=130),
            "Change": config.TextColumn(width=175),
            weight: config.NumberColumn(
                format="localized", width=65, help=f"All {counting.weight} of this value at this time."
            ),
            "Usually": config.TextColumn(width=70, help="The mean of the times that it is compared with."),
            "Negative": config.TextColumn(width=130),
            "Also": config.TextColumn(width=160, help="Other values that have the same peak."),
            "z": config.NumberColumn(
                format="%.1f", width=45, help="z-score of the most unusual of its values."
            ),
        },
        hide_index=True,
        row_height=_ROW_HEIGHT,
        height=_HEADER_HEIGHT + _ROW_HEIGHT * min(len(table), _MOST_ROWS),
        on_select="rerun",
        selection_mode="single-row",
        key=key,
    )
    st.caption("The strongest first. Tick a row to see its posts and what made the peak.")
    rows = event["selection"]["rows"]
    return peaks[rows[0]] if rows else None


def _describe_change(peak: Peak, counting: Counting) -> str:
    """Say what is unusual: "More posts", "More posts, more negative (estimated)"."""
    change = ", ".join(_KINDS[kind].format(weight=counting.weight) for kind in peak.kinds).capitalize()
    return f"{change} (estimated)" if peak.is_estimated else change


def _list_others(batch: Batch, peak: Peak) -> str:
    """List other series of a peak: "#rain, “storm”, and 3 more"."""
    names = [name_series(batch, *each) for each in peak.also[:_ALSO]]
    more = len(peak.also) - len(names)
    return ", ".join([*names, f"and {more} more"] if more else names)


def _format_usual(peak: Peak) -> str:
    return f"{peak.usual:,.0f}" if peak.usual >= 1 else "below 1"


def _format_negative(peak: Peak) -> str:
    if peak.negative is None:
        return ""
    usual = "" if peak.usual_negative is None else f", usually {format_percent(peak.usual_negative)}"
    return f"{format_percent(peak.negative)}{usual}"


def _describe_method(batch: Batch, counting: Counting, peaks: Peaks) -> str:
    """Describe how peaks are found."""
    settings = batch.settings
    values = (
        f" This is done for all posts and, of up to {settings.trend_daily_values:,} hashtags, mentions, emoji, "
        "sites, authors, platforms, languages, topics, names, words, saved views and values of your own columns, "
        f"for the posts with each; hours only of the {settings.trend_values} most frequent values with a post a day, "
        "of words only the number of posts by day."
    )
    sample = (
        f" Words are counted in 1 of {peaks.sample} posts, so that numbers of posts with them are estimated."
        if peaks.sample > 1
        else ""
    )
    listed = f"The {len(peaks.found)} strongest of {peaks.all} peaks are listed."
    left_out = (
        f" Of {peaks.unusual:,} values with an unusual time, the {peaks.left_out:,} weakest were left out."
        if peaks.left_out
        else ""
    )
    return (
        f"PostLens tests the number of {counting.weight} and the share of negative ones in every hour, 3 and 6 hours "
        f"of a day, day, 2 and 3 days, and week.{'' if counting.is_weighted else values} Days are compared with the "
        "same weekday, and hours with the same hour and weekday, if there are three weeks; values with few posts are "
        "compared with all of the time. Other unusual times are left out. Numbers are tested by a negative binomial "
        "distribution (as by Noufaily et al. 2013), shares on the scale of Anscombe (1948). Peaks of the same posts "
        "are one row. It is named after the value that has most of the unusual posts and few others, your own "
        "columns before authors, hashtags, platforms, topics and words, or after all posts, if no smaller peak "
        "explains these; it shows the hours with most posts. "
        f"{peaks.tests:,} comparisons are corrected for together: of the rows, at most 5 % are expected to be "
        "chance (Benjamini & Hochberg 1995; each column and length of time counts as the same number of comparisons, "
        f"Genovese et al. 2006). {listed}{left_out}{sample}"
    )
