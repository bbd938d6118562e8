"""Fills the Markdown templates of model cards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def fill_card_template(path: Path, **values: object) -> str:
    """Fill a template with `str.format` placeholders.

    Args:
        path: The Markdown template.
        values: A value for each placeholder.

    Returns:
        The filled template, Markdown.
    """
    return path.read_text(encoding="utf-8").format(**values)


def format_card_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Format a Markdown table."""
    lines = [f"| {' | '.join(header)} |", "|" + "---|" * len(header)]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def format_with_interval(evaluation: Mapping[str, Any], key: str) -> str:
    """Format a metric of an evaluation with its 95 % interval."""
    low, high = evaluation["intervals"][key]
    return f"{evaluation[key]:.3f} ({low:.3f}-{high:.3f})"
