"""Images are stored upright, scaled, without metadata, and recognized by content."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from analysis.importers.refused import RefusedError
from analysis.intake.files import InputFile
from analysis.intake.media import stored_image_path
from tests.intake.photos import drawn, encoded, refusal, store, stored

BEGINNINGS = [
    b"",
    b"\xff\xd8\xff\xe0",
    b"\x89PNG\r\n\x1a\n",
    b"GIF89a",
    b"RIFF\x10\x00\x00\x00WEBPVP8 ",
    b"BM",
    b"PK\x03\x04",
]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WebP", "GIF", "AVIF", "BMP", "TIFF"])
def test_formats_are_stored_as_jpeg_under_their_hash_whatever_the_name(kind: str, tmp_path: Path) -> None:
    photo = store(encoded(drawn(), kind), tmp_path, name="holiday.txt")
    path = stored_image_path(tmp_path, photo.media_id)
    assert path == tmp_path / photo.media_id[:2] / f"{photo.media_id}.jpg"
    assert (photo.name, photo.width, photo.height) == ("holiday.txt", 60, 40)
    with Image.open(path) as opened:
        assert (opened.format, opened.mode, opened.size) == ("JPEG", "RGB", (60, 40))
        assert np.asarray(opened)[20, 5, 0] > 200


def test_an_image_is_stored_once_and_nothing_else_is_left(tmp_path: Path) -> None:
    content = encoded(drawn())
    first, second = store(content, tmp_path, "a.png"), store(content, tmp_path, "b.png")
    assert first.media_id == second.media_id
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [
        stored_image_path(tmp_path, first.media_id)
    ]


def test_a_disk_error_leaves_no_partial_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        store(encoded(drawn()), tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("orientation", range(1, 9))
def test_images_are_rotated_by_their_exif_orientation(orientation: int, tmp_path: Path) -> None:
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
    kept = stored_image_path(tmp_path, photo.media_id).read_bytes()
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
def test_images_are_recognized_by_content_then_by_extension(name: str, content: bytes, looks: bool) -> None:
    assert InputFile(name, content).is_visual is looks


@pytest.mark.parametrize(
    "media_id", ["", "ab", "../" + "a" * 61, "A" * 64, "a" * 65, "g" * 64, "a" * 64 + "\n"]
)
def test_only_a_hash_makes_a_path(media_id: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not a media id"):
        stored_image_path(tmp_path, media_id)


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
    with Image.open(stored_image_path(tmp_path, photo.media_id)) as opened:
        assert opened.size == (photo.width, photo.height)
