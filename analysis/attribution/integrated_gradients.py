"""Integrated gradients (Sundararajan et al. 2017) on a layer, with Captum's `LayerIntegratedGradients`."""

from __future__ import annotations

import numpy as np
from captum.attr import LayerIntegratedGradients
from numpy.typing import NDArray

from analysis.attribution.ledger import INTEGRATED_GRADIENTS
from analysis.attribution.method import AttributionMethod
from analysis.attribution.target import Target
from analysis.model.encoded_post import EncodedPost


class IntegratedGradients(AttributionMethod):
    """Integrates gradients on the path from the baseline to the input, by Gauss-Legendre quadrature."""

    name = INTEGRATED_GRADIENTS
    complete = True

    def attribute(self, post: EncodedPost, target: Target, steps: int) -> NDArray[np.float64]:
        """See `AttributionMethod.attribute`."""
        explainable, score = self.explained(post, target)
        values = LayerIntegratedGradients(score, explainable.get_layer()).attribute(
            explainable.inputs,
            baselines=explainable.baseline,
            n_steps=steps,
            method="gausslegendre",
            internal_batch_size=explainable.gradient_rows,
        )
        return explainable.sum_by_part(values.detach())
