"""Trends: posts and sentiment over time, each period against an earlier one, and peaks with what made them."""

from __future__ import annotations

from datetime import date
from functools import partial

import streamlit as st

from analysis import query
from analysis.charts.over_time import format_period, limit_to_period, trend
from analysis.comparison import Period, add_estimates, compare_days, compare_periods, count_tests
from analysis.query import Filters
from analysis.workspace import Batch
from pages.components.deferred import show_when_idle
from pages.review import trends_table
from pages.review.peak_list import show_peaks
from pages.shared import labels, places, scored
from pages.shared.charts import chart
from pages.shared.counting import Counting, choose_counting

STEPS = {
    "hour": {1: "The hour before", 24: "The same hour a day before", 168: "The same hour a week before"},
    "day": {1: "The day before", 7: "The same weekday a week before"},
    "month": {1: "The month before", 12: "The same month a year before"},
}


def name_step(unit: str, step: int) -> str:
    """Name the period that a period is compared with, in a sentence: "the day before"."""
    title = STEPS[unit][step] if unit in STEPS else f"The {unit} before"
    return title[0].lower() + title[1:]


def choose_unit(batch: Batch, filters: Filters) -> str:
    """Show the choice of the unit of time; return it."""
    units = query.list_units(batch, filters, batch.settings.max_trend_periods)
    unit = places.unit() if places.unit() in units else query.suggest_unit(batch, filters)
    st.session_state["unit"] = unit
    st.segmented_control(
        "Period",
        units,
        format_func=str.capitalize,
        required=True,
        key="unit",
        on_change=lambda: places.set_unit(st.session_state["unit"]),
    )
    return unit


def choose_step(unit: str, n_periods: int) -> int:
    """Show the choice of the period that each is compared with, if there are several; return how many before."""
    steps = {
        step: title for step, title in STEPS.get(unit, {1: f"The {unit} before"}).items() if step < n_periods
    }
    if len(steps) < 2:
        return 1
    chosen = st.selectbox(
        "Compared with", list(steps), format_func=steps.__getitem__, key=f"step_{unit}", width=260
    )
    return int(chosen)


def show_change(
    batch: Batch, filters: Filters, counting: Counting, unit: str, periods: list[Period], step: int
) -> None:
    """Compare the chosen days with as many before, or the last complete period with an earlier one."""
    since, until = filters.get("since"), filters.get("until")
    if isinstance(since, date) and isinstance(until, date):
        before, now = compare_days(batch, filters, since, until, counting.weight)
        length, title = "day", format_period("day", since, until)
        reference = f"the {(until - since).days + 1} days before"
    else:
        complete = [number for number, each in enumerate(periods) if each.is_complete]
        if not complete:
            st.caption(f"No {unit} is complete, so none is compared with the one before.")
            return
        now = periods[complete[-1]]
        before = periods[complete[-1] - step] if complete[-1] >= step else now
        length, title = unit, f"Last complete {unit}: {format_period(unit, now.first, now.last)}"
        reference = name_step(unit, step)
    with st.container(border=True):
        st.subheader(title, anchor=False)
        trends_table.show_change_metrics(now, counting)
        if before is not now and before.is_complete:
            st.caption(
                f"Compared with {reference} ({format_period(length, before.first, before.last)}), in brackets the "
                "95 % interval of the change, in grey if it may be chance. "
                f"{trends_table.describe_growth(counting)}"
            )
        else:
            st.caption(f"Not compared: the posts of this batch do not cover {reference}.")


def show_periods(
    batch: Batch, filters: Filters, counting: Counting, unit: str, periods: list[Period], step: int
) -> None:
    """Show each period and how it differs from the one before; a row opens its posts."""
    st.header(f"Each {unit} against {name_step(unit, step)}", anchor=False)
    place = f"periods_{hash((batch.id, filters, batch.timezone, unit, counting.weight, step))}"
    chosen = trends_table.choose_period(unit, periods, counting, place)
    if chosen is not None:
        only = filters.with_selection(limit_to_period(unit, chosen.first, chosen.last))
        st.switch_page(places.POSTS, query_params=places.link(only))
    tests = count_tests(periods)
    st.caption(
        "Tick a row to open its posts. In brackets: 95 % intervals. The p-values are those of "
        f"{tests:,} test{'s' * (tests != 1)} in this table together, adjusted by Benjamini and Hochberg: of the "
        "changes with p below 0.05, at most 5 % are expected to be chance. Incomplete periods are not compared."
    )


st.title("Trends")
batch, filters, _ = scored.open_scored_posts()
choices = st.container(horizontal=True, vertical_alignment="bottom")
with choices:
    unit = choose_unit(batch, filters)
    counting = choose_counting(batch, filters)
sums = query.sum_periods(batch, filters, unit, counting.weight)
if sums.empty:
    st.info("None of these posts has a date.", icon=":material/info:")
    st.stop()
with choices:
    step = choose_step(unit, len(sums))
periods = compare_periods(sums, counting.weight, step)
top = st.container()
if excluded := counting.describe_excluded():
    st.caption(excluded)
show_change(batch, filters, counting, unit, periods, step)
negative_peaks = [] if counting.is_weighted else query.find_negative_peaks(unit, sums, batch.timezone)
figure = trend(
    unit,
    add_estimates(sums, periods),
    query.find_peaks(unit, sums, batch.timezone),
    negative_peaks,
    counting.weight,
)
chart(counting.title(f"Over time ({batch.timezone})"), figure, filters)
marked = "Peaks are those of this unit alone."
about = [
    "Pale bars are incomplete. Bands are 95 % intervals.",
    marked,
    "Click a bar or a point to open its posts.",
]
if unit == "hour" and (left_out := query.count_at_midnight(batch, filters)):
    verb = "is" if left_out == 1 else "are"
    about.append(
        f"{labels.posts(left_out)} at exactly midnight in UTC {verb} left out: most have no time of day."
    )
st.caption(" ".join(about))
show_periods(batch, filters, counting, unit, periods, step)
with top:  # last, as it takes longest
    show_when_idle(partial(show_peaks, batch, filters, counting))
