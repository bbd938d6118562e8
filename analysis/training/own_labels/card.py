"""What training on own labels brought, in words: for the terminal and for the new bundle's model card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.model.config import ModelConfig

CARD = """\
# {name}: model card

Trained from `{base}` on an analyst's own labelled posts, by

    postlens train --from BUNDLE --data LABELS --out {name} --seed {seed}

Only the heads named below were trained, each a linear layer on the frozen encoders and the frozen fusion. It starts
where the base's head stands, and moves as far as cross-validation finds useful. Everything else is the base's, whose
card follows; what that card says of the heads named here no longer holds.

{classes}

Figures are from posts that the head had not seen (5-fold cross-validation); the intervals hold 95 % of 1,000
resamples of them. They hold for posts like the labelled ones, judged as the analyst judged them.

{lines}

---

{card}"""


def own_card(config: ModelConfig, metrics: Mapping[str, Any], base_card: str) -> str:
    """Write the card of a bundle trained on own labels.

    Args:
        config: What the bundle is; names its heads' classes.
        metrics: What `train_own_labels` measured.
        base_card: The base's card, Markdown.

    Returns:
        Markdown.
    """
    return CARD.format(
        name=config.name,
        base=metrics["trained_from"],
        seed=metrics["seed"],
        classes="\n".join(
            f"- {name}: {', '.join(config.heads[name].classes)}, read from "
            f"{' and '.join(config.heads[name].reads or tuple(config.encoders))}"
            for name in metrics["own_labels"]
        ),
        lines="\n".join(f"- {line}" for line in report_lines(metrics)),
        card=base_card,
    )


def report_lines(metrics: Mapping[str, Any]) -> list[str]:
    """Say how good each trained head is, what was there before, and whether training helped.

    Args:
        metrics: What `train_own_labels` measured.

    Returns:
        One line a head.
    """
    return [_line(name, each, metrics["trained_from"]) for name, each in metrics["own_labels"].items()]


def _line(name: str, figures: Mapping[str, Any], base: str) -> str:
    accuracy, macro = (_with_interval(figures, key) for key in ("accuracy", "macro_f1"))
    majority, before = figures["baselines"]["majority"], figures["baselines"].get("before")
    said = [f"{name}, {figures['posts']:,} posts: accuracy {accuracy}, macro F1 {macro}."]
    if before:
        said.append(f"{base} on the same posts: {before['accuracy']:.3f}, {before['macro_f1']:.3f}.")
    said.append(f"Always the commonest class: {majority['accuracy']:.3f}, {majority['macro_f1']:.3f}.")
    if before:
        said.append(_verdict(figures["gain"], base))
    if (
        figures["intervals"]["macro_recall"][0] <= majority["macro_recall"]
    ):  # 1 / classes, as for any guessing
        said.append(
            "That is not clearly better than guessing: label more posts, or ask whether text and pictures show "
            "what the labels say."
        )
    return " ".join(said)


def _verdict(gain: Mapping[str, Any], base: str) -> str:
    low, high = gain["interval"]
    moved = f"macro F1 moved by {gain['macro_f1']:+.3f} ({low:+.3f} to {high:+.3f})"
    if low > 0:
        return f"Training helped: {moved}."
    if high < 0:
        return f"Training made it worse: {moved}. Keep using {base}."
    return f"Training did not clearly help: {moved}, which chance explains. {base} serves as well."


def _with_interval(figures: Mapping[str, Any], key: str) -> str:
    low, high = figures["intervals"][key]
    return f"{figures[key]:.3f} ({low:.3f}-{high:.3f})"
