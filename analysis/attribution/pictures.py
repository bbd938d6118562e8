"""The pictures of a post with the values of their regions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.attribution.ledger import PictureValue
from analysis.model.modalities.image import DecodedPictures


def picture_values(
    pictures: DecodedPictures, values: NDArray[np.float64], regions: int
) -> tuple[PictureValue, ...]:
    """Divide the values of all regions by picture.

    Args:
        pictures: The post's pictures.
        values: Of the regions of all pictures, in their order, (regions,).
        regions: About how many regions a picture is divided into (`Settings.superpixels`).
    """
    numbered: Sequence[NDArray[np.int64]] = pictures.regions(regions)
    ends = np.cumsum([int(each.max()) + 1 for each in numbered])
    return tuple(
        PictureValue(media_id, float(part.sum()), each, part)
        for (media_id, _), each, part in zip(
            pictures.pictures, numbered, np.split(values, ends[:-1]), strict=True
        )
    )
