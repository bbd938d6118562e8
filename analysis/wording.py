"""Names and number formats shared by charts, pages and exports.

Colours and patterns are in `analysis.charts.palette`, sentences about an explanation in
`analysis.attribution.sentences`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from itertools import islice
from types import MappingProxyType

from analysis.timezones import UTC_NAME, has_time_of_day, to_local_time

BIDI_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Direction controls, which could reverse the words that follow a user's text."""

INVISIBLE = re.compile("[\xad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
"""Characters that are not seen, which make no difference in names."""

NO_TITLES: Mapping[str, str] = MappingProxyType({})

_MODALITY_TITLES = {"both": "Text and image", "text": "Text", "image": "Image"}


def title_from_name(name: str, titles: Mapping[str, str] = NO_TITLES) -> str:
    """Return the display title of a class or a modality.

    Args:
        name: Such as "positive", "both" or "arts_culture".
        titles: Titles of a bundle's classes by name, if known.
    """
    return titles.get(name) or _MODALITY_TITLES.get(name) or name.replace("_", " ").capitalize()


def join_with_and(names: Iterable[str]) -> str:
    """List names in a sentence: "Text", "Text and image", "Text, image and video"."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def format_inputs_title(inputs: str, titles: Mapping[str, str] = NO_TITLES) -> str:
    """Name what a score comes from: "Text and image", "Text alone", "Video and text".

    Args:
        inputs: "both", a modality, or modalities joined by "+".
        titles: Titles of further modalities by name.
    """
    if inputs == "both":
        return title_from_name(inputs)
    names = [title_from_name(name, titles) for name in inputs.split("+")]
    return f"{names[0]} alone" if len(names) == 1 else join_with_and(names).capitalize()


def format_signed(value: float) -> str:
    """Format a value in logits with its sign: "+0.42", "−0.31", "0.00"."""
    digits = f"{abs(value):.2f}"
    return digits if float(digits) == 0 else f"{'+' if value > 0 else '−'}{digits}"


def format_top_words(words: Iterable[tuple[str, float]], most: int = 3) -> str:
    """List the first words with their values in logits: "awful +0.61, great −0.20"."""
    return ", ".join(
        f"{shorten_to_one_line(word)} {format_signed(value)}" for word, value in islice(words, most)
    )


def format_percent(share: float) -> str:
    """Format a share of 1 as "42 %"; only an exact 0 or 1 is written as "0 %" or "100 %"."""
    if 0 < share < 0.005:
        return "< 1 %"
    if 0.995 <= share < 1:
        return "> 99 %"
    return f"{share:.0%}".replace("%", " %")


def format_interval(low: float, high: float) -> str:
    """Format the limits of a share of 1, with as many digits as they differ in: "15 to 43 %", "41.7 to 42.3 %"."""
    return _format_limits(low, high, _count_decimals((low, high)))


def format_share_and_interval(share: float, low: float, high: float) -> tuple[str, str]:
    """Format a share of 1 and the limits of its interval, all with as many decimals: "31 %" and "27 to 36 %".

    There are enough that all three differ, and that only a share of 0 or 1 looks like one: "0.03 %" and
    "0.01 to 0.09 %".
    """
    digits = _count_decimals((share, low, high, float(round(share))))
    return f"{100 * share:.{digits}f} %", _format_limits(low, high, digits)


def format_share_with_interval(share: float, low: float, high: float) -> str:
    """Format a share of 1 with the limits of its interval, as `format_share_and_interval`: "31 % (27 to 36 %)"."""
    shown, limits = format_share_and_interval(share, low, high)
    return f"{shown} ({limits})"


def _format_limits(low: float, high: float, digits: int) -> str:
    return f"{100 * low:.{digits}f} to {100 * high:.{digits}f} %"


def _count_decimals(shares: Iterable[float], most: int = 4) -> int:
    """Return how many decimals of percent shares need so that different ones look different."""
    known = {round(100 * share, most) for share in shares}
    return next(
        each for each in range(most + 1) if len({f"{share:.{each}f}" for share in known}) == len(known)
    )


def format_number(value: float, digits: int = 2) -> str:
    """Format a number that may be negative, with a minus sign instead of a hyphen: "0.31", "−0.30"."""
    return f"{value:.{digits}f}".replace("-", "−")


def format_day(day: date) -> str:
    """Format a day in words: "3 Nov 2026"."""
    return f"{day.day} {day:%b %Y}"


def format_days(first: date, last: date) -> str:
    """Format days in words, without repeating a month or year: "2 to 8 Nov 2026", "30 Nov to 2 Dec 2026"."""
    if first == last:
        return format_day(last)
    if first.year != last.year:
        return f"{format_day(first)} to {format_day(last)}"
    return f"{first.day}{'' if first.month == last.month else f' {first:%b}'} to {format_day(last)}"


def format_long_day(day: date) -> str:
    """Format a day in words without abbreviations: "3 November 2026"."""
    return f"{day.day} {day:%B %Y}"


def format_time(moment: datetime, timezone: str = UTC_NAME) -> str:
    """Format a time: "3 Nov 2026, 14:05 UTC"; a date without a time of day (`analysis.timezones`) as a day."""
    local = to_local_time(moment, timezone)
    return f"{format_day(local)}, {local:%H:%M} {timezone}" if has_time_of_day(moment) else format_day(local)


def format_count(count: int, noun: str) -> str:
    """Format a number of things, whose plural ends in "s": "1 row", "1,204 rows"."""
    return f"{count:,} {noun}{'s' * (count != 1)}"


def format_posts(count: int) -> str:
    """Format a number of posts: "1 post", "1,204 posts"."""
    return format_count(count, "post")


def replace_surrogates(text: str) -> str:
    """Replace lone surrogates, such as those of a damaged emoji, by "?": UTF-8 cannot hold them."""
    return text.encode("utf-8", "replace").decode("utf-8")


def shorten_to_one_line(text: str) -> str:
    """Write untrusted text on one line, without direction controls and lone surrogates."""
    return " ".join(BIDI_CONTROLS.sub("", replace_surrogates(text)).split())


def make_printable(text: str) -> str:
    """Write untrusted text on one line, without characters that could change what a terminal shows."""
    line = shorten_to_one_line(text)
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in line)


def format_plain_label(text: str, max_length: int = 60) -> str:
    """Escape untrusted text for a Plotly label, which would interpret tags, entities and $TeX$.

    Args:
        text: Untrusted.
        max_length: A longer text is cut to this many characters and ends in an ellipsis.
    """
    line = shorten_to_one_line(text)
    short = line if len(line) <= max_length else line[: max_length - 1] + "…"
    return html.escape(short, quote=False).replace("$", "&#36;")


def number_duplicate_labels(labels: Iterable[str]) -> list[str]:
    """Number equal labels, so that each identifies one bar or option: "Food", "Food (2)".

    Plotly merges bars with equal labels, and Streamlit picks the last of several options with equal labels.
    """
    labels = list(labels)
    given, used = set(labels), set[str]()
    for place, label in enumerate(labels):
        free, number = label, 1
        while free in used or (number > 1 and free in given):
            number += 1
            free = f"{label} ({number})"
        labels[place] = free
        used.add(free)
    return labels
