"""Gradient x input (Shrikumar et al. 2016) on a layer, with Captum's `LayerGradientXActivation`."""

from __future__ import annotations

import numpy as np
from captum.attr import LayerGradientXActivation
from numpy.typing import NDArray

from analysis.attribution.ledger import GRADIENT_X_INPUT
from analysis.attribution.method import AttributionMethod
from analysis.attribution.target import Target
from analysis.model.encoded_post import EncodedPost


class GradientXInput(AttributionMethod):
    """Multiplies one gradient by the layer's output: fast, but not complete."""

    name = GRADIENT_X_INPUT

    def attribute(self, post: EncodedPost, target: Target, steps: int) -> NDArray[np.float64]:
        """See `AttributionMethod.attribute`."""
        explainable, score = self.explained(post, target)
        values = LayerGradientXActivation(score, explainable.get_layer()).attribute(explainable.inputs)
        return explainable.sum_by_part(values.detach())
