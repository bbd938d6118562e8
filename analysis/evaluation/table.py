"""An evaluation as plain text, to be read in a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.evaluation.metrics import FIGURES

FIGURE_TITLES = {
    "accuracy": "accuracy",
    "weighted_f1": "weighted F1",
    "macro_f1": "macro F1",
    "macro_recall": "macro recall",
    "ece": "calibration error",
}
"""What the figures are called."""
BASELINE_TITLES = {
    "majority": "always the commonest class",
    "tfidf": "TF-IDF with logistic regression",
    "vader": "VADER's word list",
}
"""What the baselines are called."""


def evaluation_table(evaluation: Mapping[str, Any]) -> str:
    """Write an evaluation as text.

    Args:
        evaluation: Of `analysis.evaluation.evaluate`, with or without `baselines`.

    Returns:
        Lines with the figures and their intervals, each class, the confusion matrix, slices and baselines.
    """
    names = list(evaluation["classes"])
    parts = [
        [_heading(evaluation)],
        _rows(
            ("figure", "value", "95 % interval"),
            [
                *(
                    (FIGURE_TITLES[key], f"{evaluation[key]:.3f}", _interval(evaluation, key))
                    for key in FIGURES
                ),
                ("the same if perfect", f"{evaluation['ece_by_chance']:.3f}", "by chance alone"),
            ],
        ),
        _rows(
            ("class", "precision", "recall", "F1", "posts"),
            [
                (name, *(f"{each[key]:.3f}" for key in ("precision", "recall", "f1")), f"{each['support']:,}")
                for name, each in evaluation["classes"].items()
            ],
        ),
        _rows(
            ("labelled as, scored as >", *names),
            [
                (name, *(f"{posts:,}" for posts in row))
                for name, row in zip(names, evaluation["confusion"], strict=True)
            ],
        ),
    ]
    if evaluation["slices"]:
        parts.append(
            _rows(
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
    if evaluation.get("baselines"):
        compared = {"this model": evaluation} | {
            BASELINE_TITLES.get(name, name): each for name, each in evaluation["baselines"].items()
        }
        parts.append(
            _rows(
                ("compared with", *(FIGURE_TITLES[key] for key in FIGURES)),
                [
                    (name, *(f"{each[key]:.3f}" if key in each else "-" for key in FIGURES))
                    for name, each in compared.items()
                ],
            )
        )
    return "\n\n".join("\n".join(part) for part in parts)


def _heading(evaluation: Mapping[str, Any]) -> str:
    left_out = evaluation.get("posts_left_out", 0)
    said = f"{evaluation['title']}: {evaluation['posts']:,} posts"
    return said + (f", {left_out:,} left out for lack of a label or input" if left_out else "")


def _interval(evaluation: Mapping[str, Any], key: str) -> str:
    low, high = evaluation["intervals"][key]
    return f"{low:.3f} to {high:.3f}"


def _rows(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Line columns up: words to the left, numbers to the right."""
    table = [header, *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(header))]
    return [
        "  ".join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in table
    ]
