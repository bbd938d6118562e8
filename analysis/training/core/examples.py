"""The data set class of training: the inputs and labels of each example.

Each MVSA pair becomes three examples, a deterministic form of modality dropout: text and image with the joint label,
the text alone with its own label, and the image alone with its own label.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd
import torch
from torch import Tensor

from analysis.model.config import Head
from analysis.training.core.losses import one_hot_targets

Collate = Callable[[Sequence[Any]], dict[str, Tensor]]
"""Converts the inputs of one modality to the keyword arguments of its encoder's `forward`."""
VIEWS = {"both": (1.0, 1.0), "text": (1.0, 0.0), "image": (0.0, 1.0)}
"""Presence of (text, image) in each view of a pair."""
LABEL_OF_VIEW = {"both": "label", "text": "text_label", "image": "image_label"}
"""The MVSA column with the label of each view."""
BUCKET = 50
"""Batches that are sorted by length together: enough to reduce padding, few enough to keep batches mixed."""


@dataclass(frozen=True)
class Examples:
    """A set of training examples.

    Attributes:
        inputs: One entry per example, by modality; None where the example does not have the modality. Entries are in
            the form that the modality's collate function takes: token ids, an image path, a feature map, or an
            encoding.
        targets: Class probabilities by head, (examples, classes); a row of NaN means no label for that head.
        weight: Weight in the loss, (examples,).
    """

    inputs: Mapping[str, Sequence[Any]]
    targets: Mapping[str, Tensor]
    weight: Tensor

    def __len__(self) -> int:
        return len(self.weight)

    @cached_property
    def lengths(self) -> list[int]:
        """Number of tokens of each example; 0 if the text is absent or not a list of tokens."""
        texts = self.inputs.get("text", [None] * len(self))
        return [len(text) if isinstance(text, list) else 0 for text in texts]

    def take(self, rows: Tensor) -> Examples:
        """Select examples by row index."""
        numbers = rows.tolist()
        return Examples(
            {modality: [values[row] for row in numbers] for modality, values in self.inputs.items()},
            {head: values[rows] for head, values in self.targets.items()},
            self.weight[rows],
        )

    def present(self, modalities: Sequence[str]) -> Tensor:
        """Return the presence mask: bool, (examples, modalities)."""
        columns = [[value is not None for value in self.inputs[modality]] for modality in modalities]
        return torch.tensor(columns, dtype=torch.bool).T

    def batches(self, size: int, generator: torch.Generator) -> list[Tensor]:
        """Split into shuffled batches of similar length: row indices, (batch,) each."""
        lengths = torch.tensor(self.lengths)
        batches: list[Tensor] = []
        for bucket in torch.randperm(len(self), generator=generator).split(size * BUCKET):
            batches.extend(bucket[lengths[bucket].argsort(stable=True)].split(size))
        return [batches[number] for number in torch.randperm(len(batches), generator=generator).tolist()]


def make_examples(
    inputs: Mapping[str, Sequence[Any] | None],
    targets: Mapping[str, Tensor],
    heads: Mapping[str, Head],
    weight: Tensor | float = 1.0,
) -> Examples:
    """Build examples; inputs and targets that are not passed are absent.

    Args:
        inputs: One entry per example, by modality; None where no example has that modality.
        targets: Class indices (examples,) or probabilities (examples, classes), by head; other heads get NaN.
        heads: The heads by name.
        weight: Weight in the loss, (examples,) or one number for all.
    """
    count = next(len(values) for values in inputs.values() if values is not None)
    absent: list[Any] = [None] * count
    full = {name: torch.full((count, len(head.classes)), torch.nan) for name, head in heads.items()}
    for name, values in targets.items():
        full[name] = values if values.ndim == 2 else one_hot_targets(values, len(heads[name].classes))
    return Examples(
        {modality: absent if values is None else values for modality, values in inputs.items()},
        full,
        weight if isinstance(weight, Tensor) else torch.full((count,), weight),
    )


def make_pair_examples(
    frame: pd.DataFrame,
    view: str,
    text: Sequence[Any],
    image: Sequence[Any],
    heads: Mapping[str, Head],
    targets: Mapping[str, Tensor] | None = None,
    weight: float = 1.0,
) -> Examples:
    """Build the examples of one view of MVSA pairs, with the sentiment label of that view.

    Args:
        frame: The pairs; see `analysis.training.core.data_sets.LabelledData`.
        view: A key of `VIEWS`.
        text: Text input of each pair.
        image: Image input of each pair.
        heads: The heads by name.
        targets: Targets of other heads; see `make_examples`.
        weight: Weight of each example in the loss.
    """
    with_text, with_image = VIEWS[view]
    return make_examples(
        {"text": text if with_text else None, "image": image if with_image else None},
        {**(targets or {}), "sentiment": torch.tensor(frame[LABEL_OF_VIEW[view]].to_numpy())},
        heads,
        weight,
    )


def concatenate_examples(*sets: Examples) -> Examples:
    """Concatenate sets of examples, which must have the same modalities and heads."""
    first = sets[0]
    return Examples(
        {name: [each for part in sets for each in part.inputs[name]] for name in first.inputs},
        {name: torch.cat([part.targets[name] for part in sets]) for name in first.targets},
        torch.cat([part.weight for part in sets]),
    )


def stack_training_encodings(encodings: Sequence[Tensor]) -> dict[str, Tensor]:
    """Collate precomputed encodings, as input of an `nn.Identity` encoder."""
    return {"input": torch.stack(list(encodings))}
