"""Grad-CAM (Selvaraju et al. 2017) with Captum's `LayerGradCam`: which areas of an image are important."""

from __future__ import annotations

import numpy as np
from captum.attr import LayerGradCam
from numpy.typing import NDArray

from analysis.attribution.method import AttributionMethod
from analysis.attribution.target import Target
from analysis.model.encoded_post import EncodedPost


class GradCam(AttributionMethod):
    """Weights the channels of a feature map by their mean gradient. The values do not add up.

    The parts are the cells of the feature map.
    """

    def attribute(self, post: EncodedPost, target: Target, steps: int) -> NDArray[np.float64]:
        """See `AttributionMethod.attribute`.

        Returns:
            (images, height, width) of the layer's feature map, scaled to 0..1 by the highest value of all images.
        """
        explainable, score = self.explained(post, target)
        gradients = LayerGradCam(score, explainable.get_layer())
        maps = gradients.attribute(explainable.inputs, relu_attributions=True)
        values: NDArray[np.float64] = maps.detach()[:, 0].double().numpy()  # (images, height, width)
        return values / max(float(values.max()), 1e-12)
