"""Fills the template of the model card (Mitchell et al. 2019) with the metrics measured during training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from analysis.attribution.faithfulness import MEASURES
from analysis.columns import LANGUAGES
from analysis.evaluation.table import (
    FIGURE_TITLES,
    format_leading_modality_accuracy,
    list_completeness_figures,
    list_gains_over_random,
)
from analysis.model.config import OTHER, ModelConfig
from analysis.training.compact.measures import LANGUAGE_BAR
from analysis.training.core.template import fill_card_template, format_card_table, format_with_interval
from analysis.wording import join_with_and

EXAMPLES = 2  # wrong predictions that are listed for each kind of difficult posts
CARD = Path(__file__).with_name("MODEL_CARD.template.md")
EXPLANATIONS = Path(__file__).with_name("EXPLANATIONS.template.md")
HARD_POSTS = Path(__file__).with_name("HARD_POSTS.template.md")


def write_model_card(config: ModelConfig, metrics: Mapping[str, Any]) -> str:
    """Write the model card of a bundle.

    Args:
        config: The model's configuration.
        metrics: The content of metrics.json, as returned by `train_compact`.

    Returns:
        The card, Markdown.
    """
    text, image = config.encoders["text"], config.encoders["image"]
    evaluations, teacher = metrics["evaluations"], metrics.get("teacher")
    options = f" --teacher {teacher['name']}" if teacher else ""
    if "topic_cross_validated" in evaluations:
        options += " --cross-validate"
    if "hard_posts" in metrics:
        options += f" --hard-posts {metrics['hard_posts']['file']}"
    return fill_card_template(
        CARD,
        name=config.name,
        text=text.name,
        image=image.name,
        text_parameters=metrics["parameters"]["text"],
        pieces=text.branches[OTHER].architecture["vocab_size"],
        certainty=text.certainty,
        image_parameters=metrics["parameters"]["image"],
        parameters=metrics["parameters"]["all"],
        layer=image.explained_layer.removeprefix("network."),
        space=config.space.dim if config.space else 0,
        heads="; ".join(f"{name} ({', '.join(head.titles)})" for name, head in config.heads.items()),
        seed=metrics["seed"],
        options=options,
        teacher=f", and on {teacher['texts']:,} more with predictions by {teacher['name']}"
        if teacher
        else "",
        temperatures=", ".join(f"{name} {value:.2f}" for name, value in metrics["temperature"].items()),
        evaluations=_format_evaluations(evaluations.values()),
        ablation=_format_ablation(metrics["ablation"]),
        fusions=format_card_table(
            ("fusion", "parameters", "accuracy, mean", "each seed"),
            [
                (
                    each["fusion"],
                    f"{each['parameters']:,}",
                    f"{each['mean']:.3f}",
                    _format_values(each["accuracy"]),
                )
                for each in metrics["fusions"]
            ],
        ),
        text_alone=metrics["single_modality"]["text"]["accuracy"],
        image_alone=metrics["single_modality"]["image"]["accuracy"],
        text_fused=evaluations["mvsa_text"]["accuracy"],
        image_fused=evaluations["mvsa_image"]["accuracy"],
        **metrics["retrieval"]["text_to_image"],
        topic_agreement=metrics["topic_of_images"]["agreement"],
        topic_commonest=metrics["topic_of_images"]["commonest"],
        explanations=_format_explanations(metrics["explanations"]) if "explanations" in metrics else "",
        slices=_format_slices(evaluations.values()),
        multilingual=_format_by_language(
            ("accuracy", "macro F1", "macro recall"),
            metrics["multilingual"],
            ("accuracy", "macro_f1", "macro_recall"),
        ),
        languages=_format_by_language(
            ("detected", "correct among detected", "flagged"),
            metrics["languages"],
            ("named", "right", "flagged"),
        ),
        hard_posts=_format_hard_posts(metrics["hard_posts"]) if "hard_posts" in metrics else "",
        tokens=text.branches[OTHER].max_tokens,
        words=text.branches[OTHER].max_tokens * 3 // 4,
        bar=LANGUAGE_BAR,
        known=join_with_and(LANGUAGES.get(code, code) for code in config.languages),
        unknown=_format_unknown_tokens(metrics["unknown_tokens"]),
        **metrics["rows"],
    )


def write_plain_card(config: ModelConfig, evaluations: Mapping[str, Any], command: str) -> str:
    """Write a short model card for a bundle that was trained end to end.

    Args:
        config: The model's configuration.
        evaluations: Evaluations by name.
        command: The command that trained it.

    Returns:
        Markdown.
    """
    parts = "; ".join(f"{modality}: {part.name}" for modality, part in config.encoders.items())
    figures = _format_evaluations(evaluations.values())
    return f"# {config.name}: model card\n\nEncoders: {parts}.\n\n{figures}\n\nTrained by `{command}`.\n"


def _format_by_language(
    header: Sequence[str], languages: Mapping[str, Mapping[str, Any]], keys: Sequence[str]
) -> str:
    """Format a table with one row per language: the number of posts and the metrics with these keys."""
    rows = [
        (language, f"{each['posts']:,}", *(f"{each[key]:.3f}" for key in keys))
        for language, each in languages.items()
    ]
    return format_card_table(("language", "posts", *header), rows)


def _format_unknown_tokens(shares: Mapping[str, float]) -> str:
    return format_card_table(
        ("language", "unknown tokens"), [(name, f"{share:.2%}") for name, share in shares.items()]
    )


def _format_evaluations(evaluations: Sequence[Mapping[str, Any]] | Any) -> str:
    header = ("measured on", "posts", *FIGURE_TITLES.values(), "by chance")
    rows = [
        (
            each["title"],
            f"{each['posts']:,}",
            *(format_with_interval(each, key) for key in FIGURE_TITLES),
            f"{each['ece_by_chance']:.3f}",
        )
        for each in evaluations
    ]
    return format_card_table(header, rows)


def _format_ablation(steps: Sequence[Mapping[str, Any]]) -> str:
    names = list(dict.fromkeys(name for step in steps for name in step["figures"]))
    return format_card_table(
        ("model", *names),
        [
            (
                step["step"],
                *(f"{step['figures'][name]:.3f}" if name in step["figures"] else "" for name in names),
            )
            for step in steps
        ],
    )


def _format_explanations(evidence: Mapping[str, Any]) -> str:
    """Write the section on explanations, which were measured on MVSA dev."""
    sums = format_card_table(
        ("relative error of the sum", "median", "90 % quantile", "within 5 %", "5 to 20 %", "above 20 %"),
        list_completeness_figures(evidence),
    )
    gains = format_card_table(("gain over random, logits", *MEASURES), list_gains_over_random(evidence))
    leading = (
        format_leading_modality_accuracy(evidence["leading"])
        if evidence.get("leading", {}).get("posts")
        else ""
    )
    return fill_card_template(EXPLANATIONS, posts=evidence["posts"], sums=sums, gains=gains, leading=leading)


def _format_hard_posts(evaluation: Mapping[str, Any]) -> str:
    """Write the accuracy on difficult posts by kind, and the first wrong predictions of each kind."""
    kinds = format_card_table(
        ("kind", "posts", "accuracy"),
        [
            (
                each["value"],
                f"{each['posts']:,}",
                f"{each['accuracy']:.3f} ({each['interval'][0]:.3f}-{each['interval'][1]:.3f})",
            )
            for each in evaluation["groups"]["values"]
        ],
    )
    examples = [
        f'- {kind}: "{post["text"]}" is predicted {post["model"]} ({post["confidence"]:.2f}); '
        f"a reader would call it {post['people']}."
        for kind in (each["value"] for each in evaluation["groups"]["values"])
        for post in [post for post in evaluation["wrong"] if post["kind"] == kind][:EXAMPLES]
    ]
    return fill_card_template(
        HARD_POSTS,
        file=evaluation["file"],
        posts=evaluation["posts"],
        right=evaluation["posts"] - len(evaluation["wrong"]),
        accuracy=format_with_interval(evaluation, "accuracy"),
        kinds=kinds,
        number=EXAMPLES,
        examples="\n".join(examples),
    )


def _format_slices(evaluations: Sequence[Mapping[str, Any]] | Any) -> str:
    return format_card_table(
        ("measured on", "slice", "posts", "accuracy", "macro F1"),
        [
            (
                each["title"],
                part["slice"],
                f"{part['posts']:,}",
                f"{part['accuracy']:.3f}",
                f"{part['macro_f1']:.3f}",
            )
            for each in evaluations
            if each["head"] == "sentiment"
            for part in each["slices"]
        ],
    )


def _format_values(values: Sequence[float]) -> str:
    return ", ".join(f"{value:.3f}" for value in values)
