"""Assigns values to the image regions of a post."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.attribution.ledger import ImageValue, split_cells
from analysis.model.modalities.image import DecodedImages


def attribute_images(
    images: DecodedImages,
    values: NDArray[np.float64],
    regions: int,
    cells: NDArray[np.float64] | None = None,
) -> tuple[ImageValue, ...]:
    """Split the values of all regions by image.

    Args:
        images: The post's images.
        values: Values of the regions of all images, in order, (regions,).
        regions: Approximate number of regions per image (`Settings.superpixels`).
        cells: Values of the cells of all images, in order, (cells,); None if the method has none.
    """
    numbered: Sequence[NDArray[np.int64]] = images.regions(regions)
    ends = np.cumsum([int(each.max()) + 1 for each in numbered])
    parts = np.split(values, ends[:-1])
    maps = [None] * len(parts) if cells is None else split_cells(cells, len(parts))
    return tuple(
        ImageValue(media_id, float(part.sum()), each, part, grid)
        for (media_id, _), each, part, grid in zip(images.images, numbered, parts, maps, strict=True)
    )
