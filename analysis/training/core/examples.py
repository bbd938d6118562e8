"""Training examples over encodings: what the fusion and the heads learn from.

Modality dropout is exhaustive here: each MVSA pair is shown whole with the joint label, as text alone with
the label people gave to the text, and as picture alone with the label people gave to the picture.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from analysis.training.core.losses import one_hot

VIEWS = {"both": (1.0, 1.0), "text": (1.0, 0.0), "image": (0.0, 1.0)}
"""Presence of (text, image) in each view."""
LABEL_OF_VIEW = {"both": "label", "text": "text_label", "image": "image_label"}
"""The MVSA column that holds what people said of just that view."""


@dataclass(frozen=True)
class Examples:
    """A set of examples.

    Attributes:
        encoded: (examples, dim) by modality; zeros where absent.
        present: 0/1, (examples, modalities).
        targets: Class probabilities by head, (examples, classes); a row of NaN has no label for that head.
        weight: Weight in the loss, (examples,).
    """

    encoded: Mapping[str, Tensor]
    present: Tensor
    targets: Mapping[str, Tensor]
    weight: Tensor

    def __len__(self) -> int:
        return len(self.weight)

    def take(self, rows: Tensor) -> Examples:
        """Choose examples by row numbers."""
        return Examples(
            {modality: values[rows] for modality, values in self.encoded.items()},
            self.present[rows],
            {head: values[rows] for head, values in self.targets.items()},
            self.weight[rows],
        )


def make_examples(
    text: Tensor | None,
    image: Tensor | None,
    view: str,
    targets: Mapping[str, Tensor],
    dims: Mapping[str, int],
    classes: Mapping[str, int],
    weight: float = 1.0,
) -> Examples:
    """Build the examples of one view.

    Args:
        text: Text encodings, (examples, dim); None if the view has none.
        image: Picture encodings, likewise.
        view: A key of `VIEWS`.
        targets: Class numbers (examples,) or probabilities (examples, classes), by head; heads left out are NaN.
        dims: Size of each modality's encoding.
        classes: How many classes each head has.
        weight: Weight of each example in the loss.

    Returns:
        One example a row.
    """
    given = {"text": text, "image": image}
    rows = next(len(values) for values in given.values() if values is not None)
    encoded = {
        modality: values.clone() if values is not None and shown else torch.zeros(rows, dims[modality])
        for (modality, values), shown in zip(given.items(), VIEWS[view], strict=True)
    }
    full = {head: torch.full((rows, count), torch.nan) for head, count in classes.items()}
    for head, values in targets.items():
        full[head] = values if values.ndim == 2 else one_hot(values, classes[head])
    return Examples(encoded, torch.tensor([VIEWS[view]]).repeat(rows, 1), full, torch.full((rows,), weight))


def join(*sets: Examples) -> Examples:
    """Put sets of examples one after another."""
    return Examples(
        {modality: torch.cat([part.encoded[modality] for part in sets]) for modality in sets[0].encoded},
        torch.cat([part.present for part in sets]),
        {head: torch.cat([part.targets[head] for part in sets]) for head in sets[0].targets},
        torch.cat([part.weight for part in sets]),
    )


def show_blanks(
    batch: Examples, blanks: Mapping[str, Tensor], rate: float, generator: torch.Generator
) -> Examples:
    """Replace some absent modalities by a blank input: [MASK] tokens, a black picture.

    Blank inputs are the baselines of word and pixel attribution. A model that has learned that they say no
    more than an absent input lets words and pixels add up to the modality's value.

    Args:
        batch: Examples.
        blanks: Encodings of blank inputs, (blanks, dim) by modality.
        rate: Part of the absent modalities to replace.
        generator: Source of chance.

    Returns:
        The examples with those modalities present and blank.
    """
    encoded, present = dict(batch.encoded), batch.present.clone()
    for column, modality in enumerate(encoded):
        chosen = (present[:, column] == 0) & (torch.rand(len(batch), generator=generator) < rate)
        rows = torch.nonzero(chosen).squeeze(1)
        which = torch.randint(len(blanks[modality]), (len(rows),), generator=generator)
        encoded[modality] = encoded[modality].index_copy(0, rows, blanks[modality][which])
        present[rows, column] = 1.0
    return replace(batch, encoded=encoded, present=present)
