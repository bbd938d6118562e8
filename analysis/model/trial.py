"""Runs a bundle on sample inputs when it is loaded, to find errors that checks of single values miss.

Examples: too few position embeddings, a wrong encoding size, or a layer that does not exist.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from analysis.errors import BundleError
from analysis.model.bundle_files import wrap_bundle_errors
from analysis.model.modalities import get_modality
from analysis.model.outputs import compute_probabilities

if TYPE_CHECKING:
    from analysis.model.bundle import Bundle

REMEDY = "Use a bundle written by `postlens train`."


def check_bundle(bundle: Bundle) -> None:
    """Encode a sample of each modality, and score it with every combination of modalities.

    Args:
        bundle: The bundle to check.

    Raises:
        BundleError: This fails, or the results are not finite or not of the sizes in config.json.
    """
    with torch.inference_mode():
        encoded = {name: get_modality(name).check(bundle) for name in bundle.model.modalities}
        with wrap_bundle_errors(f"Model {bundle.folder.name}", REMEDY):
            for row in product((1.0, 0.0), repeat=len(encoded)):
                present = torch.tensor([row])
                compute_probabilities(bundle.heads, bundle.model.predict(encoded, present), present)
            if bundle.config.space:
                for modality, values in encoded.items():
                    embedded = bundle.model.embed(modality, values)
                    check_encoding(bundle, embedded, bundle.config.space.dim, "space")


def check_encoding(bundle: Bundle, values: Tensor, dim: int, part: str) -> Tensor:
    """Return an encoding if it is finite and of shape (1, dim).

    Raises:
        ValueError: The shape is different.
        BundleError: A value is not finite.
    """
    if values.shape != (1, dim):
        raise ValueError(f"its output has the shape {tuple(values.shape)}, not (1, {dim}) as in config.json")
    if not torch.isfinite(values).all():
        raise BundleError(
            f"Model {bundle.folder.name}", f"produces values that are not finite numbers ({part})", REMEDY
        )
    return values
