from __future__ import annotations

import io
import struct
import sys
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from analysis.importers.refused import RefusedError
from analysis.intake.files import InputFile
from analysis.intake.formats import format_by_content
from analysis.intake.media import StoredImage, media_path, store_image
from analysis.settings import Settings

BEGINNINGS = [
    b"",
    b"\xff\xd8\xff\xe0",
    b"\x89PNG\r\n\x1a\n",
    b"GIF89a",
    b"RIFF\x10\x00\x00\x00WEBPVP8 ",
    b"BM",
    b"PK\x03\x04",
]


def drawn(mode: str = "RGB", size: tuple[int, int] = (60, 40)) -> Image.Image:
    """An image whose left half is red and right half blue, so that turning it shows."""
    photo = Image.new("RGB", size, "red")
    ImageDraw.Draw(photo).rectangle((size[0] // 2, 0, *size), fill="blue")
    return photo.convert(mode)


def encoded(photo: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    photo.save(file, kind, **options)
    return file.getvalue()


def png_that_claims(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header promises any size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


def store(content: bytes, folder: Path, name: str = "a.jpg", **limits: int) -> StoredImage:
    return store_image(InputFile(name, content), folder, Settings(**limits))


def stored(content: bytes, folder: Path, **limits: int) -> Image.Image:
    photo = store(content, folder, "a.jpg", **limits)
    return Image.open(media_path(folder, photo.media_id))


def refusal(content: bytes, folder: Path, name: str = "a.jpg", **limits: int) -> str:
    with pytest.raises(RefusedError) as caught:
        store(content, folder, name, **limits)
    assert list(folder.rglob("*")) == []
    assert caught.value.remedy.endswith(".")
    return caught.value.reason


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WebP", "GIF", "AVIF", "BMP", "TIFF"])
def test_formats_are_stored_as_jpeg_under_their_hash_whatever_the_name(kind: str, tmp_path: Path) -> None:
    photo = store(encoded(drawn(), kind), tmp_path, name="holiday.txt")
    path = media_path(tmp_path, photo.media_id)
    assert path == tmp_path / photo.media_id[:2] / f"{photo.media_id}.jpg"
    assert (photo.name, photo.width, photo.height) == ("holiday.txt", 60, 40)
    with Image.open(path) as opened:
        assert (opened.format, opened.mode, opened.size) == ("JPEG", "RGB", (60, 40))
        assert np.asarray(opened)[20, 5, 0] > 200


def test_a_image_is_stored_once_and_nothing_else_is_left(tmp_path: Path) -> None:
    content = encoded(drawn())
    first, second = store(content, tmp_path, "a.png"), store(content, tmp_path, "b.png")
    assert first.media_id == second.media_id
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [media_path(tmp_path, first.media_id)]


def test_a_disk_that_refuses_leaves_no_half_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        store(encoded(drawn()), tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("orientation", range(1, 9))
def test_images_are_turned_upright_as_their_exif_says(orientation: int, tmp_path: Path) -> None:
    turns = [None, Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.ROTATE_180, Image.Transpose.FLIP_TOP_BOTTOM,
             Image.Transpose.TRANSPOSE, Image.Transpose.ROTATE_90, Image.Transpose.TRANSVERSE,
             Image.Transpose.ROTATE_270]  # fmt: skip
    turn = turns[orientation - 1]  # how a camera held so that it writes this orientation sees the scene
    scene = drawn(size=(64, 32))
    ImageDraw.Draw(scene).rectangle((0, 0, 31, 15), fill="lime")
    seen = scene.transpose(turn) if turn is not None else scene
    exif = Image.Exif()
    exif[0x0112] = orientation
    with stored(encoded(seen, "JPEG", exif=exif, quality=95), tmp_path) as photo:
        assert photo.size == (64, 32)
        difference = np.abs(np.asarray(photo, dtype=int) - np.asarray(scene, dtype=int))
        assert difference.mean() < 12


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
@pytest.mark.parametrize(
    "exif",
    [
        b"Exif\x00\x00MM\x00*\xff\xff\xff\xff broken",
        b"Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x02\x00\x03\x00\x00\x00up\x00\x00\x00\x00\x00\x00",
        b"Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\xff\x00\x00\x00\x00\x00\x00\x00",
    ],
    ids=["cut short", "orientation in words", "orientation 255"],
)
def test_damaged_metadata_does_not_cost_the_image(exif: bytes, tmp_path: Path) -> None:
    with stored(encoded(drawn(), "JPEG", exif=exif), tmp_path) as photo:
        assert photo.size == (60, 40)


def test_metadata_is_dropped(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F] = "SECRETCAMERA"
    exif.get_ifd(0x8825)[1] = "N"
    content = encoded(
        drawn(), "JPEG", exif=exif, comment=b"SECRETCOMMENT", icc_profile=b"SECRETPROFILE", xmp=b"SECRETXMP"
    )
    assert content.count(b"SECRET") == 4
    photo = store(content, tmp_path)
    kept = media_path(tmp_path, photo.media_id).read_bytes()
    assert b"SECRET" not in kept
    assert b"Exif" not in kept


def test_transparent_parts_become_white(tmp_path: Path) -> None:
    clear = drawn("RGBA")
    clear.putalpha(0)
    palette = drawn("P")
    red = palette.getpixel((5, 20))
    for content in (
        encoded(clear),
        encoded(clear, "WebP", exact=True),
        encoded(palette, "GIF", transparency=red),
    ):
        with stored(content, tmp_path) as photo:
            assert np.asarray(photo)[20, 5].min() > 250


def test_sixteen_bit_grey_is_scaled_and_not_cut_off(tmp_path: Path) -> None:
    grey = Image.fromarray(np.full((20, 20), 32_768, dtype=np.uint16))
    with stored(encoded(grey), tmp_path) as photo:
        assert np.asarray(photo).mean() == pytest.approx(128, abs=2)


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("1", "PNG"), ("L", "JPEG"), ("LA", "PNG"), ("P", "PNG"), ("CMYK", "JPEG"), ("RGBA", "GIF")],
)
def test_every_colour_mode_is_read(mode: str, kind: str, tmp_path: Path) -> None:
    with stored(encoded(drawn(mode), kind), tmp_path) as photo:
        assert photo.size == (60, 40)


@pytest.mark.parametrize("kind", ["GIF", "WebP", "PNG"])
def test_an_animation_gives_its_first_frame(kind: str, tmp_path: Path) -> None:
    frames = [Image.new("RGB", (30, 30), colour) for colour in ("lime", "red", "blue")]
    content = encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=50)
    with stored(content, tmp_path) as photo:
        red, green, blue = np.asarray(photo)[15, 15]
        assert green > 200
        assert max(red, blue) < 60


@pytest.mark.parametrize(
    ("size", "expected"), [((300, 100), (100, 33)), ((100, 300), (33, 100)), ((90, 50), (90, 50))]
)
def test_large_images_are_made_smaller_and_small_ones_kept(
    size: tuple[int, int], expected: tuple[int, int], tmp_path: Path
) -> None:
    for kind in ("JPEG", "PNG"):
        photo = store(encoded(drawn(size=size), kind), tmp_path, stored_image_side=100)
        assert (photo.width, photo.height) == expected


def test_a_video_behind_a_photo_counts_as_no_scans(tmp_path: Path) -> None:
    photo = encoded(Image.effect_noise((64, 48), 50).convert("RGB"), "JPEG", progressive=True)
    video = b"\xff\xda" * 1_000
    assert store(photo + video, tmp_path).width == 64


@pytest.mark.parametrize("filler", [b"", b"\xff\xe1\x00\x02" * 200_000])
def test_too_many_scans_are_refused_wherever_they_are(filler: bytes, tmp_path: Path) -> None:
    photo = encoded(Image.new("RGB", (64, 48)), "JPEG", progressive=True)
    first = photo.index(b"\xff\xda")
    scans = photo[first:-2] * 30
    content = photo[:first] + filler + scans + photo[-2:]
    assert "scans; the limit is 200" in refusal(content, tmp_path)


def test_a_image_with_too_many_pixels_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    assert refusal(png_that_claims(9_000, 9_000), tmp_path) == "is 9,000 x 9,000 px; the limit is 40 MP"
    assert "too many pixels" in refusal(png_that_claims(100_000, 100_000), tmp_path)
    assert "too many pixels" in refusal(png_that_claims(12_000, 9_000), tmp_path)


def test_the_limit_of_pixels_is_that_of_the_settings(tmp_path: Path) -> None:
    content = encoded(drawn(size=(60, 40)))
    assert "is 60 x 40 px" in refusal(content, tmp_path, max_image_pixels=2_399)
    assert store(content, tmp_path, max_image_pixels=2_400)


def test_too_many_bytes_and_too_few_pixels_are_refused(tmp_path: Path) -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (800, 800, 3), dtype=np.uint8))
    reason = refusal(encoded(noise), tmp_path, max_image_bytes=1024 * 1024)
    assert reason == "is 1.8 MB; the limit for an image is 1 MB"
    assert refusal(encoded(drawn(size=(1, 1))), tmp_path) == "is 1 x 1 px; the smallest side read is 8 px"
    assert "200 x 7" in refusal(encoded(drawn(size=(200, 7))), tmp_path)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WebP", "GIF"])
def test_a_image_cut_short_is_refused(kind: str, tmp_path: Path) -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (80, 80, 3), dtype=np.uint8))
    content = encoded(noise, kind)
    assert refusal(content[: len(content) // 2], tmp_path) == "is broken or cut short"


def test_what_is_no_image_is_refused_whatever_its_name(tmp_path: Path) -> None:
    for content in (b"post_id,text\n1,hello\n", b"<html></html>", b"MZ\x90\x00", b"PK\x03\x04 zip"):
        assert refusal(content, tmp_path, "photo.jpg") == "is not an image, despite its name"
    assert refusal(b"", tmp_path, "photo.jpg") == "is empty (0 bytes)"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (encoded(drawn(), "ICO"), "is an image in the ICO format; PostLens reads"),
        (encoded(drawn(), "JPEG2000"), "is an image in the JPEG 2000 format; PostLens reads"),
        (
            b'\xef\xbb\xbf<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>',
            "is an image in the SVG format; PostLens reads",
        ),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "is broken or cut short"),
        (b"\x00\x00\x00\x18ftypavif\x00\x00\x00\x00", "is broken or cut short"),
        (b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00", "is a video (MP4); "),
        (b"\x1aE\xdf\xa3\x01\x00", "is a video (Matroska or WebM); "),
        (b"RIFF\x00\x10\x00\x00AVI LIST", "is a video (AVI); "),
    ],
)
def test_other_formats_are_named_by_their_content(content: bytes, reason: str, tmp_path: Path) -> None:
    assert refusal(content, tmp_path, "photo.jpg").startswith(reason)


def heic(photo: Image.Image) -> bytes:
    pillow_heif = pytest.importorskip("pillow_heif")
    file = io.BytesIO()
    pillow_heif.from_pillow(photo).save(file)
    return file.getvalue()


def test_heic_is_read_whatever_its_name(tmp_path: Path) -> None:
    with stored(heic(drawn(size=(64, 40))), tmp_path) as photo:
        assert photo.size == (64, 40)
        assert np.asarray(photo)[20, 5, 0] > 200


def test_heic_without_its_extra_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = heic(drawn())
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(RefusedError) as caught:
        store(content, tmp_path)
    assert "the extra heic" in caught.value.reason
    assert "pip install postlens[heic]" in caught.value.remedy


def test_limits_hold_for_formats_that_are_decoded_late(tmp_path: Path) -> None:
    for number, content in enumerate((heic(drawn()), encoded(drawn(), "AVIF"), encoded(drawn(), "TIFF"))):
        (folder := tmp_path / str(number)).mkdir()
        assert "the limit is 0 MP" in refusal(content, folder, max_image_pixels=1_000)


@pytest.mark.parametrize(
    ("pixels", "mode"),
    [(np.uint16, "I;16"), (np.int32, "I"), (np.float32, "F")],
)
def test_scans_of_many_bits_keep_their_shades(pixels: type, mode: str, tmp_path: Path) -> None:
    grey = np.repeat(np.linspace(0, 65_535, 60), 40).reshape(60, 40).astype(pixels)
    photo = Image.fromarray(grey)
    assert photo.mode == mode
    with stored(encoded(photo, "TIFF"), tmp_path) as shown:
        shades = np.asarray(shown)[:, 20, 0].astype(int)
    assert (shades[0] < 8, shades[-1] > 247, 120 < shades[30] < 136) == (True, True, True)


def test_cmyk_is_shown_in_its_colours(tmp_path: Path) -> None:
    with stored(encoded(drawn("CMYK"), "TIFF"), tmp_path) as photo:
        assert np.asarray(photo)[20, 5, 0] > 200
        assert np.asarray(photo)[20, 55, 2] > 200


def test_an_image_of_a_general_brand_is_known_by_its_compatible_ones() -> None:
    assert format_by_content(b"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avifmiaf") == "AVIF"
    assert format_by_content(b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic") == "HEIC"


@pytest.mark.parametrize(("name", "named"), [("a.HEIC", "HEIC"), ("a.mov", "QuickTime"), ("a.svg", "SVG")])
def test_other_formats_are_named_by_their_ending_where_the_content_says_nothing(
    name: str, named: str, tmp_path: Path
) -> None:
    assert named in refusal(b"\x01\x02\x03\x04 nothing known", tmp_path, name)


@pytest.mark.parametrize(
    ("name", "content", "looks"),
    [
        ("a.csv", encoded(drawn()), True),
        ("a.jpg", b"text", True),
        ("a.mp4", b"text", True),
        ("a.csv", b"BMW,text\n1,a car\n", False),
        ("a.csv", b"x" * 252 + b"mustard and more", False),
        ("a.csv", b"post <svg>", False),
        ("a.txt", b"text", False),
        ("a.jpg", b"PK\x03\x04", False),
        ("a.jpg", b"", True),
        ("a.txt", b"", False),
    ],
)
def test_images_are_told_by_content_then_by_ending(name: str, content: bytes, looks: bool) -> None:
    assert InputFile(name, content).is_visual is looks


@pytest.mark.parametrize(
    "media_id", ["", "ab", "../" + "a" * 61, "A" * 64, "a" * 65, "g" * 64, "a" * 64 + "\n"]
)
def test_only_a_hash_makes_a_path(media_id: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not a media id"):
        media_path(tmp_path, media_id)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    beginning=st.sampled_from(BEGINNINGS),
    rest=st.binary(max_size=200),
    name=st.sampled_from(["a.jpg", "a.png", "a.gif", "a.webp", "a.svg", "<b>.jpg", "a"]),
)
def test_any_bytes_under_any_name_are_refused_and_never_raise_otherwise(
    beginning: bytes, rest: bytes, name: str, tmp_path: Path
) -> None:
    with suppress(RefusedError):
        store(beginning + rest, tmp_path, name)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(["JPEG", "PNG", "WebP", "GIF"]),
    flips=st.lists(st.tuples(st.integers(0, 10_000), st.integers(1, 255)), min_size=1, max_size=8),
)
def test_a_damaged_image_is_stored_or_refused(
    kind: str, flips: list[tuple[int, int]], tmp_path: Path
) -> None:
    content = bytearray(encoded(drawn(), kind))
    for place, change in flips:
        content[place % len(content)] ^= change
    try:
        photo = store(bytes(content), tmp_path)
    except RefusedError:
        return
    with Image.open(media_path(tmp_path, photo.media_id)) as opened:
        assert opened.size == (photo.width, photo.height)
