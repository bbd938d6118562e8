"""The summary report on a batch as slides (PPTX), with charts that can be edited.

The facts come from `analysis.exporters.summary`, the sentences from `analysis.exporters.summary_text`.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

from pptx import Presentation
from pptx.enum.chart import XL_CHART_TYPE
from pptx.presentation import Presentation as Deck
from pptx.slide import Slide
from pptx.util import Inches

from analysis import query
from analysis.charts.palette import SENTIMENT_COLOURS, SIGNED_SENTIMENTS
from analysis.exporters.headline import Count, Group, format_count_interval, format_count_share, list_findings
from analysis.exporters.slide_parts import (
    HEIGHT,
    MARGIN,
    WIDTH,
    Box,
    add_chart,
    add_highlighted_text,
    add_notes,
    add_paragraphs,
    add_picture,
    add_slide,
    add_table,
    clean_slide_text,
    set_fixed_times,
)
from analysis.exporters.striking import StrikingPost
from analysis.exporters.summary import Summary
from analysis.exporters.summary_text import (
    CROSS_VALIDATED,
    METHOD,
    PICTURE_TITLES,
    UNKNOWN_ACCURACY,
    describe_scope,
    format_citation,
    list_evaluation_rows,
    list_limits,
    list_post_facts,
    list_post_sources,
    shorten_post_text,
)
from analysis.exporters.summary_time import format_period_start
from analysis.exporters.text import locate_words
from analysis.model.config import SENTIMENTS
from analysis.review import CORRECTION_METHODS
from analysis.wording import format_share_with_interval, title_from_name

_BODY = Box(MARGIN, 1.4, WIDTH - 2 * MARGIN, HEIGHT - 1.9)
_EXCERPT = 260
"""Maximum characters of the text of a post; a slide has up to three posts side by side."""
_BARS = 12
"""Values of a column that fit on a slide."""
_COLOURS = list(SENTIMENT_COLOURS.values())
_TITLES = [SIGNED_SENTIMENTS[name] for name in SENTIMENTS]
_LEGEND = (
    "Violet and underlined: supports the predicted sentiment. Brown and in italics: opposes it. The same colours "
    "mark areas of images."
)


def export_summary_slides(summary: Summary) -> bytes:
    """Write the report as slides.

    Returns:
        A PPTX file; equal for equal summaries. The notes of a slide have the numbers of its chart, with intervals.
    """
    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(WIDTH), Inches(HEIGHT)
    slide = add_slide(deck, summary.name)
    scope, findings = _BODY.cut_top(1)
    add_paragraphs(slide, [describe_scope(summary)], scope, 14, is_soft=True)
    add_paragraphs(slide, list_findings(summary.headline), findings, 22)
    if summary.headline.totals.scored:
        _add_sentiment(deck, summary)
        _add_periods(deck, summary)
        for group in (*summary.groups, *summary.values):
            _add_group(deck, group)
        if summary.marks:
            titles = [mark.title for mark in summary.marks]
            _add_counts(add_slide(deck, "Tone"), titles, summary.marks, _BODY)
        for kind in dict.fromkeys(each.kind for each in summary.striking):
            posts = [each for each in summary.striking if each.kind == kind]
            _add_posts(deck, kind, posts, summary.timezone)
    _add_methods(deck, summary)
    about = deck.core_properties
    about.title, about.author, about.last_modified_by = clean_slide_text(summary.name)[:255], "PostLens", ""
    about.created = about.modified = summary.created_at.replace(tzinfo=None)
    target = io.BytesIO()
    deck.save(target)
    return set_fixed_times(target.getvalue())


def _add_sentiment(deck: Deck, summary: Summary) -> None:
    slide = add_slide(deck, "Sentiment")
    charts, notes = _BODY.cut_top(4.2)
    left, right = charts.split(2)
    counts, corrected = summary.headline.sentiments, summary.corrected
    described = "; ".join(_describe_count(count) for count in counts)
    shares = {"Share of posts": [count.share for count in counts]}
    chart = add_chart(slide, XL_CHART_TYPE.BAR_CLUSTERED, _TITLES, shares, _COLOURS, left, described)
    chart.value_axis.visible = False
    chart.plots[0].has_data_labels = True
    labels = chart.plots[0].data_labels
    labels.number_format, labels.number_format_is_linked = "0 %", False
    raw, by_people = right.cut_top(2.2)
    _add_counts(slide, _TITLES, counts, raw)
    if corrected.shares:
        rows = [
            [
                SIGNED_SENTIMENTS[each.name],
                format_share_with_interval(each.raw.share, each.raw.low, each.raw.high),
                format_share_with_interval(each.powered.share, each.powered.low, each.powered.high),
            ]
            for each in corrected.shares
        ]
        add_table(slide, ["Corrected by people", "Model", "Corrected"], rows, by_people)
        add_paragraphs(slide, [f"{corrected.describe_basis()} {CORRECTION_METHODS}"], notes, 12, is_soft=True)
    elif corrected.is_expected:
        add_paragraphs(slide, [corrected.reason], notes, 12, is_soft=True)


def _add_periods(deck: Deck, summary: Summary) -> None:
    """Add the posts over time; nothing for fewer than two periods."""
    periods, unit = summary.periods, summary.unit
    if len(periods) < 2:
        return
    start, end = periods["first"].iloc[0], periods["last"].iloc[-1]
    counts = {
        title: query.fill_periods(unit, periods["first"], periods[name], start, end)
        for name, title in zip(SENTIMENTS, _TITLES, strict=True)
    }
    starts = [period.start_time for period in query.list_periods(unit, start, end)]
    first, last = (format_period_start(unit, each) for each in (starts[0], starts[-1]))
    most = max(sum(of_period) for of_period in zip(*counts.values(), strict=True))
    title = f"Posts per {unit} ({summary.timezone})"
    slide = add_slide(deck, title)
    names = [format_period_start(unit, each) for each in starts]
    add_chart(
        slide,
        XL_CHART_TYPE.COLUMN_STACKED,
        names,
        counts,
        _COLOURS,
        _BODY,
        f"{title} from {first} to {last}; at most {most:,}",
    )


def _add_group(deck: Deck, group: Group) -> None:
    """Add the sentiments of each value of a column; nothing for fewer than two values."""
    rows = group.rows[:_BARS]
    if len(rows) < 2:
        return
    slide = add_slide(deck, group.title)
    names, notes = [], []
    for row in rows:
        total = sum(row.posts.values())
        names.append(f"{shorten_post_text(row.title, 40)} ({total:,})")
        shares = (
            _describe_count(Count(title_from_name(name), row.posts.get(name, 0), total))
            for name in SENTIMENTS
        )
        notes.append(f"{names[-1]}: {'; '.join(shares)}")
    counts = {
        title: [row.posts.get(name, 0) for row in rows]
        for name, title in zip(SENTIMENTS, _TITLES, strict=True)
    }
    chart = add_chart(
        slide, XL_CHART_TYPE.BAR_STACKED_100, names, counts, _COLOURS, _BODY, f"{group.title}: {notes[0]}"
    )
    chart.plots[0].overlap = 100
    more = len(group.rows) - len(rows)
    add_notes(slide, [*notes, *([f"{more:,} more are in the HTML report."] if more else [])])


def _add_posts(deck: Deck, kind: str, posts: Sequence[StrikingPost], timezone: str) -> None:
    """Add some posts side by side, each with its pictures, its text and the reason for its sentiment."""
    slide = add_slide(deck, kind)
    legend, cards = _BODY.cut_top(0.4)
    add_paragraphs(slide, [_LEGEND], legend, 12, is_soft=True)
    for striking, card in zip(posts, cards.split(max(len(posts), 2)), strict=False):
        pictures, rest = card.cut_top(1.9 if striking.pictures else 0)
        places = pictures.split(max(len(striking.pictures), 1), 0.1)
        for picture, title, place in zip(striking.pictures, PICTURE_TITLES, places, strict=False):
            add_picture(slide, picture, place, title)
        text, facts = rest.cut_top(rest.height - 1.5)
        shown = shorten_post_text(striking.post["text"], _EXCERPT)
        add_highlighted_text(slide, shown, locate_words(shown, striking.words), text, 14)
        lines = [striking.reason, " · ".join(list_post_facts(striking.post))]
        sources = " · ".join(list_post_sources(striking.post, timezone))
        add_paragraphs(slide, [*filter(None, lines), sources], facts, 11, is_soft=True)


def _add_methods(deck: Deck, summary: Summary) -> None:
    """Explain how the numbers came about, their limits, and how to cite them."""
    slide = add_slide(deck, "Methods and limits")
    left, right = _BODY.split(2, 0.5)
    add_paragraphs(
        slide, [METHOD, summary.privacy.meaning, f"How to cite: {format_citation(summary)}"], left, 14
    )
    add_paragraphs(slide, ["Read these numbers with care:", *list_limits(summary)], right, 14)
    slide = add_slide(deck, "How accurate the model is")
    if rows := list_evaluation_rows(summary):
        table, note = _BODY.cut_top(_BODY.height - 1)
        add_table(slide, ["Measured on other posts", "Posts", "Accuracy", "Macro F1"], rows, table)
        if summary.own_evaluations:
            add_paragraphs(slide, [CROSS_VALIDATED], note, 12, is_soft=True)
    else:
        add_paragraphs(slide, [UNKNOWN_ACCURACY], _BODY, 14)


def _add_counts(slide: Slide, titles: Sequence[str], counts: Sequence[Count], box: Box) -> None:
    rows = [
        [title, format_count_share(count), format_count_interval(count), f"{count.posts:,}"]
        for title, count in zip(titles, counts, strict=True)
    ]
    add_table(slide, ["", "Share", "95 % interval", "Posts"], rows, box)


def _describe_count(count: Count) -> str:
    return f"{format_count_share(count)} {count.title.lower()} ({format_count_interval(count)})"
