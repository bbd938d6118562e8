"""Reports the result of training on own labels, in the terminal and in the model card of the new bundle."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analysis.model.config import ModelConfig
from analysis.training.core.template import fill_card_template, format_with_interval

CARD = Path(__file__).with_name("MODEL_CARD.template.md")


def write_own_card(config: ModelConfig, metrics: Mapping[str, Any], base_card: str) -> str:
    """Write the model card of a bundle trained on own labels.

    Args:
        config: The bundle's configuration.
        metrics: The metrics of `train_own_labels`.
        base_card: The model card of the base bundle, Markdown.

    Returns:
        The card, Markdown.
    """
    card = fill_card_template(
        CARD,
        name=config.name,
        base=metrics["trained_from"],
        seed=metrics["seed"],
        classes="\n".join(
            f"- {name}: {', '.join(config.heads[name].classes)}, read from "
            f"{' and '.join(config.heads[name].reads or tuple(config.encoders))}"
            for name in metrics["own_labels"]
        ),
        lines="\n".join(f"- {line}" for line in format_training_report(metrics)),
        card=base_card,
    )
    return card.removesuffix("\n")


def format_training_report(metrics: Mapping[str, Any]) -> list[str]:
    """Report the performance of each trained head and of the base, and whether training helped.

    Args:
        metrics: The metrics of `train_own_labels`.

    Returns:
        One line per head.
    """
    return [
        _format_head_report(name, each, metrics["trained_from"])
        for name, each in metrics["own_labels"].items()
    ]


def _format_head_report(name: str, figures: Mapping[str, Any], base: str) -> str:
    accuracy, macro = (format_with_interval(figures, key) for key in ("accuracy", "macro_f1"))
    majority, before = figures["baselines"]["majority"], figures["baselines"].get("before")
    sentences = [f"{name}, {figures['posts']:,} posts: accuracy {accuracy}, macro F1 {macro}."]
    if before:
        sentences.append(f"{base} on the same posts: {before['accuracy']:.3f}, {before['macro_f1']:.3f}.")
    sentences.append(f"Always the most common class: {majority['accuracy']:.3f}, {majority['macro_f1']:.3f}.")
    if before:
        sentences.append(_describe_gain(figures["gain"], base))
    if (
        figures["intervals"]["macro_recall"][0] <= majority["macro_recall"]
    ):  # 1 / classes, as for random guesses
        sentences.append(
            "This is not clearly better than guessing. Label more posts, or check whether the texts and images "
            "contain what the labels describe."
        )
    return " ".join(sentences)


def _describe_gain(gain: Mapping[str, Any], base: str) -> str:
    low, high = gain["interval"]
    change = f"macro F1 changed by {gain['macro_f1']:+.3f} ({low:+.3f} to {high:+.3f})"
    if low > 0:
        return f"Training helped: {change}."
    if high < 0:
        return f"Training made it worse: {change}. Keep using {base}."
    return f"Training did not clearly help: {change}, which may be chance. {base} is as good."
