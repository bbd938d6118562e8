"""Calibration by temperature scaling: one temperature per head and per kind of input (text, image, both).

Temperatures are fitted on held-out posts. To avoid leakage, each half of the posts is evaluated with the temperatures
fitted on the other half.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd
import torch
from torch import Tensor

from analysis.evaluation.metrics import fit_evaluation_temperature
from analysis.model.config import Head
from analysis.model.outputs import compute_probabilities
from analysis.training.core.data_sets import find_labelled_classes
from analysis.training.core.examples import VIEWS
from analysis.training.core.losses import one_hot_targets

SINGLE_VIEWS = ("text", "image")
"""The views with a single modality, in the order of the presence mask."""


@dataclass(frozen=True)
class HeldOut:
    """Logits of one head for held-out posts.

    Attributes:
        head: Name of the head.
        inputs: "text", "image" or "both".
        logits: (posts, classes).
        truth: Class indices, (posts,).
        posts: Columns text and, where known, side (of the smallest image) or language; None if not needed.
    """

    head: str
    inputs: str
    logits: Tensor
    truth: Tensor
    posts: pd.DataFrame | None = None


def fit_temperatures(
    heads: Mapping[str, Head], held_out: Mapping[str, HeldOut]
) -> tuple[dict[str, Head], dict[str, Tensor]]:
    """Fit the temperatures of each head: on all held-out posts for the bundle, on half of them for the metrics.

    Args:
        heads: The heads by name.
        held_out: Logits by evaluation; every head has at least one.

    Returns:
        The heads with fitted temperatures, and probabilities by evaluation, (posts, classes).
    """
    fitted = dict(heads)
    probability: dict[str, Tensor] = {}
    for name, head in heads.items():
        parts = {key: part for key, part in held_out.items() if part.head == name}
        fitted[name] = _fit_head_temperatures(head, list(parts.values()), slice(None))
        for half in (0, 1):
            other = _fit_head_temperatures(head, list(parts.values()), slice(1 - half, None, 2))
            for key, part in parts.items():
                target = probability.setdefault(key, torch.zeros(part.logits.shape))
                logits = part.logits[half::2]
                shown = torch.tensor([VIEWS[part.inputs]] * len(logits))
                target[half::2] = compute_probabilities({name: other}, {name: logits}, shown)[name]
    return fitted, probability


def list_temperatures(heads: Mapping[str, Head]) -> dict[str, float]:
    """List the temperatures for metrics.json and the model card."""
    figures = {}
    for name, head in heads.items():
        figures[name] = head.temperature
        figures |= {
            f"{name} of {view} alone": each for view, each in zip(SINGLE_VIEWS, head.alone, strict=False)
        }
    return figures


def _fit_head_temperatures(head: Head, parts: Sequence[HeldOut], rows: slice) -> Head:
    """Fit a temperature for each kind of input; kinds without data get the temperature of `both`."""
    by_inputs = {
        inputs: _fit_shared_temperature(head, [part for part in parts if part.inputs == inputs], rows)
        for inputs in {part.inputs for part in parts}
    }
    if len(by_inputs) == 1:
        return replace(head, temperature=next(iter(by_inputs.values())))
    both = by_inputs["both"]
    return replace(head, temperature=both, alone=tuple(by_inputs.get(view, both) for view in SINGLE_VIEWS))


def _fit_shared_temperature(head: Head, parts: Sequence[HeldOut], rows: slice) -> float:
    """Fit one temperature; all parts have the same total weight, so that thousands of tweets do not dominate."""
    weight = [torch.full((len(part.truth[rows]),), 1.0 / max(len(part.truth[rows]), 1)) for part in parts]
    labelled = find_labelled_classes(head)
    target = one_hot_targets(torch.cat([part.truth[rows] for part in parts]), len(head.classes))
    logits = torch.cat([part.logits[rows] for part in parts])
    return fit_evaluation_temperature(logits[:, labelled], target[:, labelled], head, torch.cat(weight))
