"""Assigns values to the image regions of a post."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.attribution.ledger import ImageValue
from analysis.model.modalities.image import DecodedImages


def attribute_images(
    images: DecodedImages, values: NDArray[np.float64], regions: int
) -> tuple[ImageValue, ...]:
    """Split the values of all regions by image.

    Args:
        images: The post's images.
        values: Values of the regions of all images, in order, (regions,).
        regions: Approximate number of regions per image (`Settings.superpixels`).
    """
    numbered: Sequence[NDArray[np.int64]] = images.regions(regions)
    ends = np.cumsum([int(each.max()) + 1 for each in numbered])
    return tuple(
        ImageValue(media_id, float(part.sum()), each, part)
        for (media_id, _), each, part in zip(
            images.images, numbered, np.split(values, ends[:-1]), strict=True
        )
    )
