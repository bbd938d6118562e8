"""How the columns of a bundle's heads are named in the score table; what they mean is `analysis.report.columns`.

sentiment (exclusive)       sentiment, p_<class> each
any other exclusive head    <head>, p_<class> each
not_<class> and <class>     p_<class>
classes by themselves       <head>, <head>_confidence, <head>_<class> each
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from analysis.errors import BundleError
from analysis.model.config import Head, ModelConfig
from analysis.posts import POST_COLUMNS
from analysis.workspace import PART_COLUMNS

_TAKEN = {
    *POST_COLUMNS,
    *(name for part in PART_COLUMNS.values() for name in part),
    "position",
    "at_odds",
    "decided_by",
} - {
    "topic",
    "topic_confidence",
}
"""Columns that every scored post has, beside those of heads."""


def class_columns(heads: Mapping[str, Head]) -> dict[str, dict[str, str]]:
    """Name the columns of probabilities.

    Args:
        heads: The bundle's, by name.

    Returns:
        The column by head and class; a class whose name an earlier head has already gives <head>_<class>.
    """
    taken: set[str] = set()
    columns: dict[str, dict[str, str]] = {}
    for name, head in sorted(heads.items(), key=lambda pair: pair[0] != "sentiment"):
        columns[name] = {}
        for one in [head.mark] if head.mark else head.classes:
            short = f"p_{one}"
            columns[name][one] = short if head.exclusive and short not in taken else f"{name}_{one}"
        taken.update(columns[name].values())
    return columns


def repeated_columns(heads: Mapping[str, Head]) -> Iterator[tuple[str, str]]:
    """Give each head and column of the score table that another column of that name is in already."""
    probabilities, taken = class_columns(heads), set(_TAKEN)
    for name, head in heads.items():
        if name == "sentiment":  # has its columns among those of every report
            continue
        columns = [name, *probabilities[name].values(), *([] if head.exclusive else [f"{name}_confidence"])]
        for column in columns:
            if column in taken:
                yield name, column
            taken.add(column)


def check_scores(config: ModelConfig) -> None:
    """Check that a model can score a batch: not every model that can be trained and evaluated can.

    Raises:
        BundleError: It lacks a head that reports and pages are built on, or two columns would have one name.
    """
    for name in ("sentiment", "topic"):
        if name not in config.heads:
            raise BundleError(
                f"Model {config.name}",
                f"has no head {name}, so it cannot score a batch",
                "Use another model, such as compact.",
            )
    for name, column in repeated_columns(config.heads):
        raise BundleError(
            f"Model {config.name}",
            f"would give the report two columns {column} (head {name})",
            "Rename the head or its class in config.json and in the weights.",
        )
