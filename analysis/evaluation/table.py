"""Formats evaluations as plain text for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.attribution.faithfulness import MEASURES
from analysis.evaluation.metrics import FIGURES

FIGURE_TITLES = {
    "accuracy": "accuracy",
    "weighted_f1": "weighted F1",
    "macro_f1": "macro F1",
    "macro_recall": "macro recall",
    "ece": "calibration error",
}
"""Display names of the metrics."""
BASELINE_TITLES = {
    "majority": "always the most common class",
    "tfidf": "TF-IDF with logistic regression",
    "vader": "VADER's word list",
}
"""Display names of the baselines."""


def format_evaluation(evaluation: Mapping[str, Any]) -> str:
    """Format an evaluation as text.

    Args:
        evaluation: Result of `analysis.evaluation.evaluate`, with or without `groups` and `baselines`.

    Returns:
        Tables of metrics with intervals, classes, the confusion matrix, slices, groups and baselines.
    """
    names = list(evaluation["classes"])
    parts = [
        [_format_heading(evaluation)],
        _align(
            ("figure", "value", "95 % interval"),
            [
                *(
                    (FIGURE_TITLES[key], f"{evaluation[key]:.3f}", _format_interval(evaluation, key))
                    for key in FIGURES
                ),
                ("expected if calibrated", f"{evaluation['ece_by_chance']:.3f}", "by chance alone"),
            ],
        ),
        _align(
            ("class", "precision", "recall", "F1", "posts"),
            [
                (name, *(f"{each[key]:.3f}" for key in ("precision", "recall", "f1")), f"{each['support']:,}")
                for name, each in evaluation["classes"].items()
            ],
        ),
        _align(
            ("actual, predicted >", *names),
            [
                (name, *(f"{posts:,}" for posts in row))
                for name, row in zip(names, evaluation["confusion"], strict=True)
            ],
        ),
    ]
    if evaluation["slices"]:
        parts.append(
            _align(
                ("slice", "posts", "accuracy", "macro F1", "macro recall"),
                [
                    (
                        each["slice"],
                        f"{each['posts']:,}",
                        *(f"{each[key]:.3f}" for key in ("accuracy", "macro_f1", "macro_recall")),
                    )
                    for each in evaluation["slices"]
                ],
            )
        )
    if "groups" in evaluation:
        parts.append(
            _align(
                (evaluation["groups"]["column"], "posts", "accuracy", "95 % interval"),
                [
                    (
                        each["value"],
                        f"{each['posts']:,}",
                        f"{each['accuracy']:.3f}",
                        _format_limits(each["interval"]),
                    )
                    for each in evaluation["groups"]["values"]
                ],
            )
        )
    if evaluation.get("baselines"):
        compared = {"this model": evaluation} | {
            BASELINE_TITLES.get(name, name): each for name, each in evaluation["baselines"].items()
        }
        parts.append(
            _align(
                ("compared with", *(FIGURE_TITLES[key] for key in FIGURES)),
                [
                    (name, *(f"{each[key]:.3f}" if key in each else "-" for key in FIGURES))
                    for name, each in compared.items()
                ],
            )
        )
    return "\n\n".join("\n".join(part) for part in parts)


def format_explanations(evidence: Mapping[str, Any]) -> str:
    """Format an evaluation of explanations as text.

    Args:
        evidence: Result of `analysis.evaluation.explanations.evaluate_explanations`.

    Returns:
        Tables of completeness and gains over random orders, and the accuracy of the leading modality.
    """
    parts = [
        [f"Explanations of {evidence['task']}: {evidence['posts']:,} posts with text and images"],
        _align(
            ("relative error of the sum", "median", "90 % quantile", "within 5 %", "5 to 20 %", "above 20 %"),
            list_completeness_figures(evidence),
        ),
        _align(("gain over random, logits", *MEASURES), list_gains_over_random(evidence)),
    ]
    if evidence.get("leading", {}).get("posts"):
        parts.append([format_leading_modality_accuracy(evidence["leading"])])
    return "\n\n".join("\n".join(part) for part in parts)


def list_completeness_figures(evidence: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """List the relative error of sums (median, 90 % quantile) and the share of posts by verdict."""
    return [
        (name, *(f"{each[key]:.3f}" for key in ("median", "p90", "ok", "rough", "failed")))
        for name, each in evidence["completeness"].items()
    ]


def list_gains_over_random(evidence: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """List the gains over random orders with intervals, by words or regions and by method."""
    titles = {
        "integrated_gradients": "integrated gradients",
        "gradient_x_input": "gradient x input",
        "difference": "difference of the two",
        "class_activation": "class activation mapping",
        "share": "its share of integrated gradients' gain",
    }
    return [
        (f"{parts}, {title}", *(_format_gain(evidence[parts][method][name]) for name in MEASURES))
        for parts in ("words", "regions")
        if parts in evidence
        for method, title in titles.items()
        if method in evidence[parts]
    ]


def format_leading_modality_accuracy(leading: Mapping[str, Any]) -> str:
    """Describe how often the leading modality is the one whose label equals the joint label."""
    low, high = leading["interval"]
    return (
        f"The leading modality is correct for {leading['mean']:.3f} ({low:.3f}-{high:.3f}) of the "
        f"{leading['posts']:,} posts where only one modality's label equals the joint label."
    )


def _format_gain(found: Mapping[str, Any] | float | None) -> str:
    if found is None or isinstance(found, float):
        return "-" if found is None else f"{found:.2f}"
    low, high = found["interval"]
    return f"{found['mean']:+.3f} ({low:+.3f} to {high:+.3f})"


def format_phrases(found: Mapping[str, Any]) -> str:
    """Format the result of `analysis.evaluation.phrases.evaluate_phrases` as text."""
    figures = ("first", "by_chance", "precision", "recall", "f1", "best_threshold", "best_f1")
    header = (
        "language",
        "half",
        "phrases",
        "first ten",
        "by chance",
        "precision",
        "recall",
        "F1",
        "best from",
        "its F1",
    )
    rows = [
        (each["language"], each["half"], str(each["phrases"]), *(f"{each[name]:.3f}" for name in figures))
        for each in found["groups"]
    ]
    heading = (
        f"{found['title']}: {found['posts']:,} posts; topics from a similarity of {found['threshold']:g}"
    )
    return "\n".join([heading, "", *_align(header, rows)])


def _format_heading(evaluation: Mapping[str, Any]) -> str:
    left_out = evaluation.get("posts_left_out", 0)
    heading = f"{evaluation['title']}: {evaluation['posts']:,} posts"
    return heading + (f", {left_out:,} without a label or input left out" if left_out else "")


def _format_interval(evaluation: Mapping[str, Any], key: str) -> str:
    return _format_limits(evaluation["intervals"][key])


def _format_limits(interval: Sequence[float]) -> str:
    low, high = interval
    return f"{low:.3f} to {high:.3f}"


def _align(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Align columns: the first to the left, others to the right."""
    table = [header, *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(header))]
    return [
        "  ".join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in table
    ]
