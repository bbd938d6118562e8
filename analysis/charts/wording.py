"""What things are called and how values are written, in charts and in the explanation page.

How they look is `analysis.charts.palette`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from analysis.attribution.faithfulness import Faithfulness
from analysis.attribution.ledger import VALENCE, Completeness, Output

BIDI_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Characters that would reverse the words that come after someone's text."""

NO_TITLES: Mapping[str, str] = MappingProxyType({})

_TITLES = {"both": "Text and picture", "text": "Text", "image": "Picture"}


def title_of(name: str, titles: Mapping[str, str] = NO_TITLES) -> str:
    """Say a class or an input for people.

    Args:
        name: Such as "positive", "both" or "arts_culture".
        titles: Titles of a bundle's classes by name, where they are known.
    """
    return titles.get(name) or _TITLES.get(name) or name.replace("_", " ").capitalize()


def signed(value: float) -> str:
    """Write a value in logits with its sign: "+0.42", "−0.31", "0.00"."""
    digits = f"{abs(value):.2f}"
    return digits if float(digits) == 0 else f"{'+' if value > 0 else '−'}{digits}"


def percent(part: float) -> str:
    """Write a part of 1: "42 %"; what is not quite none or all never reads as none or all."""
    if 0 < part < 0.005:
        return "< 1 %"
    if 0.995 <= part < 1:
        return "> 99 %"
    return f"{part:.0%}".replace("%", " %")


def one_line(text: str) -> str:
    """Write someone's text on one line that reads in the order in which it stands."""
    return " ".join(BIDI_CONTROLS.sub("", text).split())


def plain_label(text: str, most: int = 60) -> str:
    """Write someone's text on one line for a Plotly label, which would read tags, entities and $TeX$.

    Args:
        text: Hostile until proven otherwise.
        most: Characters kept; a longer text ends in an ellipsis.
    """
    line = one_line(text)
    short = line if len(line) <= most else line[: most - 1] + "…"
    return html.escape(short, quote=False).replace("$", "&#36;")


def distinct(labels: Iterable[str]) -> list[str]:
    """Add numbers to labels that are equal, so that each names one bar or option: "Food", "Food (2)".

    Plotly draws bars of one label as one bar, and Streamlit chooses the last of the options of one label.
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


def output_title(output: Output, titles: Mapping[str, str] = NO_TITLES) -> str:
    """Say what is explained, for people and inside a sentence: "negative", "a positive valence"."""
    return "a positive valence" if output.name == VALENCE else title_of(output.name, titles).lower()


def account_sentences(check: Completeness, parts: str, remainder: float) -> str:
    """Say in words how well an attribution adds up, and what it leaves over.

    Args:
        check: The check of its sum.
        parts: What was added up: "words" or "regions".
        remainder: The modality's value minus the sum of its parts, in logits.
    """
    advice = {
        "ok": "They can be relied on.",
        "rough": "Read them as a rough account.",
        "failed": "Do not rely on them.",
    }[check.verdict]
    if check.verdict == "ok" and abs(remainder) > abs(check.total + remainder) / 2:
        advice = "They tell less than half of the story: read the rest as open."
    return (
        f"The {parts} add up to {signed(check.total)} of {signed(check.difference)} logits, "
        f"{percent(check.error)} off ({check.steps} steps). {advice} "
        f"Not attributed to any of the {parts}: {signed(remainder)}."
    )


def order_sentences(check: Faithfulness, parts: str) -> str:
    """Say in words whether the parts that an explanation names strongest do move the score.

    Args:
        check: Their order beside random ones.
        parts: What was taken away: "words" or "regions".
    """
    if check.verdict == "inconclusive":
        return f"Taking {parts} away hardly moves the score, so that their order tells little."
    measured = (
        f"Taking the strongest {parts} away lowers the score by {check.own.comprehensiveness:.2f} logits, "
        f"random ones by {check.random.comprehensiveness:.2f}; the strongest alone leave it "
        f"{check.own.sufficiency:.2f} short, random ones {check.random.sufficiency:.2f}."
    ).replace("-", "−")
    advice = {
        "holds": "Their order holds.",
        "mixed": "Their order is better than a random one by some measures only: read it with care.",
        "fails": "Their order is no better than a random one: do not rely on it.",
    }[check.verdict]
    return f"{measured} {advice}"


def short_account(check: Completeness | None, order: Faithfulness | None, parts: str) -> str:
    """Say in one line how far an attribution holds; the figures are in `account_sentences` and `order_sentences`.

    Args:
        check: The check of its sum; None where it claims none.
        order: Its order beside random ones; None where it was not checked.
        parts: "words" or "regions".
    """
    said = []
    if check:
        how = {"ok": "add up", "rough": "add up roughly", "failed": "do not add up"}[check.verdict]
        said.append(f"the {parts} {how} ({percent(check.error)} off)")
    if order:
        how = {
            "holds": "holds against random ones",
            "mixed": "is better than a random one by some measures only",
            "fails": "is no better than a random one",
            "inconclusive": "tells little, since none of them moves the score",
        }[order.verdict]
        said.append(f"their order {how}")
    line = "; ".join(said)
    return f"{line[:1].upper()}{line[1:]}." if said else ""


def baseline_sentence(firm: bool | None) -> str:
    """Say whether text or picture leads whatever the baseline (`Checks.firm`); "" where only one is there."""
    if firm is None:
        return ""
    return (
        "Firm: the same of text and picture leads when compared with a blank text and a black picture."
        if firm
        else "Depends on the baseline: compared with a blank text and a black picture, the other of the two leads."
    )
