"""A second image for posts with several."""

import pytest
from PIL import Image


@pytest.fixture
def other_image() -> Image.Image:
    return Image.effect_mandelbrot((60, 60), (-2, -1, 1, 1), 50).convert("RGB")
