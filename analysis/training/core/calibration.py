"""Calibration by temperature scaling: one temperature per head and per kind of input (text, image, both).

Texts that the branch of other languages reads have a temperature of their own, as a factor of their logits.
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
        is_other: Whether the branch of other languages reads the text, (posts,) bool; None if the posts are English
            or the text encoder has no branches.
    """

    head: str
    inputs: str
    logits: Tensor
    truth: Tensor
    posts: pd.DataFrame | None = None
    is_other: Tensor | None = None

    def scale_other(self, factor: float) -> Tensor:
        """Multiply the logits of texts that the branch of other languages reads: (posts, classes)."""
        if self.is_other is None:
            return self.logits
        return torch.where(self.is_other.unsqueeze(1), factor * self.logits, self.logits)


def fit_temperatures(
    heads: Mapping[str, Head], held_out: Mapping[str, HeldOut]
) -> tuple[dict[str, Head], dict[str, Tensor], dict[str, float]]:
    """Fit the temperatures of each head: on all held-out posts for the bundle, on half of them for the metrics.

    Args:
        heads: The heads by name.
        held_out: Logits by evaluation; every head has at least one with `is_other` None.

    Returns:
        The heads with fitted temperatures, probabilities by evaluation, (posts, classes), and by head the factor of
        the logits of texts that the branch of other languages reads, for heads with such texts.
    """
    fitted, factors = dict(heads), {}
    probability: dict[str, Tensor] = {}
    for name, head in heads.items():
        parts = {key: part for key, part in held_out.items() if part.head == name}
        fitted[name], factor = _fit_head_temperatures(head, list(parts.values()), slice(None))
        if factor is not None:
            factors[name] = factor
        for half in (0, 1):
            other, factor = _fit_head_temperatures(head, list(parts.values()), slice(1 - half, None, 2))
            for key, part in parts.items():
                target = probability.setdefault(key, torch.zeros(part.logits.shape))
                logits = part.scale_other(factor or 1.0)[half::2]
                shown = torch.tensor([VIEWS[part.inputs]] * len(logits))
                target[half::2] = compute_probabilities({name: other}, {name: logits}, shown)[name]
    return fitted, probability, factors


def list_temperatures(heads: Mapping[str, Head], factors: Mapping[str, float]) -> dict[str, float]:
    """List the temperatures for metrics.json and the model card; see `fit_temperatures` for the factors."""
    figures = {}
    for name, head in heads.items():
        alone = dict(zip(SINGLE_VIEWS, head.alone, strict=False))
        figures[name] = head.temperature
        figures |= {f"{name} of {view} alone": each for view, each in alone.items()}
        if name in factors:
            text = alone.get("text", head.temperature)
            figures[f"{name} of text alone in other languages"] = text / factors[name]
    return figures


def _fit_head_temperatures(head: Head, parts: Sequence[HeldOut], rows: slice) -> tuple[Head, float | None]:
    """Fit a temperature for each kind of input; kinds without data get the temperature of `both`.

    Returns:
        The head, and the factor for texts in other languages; None without such texts.
    """
    main = [part for part in parts if part.is_other is None]
    by_inputs = {
        inputs: _fit_shared_temperature(head, [part for part in main if part.inputs == inputs], rows)
        for inputs in {part.inputs for part in main}
    }
    if len(by_inputs) == 1:
        fitted = replace(head, temperature=next(iter(by_inputs.values())))
    else:
        both = by_inputs["both"]
        fitted = replace(
            head, temperature=both, alone=tuple(by_inputs.get(view, both) for view in SINGLE_VIEWS)
        )
    others = [_keep_other(part, rows) for part in parts if part.is_other is not None]
    others = [part for part in others if len(part.truth)]
    if not others:
        return fitted, None
    return fitted, by_inputs["text"] / _fit_shared_temperature(head, others, slice(None))


def _keep_other(part: HeldOut, rows: slice) -> HeldOut:
    """Keep the texts among these rows that the branch of other languages reads."""
    assert part.is_other is not None  # noqa: S101 (for the type checker)
    kept = part.is_other[rows]
    return replace(part, logits=part.logits[rows][kept], truth=part.truth[rows][kept], is_other=kept[kept])


def _fit_shared_temperature(head: Head, parts: Sequence[HeldOut], rows: slice) -> float:
    """Fit one temperature; all parts have the same total weight, so that thousands of tweets do not dominate."""
    weight = [torch.full((len(part.truth[rows]),), 1.0 / max(len(part.truth[rows]), 1)) for part in parts]
    labelled = find_labelled_classes(head)
    target = one_hot_targets(torch.cat([part.truth[rows] for part in parts]), len(head.classes))
    logits = torch.cat([part.logits[rows] for part in parts])
    return fit_evaluation_temperature(logits[:, labelled], target[:, labelled], head, torch.cat(weight))
