from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from analysis.errors import ScoringError
from analysis.scoring.stored_images import read_stored_image, read_stored_pixels

SAMPLES = Path(__file__).parents[2] / "sample_posts"


def written(path: Path, photo: Image.Image, **options: object) -> Path:
    photo.save(path, "JPEG", **options)
    return path


def test_pixels_are_those_of_the_image_that_explanations_open(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (61, 83, 3), dtype=np.uint8)
    made = [
        written(tmp_path / f"{number}.jpg", Image.fromarray(noise), quality=quality, subsampling=subsampling)
        for number, (quality, subsampling) in enumerate([(30, 2), (90, 1), (100, 0)])
    ]
    made.append(written(tmp_path / "grey.jpg", Image.fromarray(noise[:, :, 0]), progressive=True))
    turned = Image.Exif()
    turned[0x0112] = 6  # to be turned by a quarter
    made.append(written(tmp_path / "turned.jpg", Image.fromarray(noise), exif=turned))
    made.append(written(tmp_path / "cmyk.jpg", Image.fromarray(noise).convert("CMYK")))
    Image.fromarray(noise).save(tmp_path / "other.png")
    made.append(tmp_path / "other.png")
    for path in [*made, *sorted(SAMPLES.rglob("*.jpg"))]:
        pixels = read_stored_pixels(path, "a")
        assert np.array_equal(pixels.permute(1, 2, 0).numpy(), np.asarray(read_stored_image(path, "a")))


@pytest.mark.parametrize("read", [read_stored_image, read_stored_pixels])
def test_a_missing_truncated_or_invalid_image_is_an_error_that_names_it(read: object, tmp_path: Path) -> None:
    assert callable(read)
    whole = BytesIO()
    Image.effect_noise((200, 200), 90).convert("RGB").save(whole, "JPEG")
    for name, content in (("cut", whole.getvalue()[:2_000]), ("no-image", b"<svg/>"), ("empty", b"")):
        (tmp_path / name).write_bytes(content)
    for name in ("missing", "cut", "no-image", "empty"):
        with pytest.raises(ScoringError, match=f"Image {name}…") as raised:
            read(tmp_path / name, name)
        assert "Upload the batch again" in str(raised.value)
