"""Checks that a model can score a batch: it needs two heads, and unique column names."""

from __future__ import annotations

from analysis.columns import repeated_columns
from analysis.errors import BundleError
from analysis.model.config import ModelConfig


def check_scores(config: ModelConfig) -> None:
    """Check that a model can score a batch: not every model that can be trained and evaluated can.

    Raises:
        BundleError: It lacks a head that reports and pages need, or two columns would have the same name.
    """
    for name in ("sentiment", "topic"):
        if name not in config.heads:
            raise BundleError(
                f"Model {config.name}",
                f"has no head {name}, so it cannot score a batch",
                "Use another model, such as compact.",
            )
    for name, column in repeated_columns(config.heads, config.modalities):
        raise BundleError(
            f"Model {config.name}",
            f"would create two report columns named {column} (head {name})",
            "Rename the head or its class in config.json and in the weights.",
        )
