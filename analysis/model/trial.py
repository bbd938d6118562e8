"""Runs a bundle once on sample inputs when it is loaded, which finds mistakes that checks of single values miss.

Examples are positions that run out, a size that the encoder does not return, or a layer that does not exist.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from analysis.errors import BundleError
from analysis.model.bundle_files import readable
from analysis.model.modalities import get_modality
from analysis.model.outputs import probabilities

if TYPE_CHECKING:
    from analysis.model.bundle import Bundle

REMEDY = "Use a bundle written by `postlens train`."


def check_bundle(bundle: Bundle) -> None:
    """Encode a sample of each modality, and score it with every combination of modalities.

    Args:
        bundle: Just loaded.

    Raises:
        BundleError: That fails, or does not return finite numbers of the sizes in config.json.
    """
    with torch.inference_mode():
        encoded = {name: get_modality(name).check(bundle) for name in bundle.model.modalities}
        with readable(f"Model {bundle.folder.name}", REMEDY):
            for row in product((1.0, 0.0), repeat=len(encoded)):
                present = torch.tensor([row])
                probabilities(bundle.heads, bundle.model.predict(encoded, present), present)
            if bundle.config.space:
                for modality, values in encoded.items():
                    embedded = bundle.model.embed(modality, values)
                    check_encoding(bundle, embedded, bundle.config.space.dim, "space")


def check_encoding(bundle: Bundle, values: Tensor, dim: int, part: str) -> Tensor:
    """Return an encoding if it is finite and of shape (1, dim).

    Raises:
        ValueError: It has another shape.
        BundleError: A value is not finite.
    """
    if values.shape != (1, dim):
        raise ValueError(f"it gives {tuple(values.shape)} numbers, not {dim} as config.json says")
    if not torch.isfinite(values).all():
        raise BundleError(f"Model {bundle.folder.name}", f"gives no finite numbers (its {part})", REMEDY)
    return values
