"""The summary report on a batch as a self-contained page, for screens and for printing on A4 and Letter.

The facts come from `analysis.exporters.summary`. The page has no scripts and no external resources. Bars are boxes of
a table whose cells contain the numbers, so no information depends on colour or length alone.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from html import escape
from typing import IO

from analysis.charts.highlights import highlighted_words
from analysis.charts.palette import PLAIN, SENTIMENT_COLOURS, SENTIMENT_SIGNS
from analysis.exporters.exporter import SummaryExporter
from analysis.exporters.headline import Count, Group, format_count_interval, format_count_share, list_findings
from analysis.exporters.html_page import format_html_page
from analysis.exporters.privacy import PrivacyLevel
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
from analysis.exporters.summary_time import format_periods
from analysis.exporters.text import locate_words
from analysis.model.config import SENTIMENTS
from analysis.review import CORRECTION_METHODS, CorrectedShares
from analysis.wording import (
    BIDI_CONTROLS,
    format_share_with_interval,
    title_from_name,
)

_EXCERPT = 600  # characters
_STYLE = """
:root { color-scheme: light dark; --ink: #1a1a1a; --ground: #ffffff; --faint: #d0d0d0; --soft: #555b63; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #ececec; --ground: #14171c; --faint: #444a52; --soft: #aab2bd; }
}
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground); max-width: 56rem;
        margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.8rem; margin: 0; } h2 { font-size: 1.25rem; margin: 2.5rem 0 0.5rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 0.5rem; }
.soft, small { color: var(--soft); }
.findings { font-size: 1.15rem; padding-left: 1.2rem; }
.table { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 0.3rem 0.75rem 0.3rem 0; border-bottom: 1px solid var(--faint);
          font-weight: normal; vertical-align: top; }
th { overflow-wrap: break-word; } thead th { color: var(--soft); font-size: 0.9rem; }
.value { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.bar { width: 36%; vertical-align: middle; }
.track { display: flex; height: 1rem; gap: 1px; }
.track div, rect { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.posts { display: grid; grid-template-columns: repeat(auto-fill, minmax(16rem, 1fr)); gap: 1rem;
         align-items: start; }
article { border: 1px solid var(--faint); border-radius: 8px; padding: 0.75rem; break-inside: avoid; }
article p { margin: 0.4rem 0; } figure { display: flex; gap: 4px; margin: 0 0 0.5rem; }
figure img { flex: 1; min-width: 0; max-width: 100%; height: auto; border-radius: 4px; object-fit: contain; }
svg { width: 100%; height: auto; } .axis { display: flex; justify-content: space-between; font-size: 0.875rem; }
tr { break-inside: avoid; } h2, h3 { break-after: avoid; }
@media screen and (max-width: 40rem) { .bar { display: none; } th, td { padding-right: 0.5rem; } }
@page { margin: 16mm 14mm; }
@media print {
  :root { color-scheme: light; --ink: #000; --ground: #fff; --faint: #bbb; --soft: #444; font-size: 10.5pt; }
  body { margin: 0; padding: 0; max-width: none; font-size: 1rem; line-height: 1.4; }
  h2 { margin-top: 1.6rem; } h3 { margin-top: 1rem; } th, td { padding-top: 0.2rem; padding-bottom: 0.2rem; }
  .posts { grid-template-columns: repeat(3, 1fr); gap: 0.6rem; }
  article { font-size: 0.86rem; padding: 0.5rem; } article p { margin: 0.25rem 0; }
  article div { line-height: 1.6 !important; }
  .table { overflow: visible; } .table, .time, p, ul { break-inside: avoid; } h2 + p.soft { break-after: avoid; }
}
"""


def export_summary_html(summary: Summary) -> str:
    """Write the report.

    Returns:
        A complete HTML document in which all content of posts, tables and the model is escaped.
    """
    sections = [
        f"<ul class='findings'>{''.join(f'<li>{escape(each)}</li>' for each in list_findings(summary.headline))}</ul>"
    ]
    if summary.headline.totals.scored:
        sections += [
            f"<h2>Sentiment</h2>{_format_counts(summary.headline.sentiments)}",
            _format_corrected(summary.corrected),
            format_periods(summary.unit, summary.periods, summary.timezone),
            *(f"<h2>{_text(group.title)}</h2>{_format_group(group)}" for group in summary.groups),
            f"<h2>Tone</h2>{_format_counts(summary.marks)}" if summary.marks else "",
            _format_values(summary.values),
            _format_striking(summary),
        ]
    sections.append(_format_methods(summary))
    title = f"Report: {_text(summary.name)}"
    body = f"""<header><h1>{_text(summary.name)}</h1><p class="soft">{_text(describe_scope(summary))}</p></header>
<main>{"".join(sections)}</main>"""
    return format_html_page(title, _STYLE, body)


def _format_counts(counts: Sequence[Count]) -> str:
    """Write shares with intervals as a table with bars."""
    colours = dict(zip((title_from_name(name) for name in SENTIMENTS), SENTIMENTS, strict=True))
    rows = []
    for count in counts:
        name = colours.get(count.title, "")
        rows.append(
            f"<tr><th scope='row'>{_sign(name)}{_text(count.title)}</th>"
            f"<td class='value'>{format_count_share(count)}</td>"
            f"<td class='value'>{format_count_interval(count)}</td><td class='value'>{count.posts:,}</td>"
            f"<td class='bar'>{_format_track([(count.share, SENTIMENT_COLOURS.get(name, PLAIN))])}</td></tr>"
        )
    return _table(("", "Share", "95 % interval", "Posts", ""), rows)


def _format_corrected(found: CorrectedShares) -> str:
    """Write the shares that labels of people correct, or why there are none; nothing with few labels."""
    if found.is_expected:
        return f"<h3>Corrected by people</h3><p class='soft'>{escape(found.reason)}</p>"
    if not found.shares:
        return ""
    rows = [
        f"<tr><th scope='row'>{_sign(each.name)}{title_from_name(each.name)}</th>"
        + "".join(
            f"<td class='value'>{format_share_with_interval(share.share, share.low, share.high)}</td>"
            for share in (each.raw, each.powered, each.by_confusion)
        )
        + f"<td class='value'>{each.correct:,} of {found.sample:,}</td></tr>"
        for each in found.shares
    ]
    return (
        "<h3>Corrected by people</h3>"
        + _table(("", "Model", "Corrected", "By confusion matrix", "Model is right"), rows)
        + f"<p class='soft'>{escape(found.describe_basis())} {escape(CORRECTION_METHODS)}</p>"
    )


def _format_group(group: Group) -> str:
    """Write the sentiments of each value of a column, with 95 % intervals, as a table with stacked bars."""
    rows = []
    for row in group.rows:
        total = sum(row.posts.values())
        counts = [Count(name, row.posts.get(name, 0), total) for name in SENTIMENTS]
        cells = "".join(
            f"<td class='value'>{format_count_share(each)}<br><small>{format_count_interval(each)}</small></td>"
            for each in counts
        )
        track = _format_track(zip((each.share for each in counts), SENTIMENT_COLOURS.values(), strict=True))
        rows.append(
            f"<tr><th scope='row'>{_text(row.title)}</th><td class='value'>{total:,}</td>{cells}"
            f"<td class='bar'>{track}</td></tr>"
        )
    signed = (f"{_sign(name)}{title_from_name(name)}" for name in SENTIMENTS)
    return _table(("", "Posts", *signed, ""), rows)


def _format_values(groups: Sequence[Group]) -> str:
    """Write the most frequent values of some columns, each as a table; nothing without any."""
    if not groups:
        return ""
    tables = "".join(f"<h3>{_text(group.title)}</h3>{_format_group(group)}" for group in groups)
    return f"<h2>Most frequent</h2>{tables}"


def _format_striking(summary: Summary) -> str:
    if summary.privacy is PrivacyLevel.SCORES_ONLY:
        return (
            "<h2>Notable posts</h2><p>Not shown: this report holds scores only, no texts and no pictures.</p>"
        )
    striking = summary.striking
    kinds = dict.fromkeys(each.kind for each in striking)
    if not kinds:
        return ""
    parts = []
    for kind in kinds:
        cards = "".join(_format_post(each, summary.timezone) for each in striking if each.kind == kind)
        parts.append(f"<h3>{escape(kind)}</h3><div class='posts'>{cards}</div>")
    return (
        "<h2>Notable posts</h2><p class='soft'>Violet marks what supports the predicted sentiment, brown what "
        "opposes it: the most influential words, and areas of the image where they were computed.</p>"
        f"{''.join(parts)}"
    )


def _format_post(striking: StrikingPost, timezone: str) -> str:
    post = striking.post
    images = "".join(
        f"<img src='data:image/jpeg;base64,{base64.b64encode(picture).decode()}' alt='{title}'>"
        for picture, title in zip(striking.pictures, PICTURE_TITLES, strict=False)
    )
    shown = shorten_post_text(post["text"], _EXCERPT)
    return (
        f"<article>{f'<figure>{images}</figure>' if images else ''}"
        f"{highlighted_words(shown, locate_words(shown, striking.words)) if shown else ''}"
        f"<p>{_text(striking.reason)}</p><p>{_text(' · '.join(list_post_facts(post)))}</p>"
        f"<p><small>{_text(' · '.join(list_post_sources(post, timezone)))}</small></p></article>"
    )


def _format_methods(summary: Summary) -> str:
    """Explain how the numbers came about, their limits, and how to cite them."""
    rows = [
        f"<tr><th scope='row'>{_text(title)}</th>"
        + "".join(f"<td class='value'>{each}</td>" for each in figures)
        + "</tr>"
        for title, *figures in list_evaluation_rows(summary)
    ]
    note = f"<p class='soft'>{CROSS_VALIDATED}</p>" if summary.own_evaluations else ""
    accuracy = (
        "<h3>How accurate the model is</h3>"
        + _table(("Measured on other posts", "Posts", "Accuracy", "Macro F1"), rows)
        + note
        if rows
        else f"<p>{UNKNOWN_ACCURACY}</p>"
    )
    limits = "".join(f"<li>{_text(each)}</li>" for each in list_limits(summary))
    return (
        f"<h2>Methods and limits</h2><p>{escape(METHOD)}</p>"
        f"<h3>Read these numbers with care</h3><ul>{limits}</ul>"
        f"{accuracy}<h3>Privacy: {summary.privacy.title.lower()}</h3><p>{escape(summary.privacy.meaning)}</p>"
        f"<h3>How to cite</h3><p>{_text(format_citation(summary))}</p>"
    )


def _table(header: Iterable[str], rows: Iterable[str]) -> str:
    cells = "".join(
        f"<th scope='col' class='{('value' if each else 'bar') if number else ''}'>{each}</th>"
        for number, each in enumerate(header)
    )
    head = f"<thead><tr>{cells}</tr></thead>"
    return f"<div class='table' tabindex='0'><table>{head}<tbody>{''.join(rows)}</tbody></table></div>"


def _format_track(shares: Iterable[tuple[float, str]]) -> str:
    boxes = "".join(
        f"<div style='width:{share:.2%};background:{colour}'></div>" for share, colour in shares if share
    )
    return f"<div class='track' aria-hidden='true'>{boxes}</div>"


def _sign(sentiment: str) -> str:
    sign = SENTIMENT_SIGNS.get(sentiment, "")
    return f"{sign} " if sign else ""


def _text(text: str) -> str:
    return escape(BIDI_CONTROLS.sub("", text))


def _write_page(summary: Summary, target: IO[bytes]) -> None:
    target.write(export_summary_html(summary).encode())


EXPORTER = SummaryExporter("summary", "HTML", (".html", ".htm"), "text/html", _write_page)
