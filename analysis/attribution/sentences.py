"""Describes an explanation in sentences: what text and image contributed, and how reliable the values are."""

from __future__ import annotations

from collections.abc import Mapping

from analysis.attribution.faithfulness import Faithfulness
from analysis.attribution.ledger import VALENCE, Completeness, Ledger, Output
from analysis.wording import NO_TITLES, format_percent, format_signed, title_from_name

_NEGLIGIBLE = 0.05  # logits; smaller values are invisible on the chart
_NAMES = ("text", "image")  # named first, whatever the order in the model
_MISSING = {"text": "There is no text.", "image": "There is no image."}


def title_of_explained_output(output: Output, titles: Mapping[str, str] = NO_TITLES) -> str:
    """Name the explained output inside a sentence: "negative", "a positive valence"."""
    return "a positive valence" if output.name == VALENCE else title_from_name(output.name, titles).lower()


def describe_contributions(ledger: Ledger, title: str) -> str:
    """Describe what each modality contributed to one output.

    Args:
        ledger: The explanation of the output.
        title: The output's display name, such as "negative".

    Returns:
        A sentence such as "The text raised the score for negative by 1.2, the image lowered it by 0.4."
    """
    names = [*_NAMES, *(name for name in ledger.phi if name not in _NAMES)]
    present = sorted(
        (name for name in names if ledger.present[name]), key=lambda name: -abs(ledger.phi[name])
    )
    targets = [f"the score for {title}", *["it"] * (len(present) - 1)]
    clauses = [
        f"the {ledger.title(name).lower()} {_describe_effect(ledger.phi[name], target)}"
        for name, target in zip(present, targets, strict=True)
    ]
    sentence = ", ".join(clauses) + "."
    sentences = [sentence[:1].upper() + sentence[1:]]
    sentences += [
        _MISSING.get(name, f"There is no {ledger.title(name).lower()}.")
        for name in names
        if name not in present
    ]
    if len(present) > 1 and abs(ledger.interaction) >= _NEGLIGIBLE:
        verb = "adds" if ledger.interaction > 0 else "subtracts"
        how = "split equally between the two" if len(present) == 2 else "which these values include"
        sentences.append(f"Their interaction {verb} {abs(ledger.interaction):.1f}, {how}.")
    return " ".join(sentences)


def _describe_effect(value: float, target: str) -> str:
    if abs(value) < _NEGLIGIBLE:
        return f"had almost no effect on {target}"
    return f"{'raised' if value > 0 else 'lowered'} {target} by {abs(value):.1f}"


def describe_completeness(check: Completeness, parts: str, remainder: float) -> str:
    """Describe how well an attribution adds up, and what it does not explain.

    Args:
        check: The completeness check.
        parts: "words" or "regions".
        remainder: The modality's value minus the sum of its parts, in logits.
    """
    advice = {
        "ok": "They are reliable.",
        "rough": "Treat them as approximate.",
        "failed": "Do not rely on them.",
    }[check.verdict]
    if check.verdict == "ok" and abs(remainder) > abs(check.total + remainder) / 2:
        advice = "They explain less than half of the value; the rest is unexplained."
    return (
        f"The {parts} add up to {format_signed(check.total)} of {format_signed(check.difference)} logits, "
        f"{format_percent(check.error)} off ({check.steps} steps). {advice} "
        f"Not attributed to any of the {parts}: {format_signed(remainder)}."
    )


def describe_faithfulness(check: Faithfulness, parts: str) -> str:
    """Describe whether the top-ranked parts of an explanation change the score.

    Args:
        check: The comparison of the ranking with random rankings.
        parts: "words" or "regions".
    """
    advice = {
        "holds": "The ranking is reliable.",
        "mixed": "The ranking beats a random one on some measures only; read it with care.",
        "fails": "The ranking is no better than a random one; do not rely on it.",
    }.get(check.verdict)
    if advice is None:
        return f"Removing {parts} barely changes the score, so their ranking is inconclusive."
    measured = (
        f"Removing the top {parts} lowers the score by {check.own.comprehensiveness:.2f} logits, "
        f"random ones by {check.random.comprehensiveness:.2f}. Keeping only the top {parts} lowers it by "
        f"{check.own.sufficiency:.2f}, only random ones by {check.random.sufficiency:.2f}."
    ).replace("-", "−")
    return f"{measured} {advice}"


def describe_reliability(check: Completeness | None, ranking: Faithfulness | None, parts: str) -> str:
    """Summarise both checks of an attribution in one sentence, without the figures.

    Args:
        check: The completeness check; None for methods that are not complete.
        ranking: The comparison of the ranking with random rankings; None if it was not checked.
        parts: "words" or "regions".
    """
    clauses = []
    if check:
        how = {"ok": "add up", "rough": "add up roughly", "failed": "do not add up"}[check.verdict]
        clauses.append(f"the {parts} {how} ({format_percent(check.error)} off)")
    if ranking:
        how = {
            "holds": "beats a random one",
            "mixed": "beats a random one on some measures only",
            "fails": "is no better than a random one",
        }.get(ranking.verdict, "is inconclusive, since none of them changes the score much")
        clauses.append(f"their ranking {how}")
    line = "; ".join(clauses)
    return f"{line[:1].upper()}{line[1:]}." if clauses else ""


def describe_baseline_agreement(firm: bool | None) -> str:
    """Describe whether the same modality dominates with both baselines (`Checks.firm`); "" for a single modality."""
    if firm is None:
        return ""
    return (
        "Robust: the same modality dominates when compared with a blank text and a black image."
        if firm
        else "Depends on the baseline: compared with a blank text and a black image, the other modality dominates."
    )
