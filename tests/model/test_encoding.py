import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.transforms.v2 import functional as transforms

from analysis.model.bundle import Bundle
from analysis.model.encoding import convert_to_pixels, encode_images, encode_texts, resize_to_square

TEXTS = ["good day", "so awful a match!!! the phone is bad , not lovely", "", "good day", "rain"]


def test_texts_of_a_batch_are_encoded_as_single_ones(tiny_bundle: Bundle) -> None:
    together = encode_texts(tiny_bundle, TEXTS, batch=3)
    single = torch.cat([encode_texts(tiny_bundle, [text]) for text in TEXTS])
    assert torch.equal(
        together, single
    )  # to the last bit: a report does not depend on how posts were batched
    assert together.shape == (5, 16)


def test_equal_texts_are_encoded_once(tiny_bundle: Bundle) -> None:
    seen: list[int] = []
    handle = tiny_bundle.model.encoders["text"].register_forward_hook(
        lambda _module, _inputs, output: seen.append(len(output))
    )
    encode_texts(tiny_bundle, TEXTS)
    handle.remove()
    assert sum(seen) == 3


def test_images_of_a_batch_are_encoded_as_single_ones(tiny_bundle: Bundle) -> None:
    rng = np.random.default_rng(0)
    images = {str(n): Image.fromarray(rng.integers(0, 256, (30, 50, 3), dtype=np.uint8)) for n in range(5)}
    names = ["0", "1", "2", "1", "3", "4"]
    together = encode_images(tiny_bundle, names, images.__getitem__, batch=4)
    assert list(together) == ["0", "1", "2", "3", "4"]
    for name, vector in together.items():
        single = encode_images(tiny_bundle, [name], images.__getitem__)[name]
        torch.testing.assert_close(vector, single, atol=1e-5, rtol=0)


def test_the_image_is_resized_to_the_input_without_cropping(tiny_bundle: Bundle) -> None:
    wide = Image.new("RGB", (200, 50))
    wide.paste((255, 255, 255), (190, 0, 200, 50))  # a white stripe at the very edge
    pixels = convert_to_pixels(wide, tiny_bundle.config.encoders["image"])
    assert pixels.shape == (3, 48, 48)
    assert pixels[:, :, -1].min() > 0.5
    assert pixels[:, :, 0].max() < -0.9


@pytest.mark.parametrize("size", [(30, 50), (48, 48), (300, 7), (1, 400)])
def test_images_are_resized_exactly_as_by_torchvision(tiny_bundle: Bundle, size: tuple[int, int]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    config = tiny_bundle.config.encoders["image"]
    square, bicubic = [config.side, config.side], transforms.InterpolationMode.BICUBIC
    image = transforms.pil_to_tensor(Image.fromarray(pixels))
    expected = transforms.resize(image, square, bicubic, antialias=True)
    assert torch.equal(resize_to_square(Image.fromarray(pixels), config), expected)
    assert torch.equal(resize_to_square(image, config), expected)
