"""The temperatures that make probabilities honest: one for each head and each kind of input it was measured on.

A temperature is one number fitted on held-out posts; so that it does not flatter, every figure is measured with the
temperatures that the other half of the posts gives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd
import torch
from torch import Tensor

from analysis.evaluation.metrics import fit_temperature
from analysis.model.config import Head
from analysis.model.outputs import probabilities
from analysis.training.core.examples import VIEWS
from analysis.training.core.losses import one_hot

ALONE = ("text", "image")
"""The views of one modality, in the order of the presence mask."""


@dataclass(frozen=True)
class HeldOut:
    """Answers of one head to posts that it has not seen.

    Attributes:
        head: Its name.
        inputs: "text", "image" or "both".
        logits: (posts, classes).
        truth: Class numbers, (posts,).
        posts: text, and side (of the smaller picture) or language where known; None without.
    """

    head: str
    inputs: str
    logits: Tensor
    truth: Tensor
    posts: pd.DataFrame | None = None


def calibrated(
    heads: Mapping[str, Head], held_out: Mapping[str, HeldOut]
) -> tuple[dict[str, Head], dict[str, Tensor]]:
    """Fit each head's temperatures, on all of its posts for the bundle, on half of them for the figures.

    Args:
        heads: The heads by name.
        held_out: Answers by what was measured; every head has some.

    Returns:
        The heads with their temperatures; probabilities by what was measured, (posts, classes).
    """
    fitted = dict(heads)
    probability: dict[str, Tensor] = {}
    for name, head in heads.items():
        own = {key: part for key, part in held_out.items() if part.head == name}
        fitted[name] = _fitted(head, list(own.values()), slice(None))
        for half in (0, 1):
            warm = _fitted(head, list(own.values()), slice(1 - half, None, 2))
            for key, part in own.items():
                whole = probability.setdefault(key, torch.zeros(part.logits.shape))
                logits = part.logits[half::2]
                shown = torch.tensor([VIEWS[part.inputs]] * len(logits))
                whole[half::2] = probabilities({name: warm}, {name: logits}, shown)[name]
    return fitted, probability


def temperature_figures(heads: Mapping[str, Head]) -> dict[str, float]:
    """List the temperatures as they stand in metrics.json and the card."""
    figures = {}
    for name, head in heads.items():
        figures[name] = head.temperature
        figures |= {f"{name} of {view} alone": each for view, each in zip(ALONE, head.alone, strict=False)}
    return figures


def _fitted(head: Head, parts: Sequence[HeldOut], rows: slice) -> Head:
    """Fit a temperature to each kind of input; the one of all inputs serves those that were not measured."""
    by_inputs = {
        inputs: _temperature(head, [part for part in parts if part.inputs == inputs], rows)
        for inputs in {part.inputs for part in parts}
    }
    if len(by_inputs) == 1:
        return replace(head, temperature=next(iter(by_inputs.values())))
    whole = by_inputs["both"]
    return replace(head, temperature=whole, alone=tuple(by_inputs.get(view, whole) for view in ALONE))


def _temperature(head: Head, parts: Sequence[HeldOut], rows: slice) -> float:
    """Fit one temperature; the parts count alike: thousands of tweets are not to outvote hundreds of posts."""
    weight = [torch.full((len(part.truth[rows]),), 1.0 / max(len(part.truth[rows]), 1)) for part in parts]
    return fit_temperature(
        torch.cat([part.logits[rows] for part in parts]),
        one_hot(torch.cat([part.truth[rows] for part in parts]), len(head.classes)),
        head,
        torch.cat(weight),
    )
