"""Which batches have labels that trained a model, whose predictions for these posts do not show its mistakes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from analysis.errors import BundleError
from analysis.model.bundle import METRICS, Bundle

LABEL_BATCHES = "label_batches"
"""The entry of metrics.json with the ids of the batches, by head."""


def read_label_batches(bundle: Bundle) -> dict[str, tuple[str, ...]]:
    """Read the ids of the batches whose labels trained each head of a bundle or of those it was trained from.

    Raises:
        BundleError: metrics.json is malformed.
    """
    found: Any = bundle.metrics.get(LABEL_BATCHES, {})
    if not isinstance(found, Mapping) or not all(_is_list_of_texts(each) for each in found.values()):
        raise BundleError(
            f"{bundle.folder.name}/{METRICS}",
            f"has an invalid {LABEL_BATCHES} table",
            "Use a bundle written by PostLens.",
        )
    return {head: tuple(ids) for head, ids in found.items()}


def list_heads_trained_on(bundle: Bundle, batch_ids: Collection[str]) -> tuple[str, ...]:
    """List the heads of a bundle that labels of some batches trained; see `read_label_batches` for errors."""
    trained_on = read_label_batches(bundle)
    return tuple(sorted(head for head, ids in trained_on.items() if not set(batch_ids).isdisjoint(ids)))


def _is_list_of_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)
