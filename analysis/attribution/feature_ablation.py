"""Feature ablation with Captum's `FeatureAblation`: how much the score drops without each part."""

from __future__ import annotations

import numpy as np
import torch
from captum.attr import FeatureAblation as CaptumAblation
from numpy.typing import NDArray

from analysis.attribution.method import AttributionMethod
from analysis.attribution.target import Target
from analysis.model.encoded_post import EncodedPost


class FeatureAblation(AttributionMethod):
    """Replaces one part at a time by the baseline. The values do not add up."""

    name = "feature_ablation"

    def attribute(self, post: EncodedPost, target: Target, steps: int) -> NDArray[np.float64]:
        """See `AttributionMethod.attribute`."""
        explainable, score = self.explained(post, target, masked=True)
        with torch.inference_mode():
            by_element = CaptumAblation(score).attribute(
                explainable.inputs,
                baselines=explainable.baseline,
                feature_mask=explainable.part_of.unsqueeze(0),
                perturbations_per_eval=explainable.rows,
            )
        # All elements of a part have the same value, so take the first of each part.
        parts = explainable.part_of.expand_as(explainable.inputs[0]).numpy().ravel()
        first = np.unique(parts, return_index=True)[1]
        return by_element[0].double().numpy().ravel()[first][: explainable.parts]
