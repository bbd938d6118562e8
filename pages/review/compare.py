"""Compare: two to eight segments of posts side by side, such as authors, periods or batches, and what differs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st

from analysis import query
from analysis.charts.comparison import NAME_CHARS, class_shares, net_sentiments
from analysis.charts.scores import sentiment_by_value
from analysis.comparison import (
    Estimate,
    SegmentEstimates,
    compare_with_reference,
    estimate_class_shares,
    estimate_segments,
)
from analysis.model.config import SENTIMENTS
from analysis.query import MAX_SEGMENTS, Filters, Members, Segment, SegmentCounts
from analysis.workspace import Batch
from pages.components.deferred import show_when_idle
from pages.review import compare_segments, compare_table
from pages.review.compare_words import show_what_differs
from pages.shared import catalogue, labels, places, scored
from pages.shared.charts import show_chart_card
from pages.shared.choices import unique_labels
from pages.shared.counting import Counting, choose_counting

TOPICS = 8
_GRID_NAMES_WIDTH, _GRID_COLUMN_WIDTH, _LETTER_WIDTH = 170, 72, 8  # pixels
# In a narrow window, the grid of topics scrolls sideways instead of shrinking until its cells overlap.
GRID_STYLE = """<style>
.st-key-topic_grid [data-testid=stVerticalBlock] {{ overflow-x: auto; }}
.st-key-topic_grid [data-testid=stElementContainer]:has(.stPlotlyChart) {{ min-width: {width}px; }}
</style>"""


def choose_segments(batch: Batch, filters: Filters) -> tuple[str, dict[str, Segment], Counting]:
    """Show the choices: by what to compare, which segments, what to count; return them, segments by value."""
    offered = compare_segments.list_comparisons(batch)
    st.session_state["compare_by"] = compare_segments.current_comparison(batch)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        by = st.selectbox(
            "Compare by",
            list(offered),
            format_func=unique_labels(offered, offered.__getitem__),
            key="compare_by",
            width=220,
            on_change=lambda: places.set_broken_down_by(st.session_state["compare_by"]),
        )
        counting = choose_counting(batch, filters)
    choice = compare_segments.find_choice(batch, filters, by)
    segments = choice.make_all(places.compared()[:MAX_SEGMENTS] or choice.default)
    if by == compare_segments.DATES:
        if len(segments) != 2:
            segments = choice.make_all(choice.default)
        choose_dates(segments)
    else:
        titles = {**{value: each.name for value, each in segments.items()}, **choice.titles}
        st.session_state["compared"] = list(segments)
        st.multiselect(
            f"Segments, 2 to {MAX_SEGMENTS}",
            list(titles),
            format_func=unique_labels(titles, lambda value: titles.get(value, value)),
            key="compared",
            max_selections=MAX_SEGMENTS,
            accept_new_options=choice.is_open,
            placeholder="Choose segments",
            on_change=lambda: places.set_compared(by, st.session_state["compared"]),
        )
    return by, segments, counting


def choose_dates(segments: Mapping[str, Segment]) -> None:
    """Show two ranges of dates, and write them to the URL once both are complete."""
    ranges = [days for value in segments if (days := compare_segments.read_range(value))]
    keys = ("first_range", "second_range")

    def write() -> None:
        chosen = [st.session_state[key] for key in keys]
        if all(len(days) == 2 for days in chosen):
            values = [compare_segments.format_range(*days) for days in chosen]
            places.set_compared(compare_segments.DATES, values)

    with st.container(horizontal=True):
        for key, title, days in zip(keys, ("First range", "Second range"), ranges, strict=False):
            st.session_state[key] = days
            st.date_input(title, format="YYYY-MM-DD", key=key, width=240, on_change=write)


def open_posts(segment: Segment, mark: Sequence[str] = ()) -> None:
    """Open the posts of a segment; `mark` has alternating names and values of further filters."""
    only = segment.filters.with_selection(mark)
    st.switch_page(places.POSTS, query_params=places.link(only, batch=segment.batch.id))


def show_volume_and_sentiment(
    members: Members, counts: SegmentCounts, estimates: Sequence[SegmentEstimates], counting: Counting
) -> None:
    """Show volume and sentiment of each segment."""
    st.header("Volume and sentiment", anchor=False)
    chosen = compare_table.show_volume_table(members.segments, counts, estimates, counting)
    if chosen is not None:
        open_posts(members.segments[chosen])
    about = ["Tick a row to open its posts."]
    shared = members.shared_posts()
    if shared.sum() > shared.trace():
        about.append(
            "Segments overlap: some posts are in several of them. Shares of voice are of all posts that are in any "
            "segment, so they add up to more than 100 %."
        )
    if len(members.tables) > 1:
        about.append(
            "A post that is in several batches counts in each; tests assume that there are few such posts."
        )
    if counting.is_weighted:
        about.append(f"Posts without a known number of {counting.weight} are not counted.")
    st.caption(" ".join(about))


def show_tested_differences(
    members: Members, estimates: Sequence[SegmentEstimates], values: Sequence[str]
) -> None:
    """Let the user choose a reference, and test the differences of the other segments from it."""
    st.header("Differences", anchor=False)
    names = {value: each.name for value, each in zip(values, members.segments, strict=True)}
    st.session_state["reference"] = places.reference() if places.reference() in names else values[0]
    reference = values.index(
        st.selectbox(
            "Compared with",
            values,
            format_func=unique_labels(values, names.__getitem__),
            key="reference",
            width=300,
            on_change=lambda: places.set_reference(st.session_state["reference"]),
        )
    )
    shared = members.shared_posts()[reference].tolist()
    others = [number for number in range(len(values)) if number != reference]
    reasons = [
        f"Not tested: shares {labels.posts(shared[number])} with it" if shared[number] else ""
        for number in others
    ]

    def pair(found: Sequence[Estimate | None]) -> list[tuple[Estimate, Estimate] | None]:
        base = found[reference]
        return [
            (each, base) if (each := found[number]) and base and not reason else None
            for number, reason in zip(others, reasons, strict=True)
        ]

    nets = pair([each.net for each in estimates])
    shares = pair([each.sentiments["negative"] for each in estimates])
    found = compare_with_reference([*nets, *shares])
    compare_table.show_difference_table(
        [compare_table.name_row(members.segments[number]) for number in others],
        found[: len(others)],
        found[len(others) :],
        reasons,
    )
    tests = sum(each is not None and each.p is not None for each in found)
    about = ["Each segment against the one above, in percentage points."]
    if tests:
        about.append(
            f"Corrected for {tests} test{'s' * (tests > 1)}: p-values are adjusted by the procedure of Benjamini & "
            "Hochberg (1995). Below 0.05, at most 5 % of the differences are expected to be chance."
        )
    if any(reasons):
        about.append("Segments that share posts are not independent, so they are not tested.")
    if any(each is not None and each.p is None for each in found):
        about.append("Small segments are not tested: the number of posts times their variance is below 5.")
    st.caption(" ".join(about))


def show_segment_charts(
    members: Members,
    counts: SegmentCounts,
    estimates: Sequence[SegmentEstimates],
    counting: Counting,
    by: str,
) -> None:
    """Show sentiments, net sentiments and topics of the segments; bars and points open their posts."""
    names = [each.name for each in members.segments]
    titles = {str(number): name for number, name in enumerate(names)}
    sums = counts.table[list(SENTIMENTS)].astype("int64").assign(segment=list(titles))
    sums = sums.melt("segment", var_name="sentiment", value_name=counting.weight)
    bars = sentiment_by_value(sums, "segment", "segment", titles, counting.weight)
    with st.grid(min_column_width=420):
        marks = [
            show_chart_card(counting.title("Sentiment"), bars),
            show_chart_card(
                counting.title("Net sentiment"), net_sentiments(names, [each.net for each in estimates])
            ),
        ]
    about = "Click a bar, a point or a field to open its posts. Lines and ranges are 95 % intervals."
    if by != "topic":
        marks.append(show_topic_shares(members, names, counting))
        about += f" Of the topics, the most frequent are shown, at most {TOPICS}."
    for mark in filter(None, marks):
        open_posts(members.segments[int(mark[1])], mark[2:])
    st.caption(about)


def show_topic_shares(members: Members, names: Sequence[str], counting: Counting) -> list[str]:
    """Show the shares of topics in each segment; return the custom data of the field that was clicked."""
    found = query.count_segment_classes(members, "topic", counting.weight)
    shares = list(estimate_class_shares(found, len(names)).items())[:TOPICS]
    titles = labels.value_titles("topic")
    if not shares:
        return []
    rows = {topic: (titles.get(topic, topic), each) for topic, each in shares}
    column_width = max(_GRID_COLUMN_WIDTH, _LETTER_WIDTH * max(len(name[:NAME_CHARS]) for name in names))
    st.html(GRID_STYLE.format(width=_GRID_NAMES_WIDTH + column_width * len(names)))
    with st.container(key="topic_grid"):
        return show_chart_card(
            counting.title("Topics"), class_shares(names, catalogue.filter_name_of("topic"), rows)
        )


def show_charts_and_words(
    members: Members,
    counts: SegmentCounts,
    estimates: Sequence[SegmentEstimates],
    counting: Counting,
    by: str,
) -> None:
    """Show what takes longest: charts, and words, which are read from all posts of the segments."""
    show_segment_charts(members, counts, estimates, counting, by)
    show_what_differs(members)


st.title("Compare")
batch, filters, _ = scored.open_scored_posts()
by, segments, counting = choose_segments(batch, filters)
if len(segments) < 2:
    st.info(
        "Choose at least two segments. If there are fewer, compare by something else or remove a filter.",
        icon=":material/info:",
    )
    st.stop()
members = query.find_members(list(segments.values()))
counts = query.count_segments(members, counting.weight)
estimates = estimate_segments(counts)
show_volume_and_sentiment(members, counts, estimates, counting)
show_tested_differences(members, estimates, list(segments))
show_when_idle(partial(show_charts_and_words, members, counts, estimates, counting, by))
