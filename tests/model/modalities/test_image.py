"""Values of positions are divided among image regions."""

import pytest
import torch
from PIL import Image

from analysis.model.bundle import Bundle
from analysis.model.modalities import get_modality
from analysis.model.modalities.image import ImageInput
from analysis.settings import Settings


@pytest.mark.parametrize("cells", [3, 7])  # 48 pixels are no multiple of 7
def test_values_are_spread_smoothly_and_keep_their_sum(
    additive_bundle: Bundle, photo: Image.Image, cells: int
) -> None:
    modality = get_modality("image")
    decoded = modality.decode(additive_bundle, [("photo.png", photo)])
    explained = modality.explain(additive_bundle, decoded, Settings(superpixels=400))
    assert isinstance(explained, ImageInput)
    values = torch.zeros(1, 1, cells, cells)
    values[0, 0, 1, 1] = 2.0
    found = explained.sum_by_part(values)
    assert found.sum() == pytest.approx(2.0)
    region = explained.part_of[0, 0]
    density = torch.from_numpy(found)[region] / torch.bincount(region.flatten())[region]
    row = density[round(48 * 1.5 / cells)]
    middle, next_cell = round(48 * 1.5 / cells), round(48 * 2.1 / cells)
    assert row[middle] > row[next_cell] > row[-1] == 0
