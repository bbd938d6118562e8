"""Describes an explanation in sentences: what text and image contributed, and how reliable the values are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from analysis.attribution.faithfulness import Faithfulness
from analysis.attribution.ledger import CLASS_ACTIVATION, VALENCE, Completeness, Ledger, Output
from analysis.wording import NO_TITLES, format_percent, format_signed, join_with_and, title_from_name

if TYPE_CHECKING:
    from analysis.attribution.verification import Agreement

_NEGLIGIBLE = 0.05  # logits; smaller values are invisible on the chart
_NAMES = ("text", "image")  # named first, whatever the order in the model
_NEAR, _FAR = 0.7, 0.3  # rank correlations from which two orders agree well, and in part
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
        Sentences such as "The text raised the score for negative by 1.2, the image lowered it by 0.4." In an additive
        model, the first one names the average post that this one is compared with.
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
    if ledger.base_is_average:
        clauses[0] = f"compared with {describe_base(ledger)}, {clauses[0]}"
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


def describe_base(ledger: Ledger) -> str:
    """Name what a post is compared with: "an empty post", "the average post with text and image"."""
    if not ledger.base_is_average:
        return "an empty post"
    present = [name for name in ledger.phi if ledger.present[name]]
    used = [name for name in present if ledger.phi[name]] or present  # a head need not read every modality
    names = join_with_and(ledger.title(name).lower() for name in used)
    return f"the average post with {names} only" if len(present) == 1 else f"the average post with {names}"


def _describe_effect(value: float, target: str) -> str:
    if value == 0:
        return f"had no effect on {target}"
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


def describe_shares(ledger: Ledger, modality: str) -> str:
    """Describe how the shares of words or regions add up; "" if they have another method.

    Args:
        ledger: The explanation.
        modality: "text" or "image".
    """
    if ledger.methods.get(modality) != CLASS_ACTIVATION:
        return ""
    if not ledger.phi[modality]:
        return f"The score does not depend on the {modality}."
    value = format_signed(ledger.phi[modality])
    if modality == "image":
        return (
            f"The regions add up to the {value} logits of the image{'s' * (len(ledger.images) > 1)}, exactly."
        )
    words = format_signed(ledger.phi["text"] - ledger.text_remainder)
    return (
        f"The words add up to {words} of the {value} logits of the text. The other "
        f"{format_signed(ledger.text_remainder)} belong to the marks for its start and end, so the sum is exact."
    )


def describe_share_method(modality: str) -> str:
    """Describe what a share shows (class activation mapping).

    Args:
        modality: "text" or "image".
    """
    part, around = ("word", "words around it") if modality == "text" else ("region", "area around it")
    return (
        f"Method: class activation mapping. A {part}'s share is its part of the sum that makes up the score. It can "
        f"also reflect the {around}, because the model processes them together."
    )


def describe_agreement(agreement: Agreement, parts: str) -> str:
    """Describe how well shares and integrated gradients agree.

    Args:
        agreement: The comparison.
        parts: "words" or "regions".
    """
    top = f"the most influential {parts[:-1]} is {'the same' if agreement.same_top else 'another one'}"
    if agreement.correlation is None:
        return f"Comparing both methods, {top}."
    near = agreement.correlation
    how = (
        "agree well"
        if near >= _NEAR
        else "agree in part"
        if near >= _FAR
        else "hardly agree"
        if near >= -_FAR
        else "disagree"
    )
    return (
        f"Both methods {how} on the order of the {parts} (rank correlation {format_signed(near)}, 1 is the same "
        f"order), and {top}."
    )


def describe_questions(parts: str) -> str:
    """Describe which question shares and integrated gradients answer.

    Args:
        parts: "words" or "regions".
    """
    return (
        f"The shares show where the model found the evidence, after each {parts[:-1]} was read in its context; "
        f"integrated gradients show which {parts} of the post itself led to the score, compared with "
        f"{'a blank text' if parts == 'words' else 'a black image'}."
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
