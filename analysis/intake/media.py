"""Images: recognised by content, decoded within limits, and stored under the hash of the stored file.

A stored image is an upright JPEG of moderate size without metadata (location, camera, author).
`analysis.intake.binding` matches images to posts.
"""

from __future__ import annotations

import hashlib
import io
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from PIL import AvifImagePlugin, Image, ImageOps

from analysis.importers.refused import RefusedError
from analysis.intake.files import HEAD_BYTES, InputFile
from analysis.intake.formats import (
    HEIC,
    IMAGES,
    OTHER_IMAGES,
    VIDEOS,
    format_by_content,
    format_by_suffix,
)
from analysis.settings import MB, Settings

_MEDIA_ID = re.compile(r"[0-9a-f]{64}")
_ORIENTATION = 0x0112  # the EXIF tag
_MARKER = re.compile(rb"\xff([^\x00\xff])")  # of a JPEG; within a scan, 0xff is followed by 0x00
_SCAN, _END = 0xDA, 0xD9
_MAX_MARKERS = 100_000
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})

AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # each thread takes memory of the limited worker


@dataclass(frozen=True)
class StoredImage:
    """One stored image.

    Attributes:
        name: The analyst's name for it.
        media_id: SHA-256 of the stored bytes, 64 hexadecimal digits.
        width: Of the stored image, pixels.
        height: Of the stored image, pixels.
    """

    name: str
    media_id: str
    width: int
    height: int


def stored_image_path(media_dir: Path, media_id: str) -> Path:
    """Return the path of a stored image.

    Args:
        media_dir: The folder of all stored images.
        media_id: From a `StoredImage`.

    Returns:
        `media_dir/ab/abcdef....jpg`, which may not exist.

    Raises:
        ValueError: If `media_id` is not 64 lower-case hexadecimal digits, as it could lead to another folder.
    """
    if not _MEDIA_ID.fullmatch(media_id):
        raise ValueError(f"not a media id: {media_id[:80]!r}")
    return media_dir / media_id[:2] / f"{media_id}.jpg"


def check_and_store_image(file: InputFile, media_dir: Path, settings: Settings) -> StoredImage:
    """Check an image and store it, unless it is already stored.

    Only the first frame of an animation is stored; transparent parts become white.

    Args:
        file: Of any content.
        media_dir: The folder of all stored images; created if missing.
        settings: Holds the limits.

    Returns:
        The stored image.

    Raises:
        RefusedError: If it is not an image, in an unsupported format, damaged, too large or too small.
        OSError: If it cannot be stored.
    """
    image = open_image(file, settings)
    encoded = io.BytesIO()
    image.save(encoded, "JPEG", quality=settings.stored_jpeg_quality)
    stored = encoded.getvalue()
    media_id = hashlib.sha256(stored).hexdigest()
    path = stored_image_path(media_dir, media_id)
    if not path.exists():
        path.parent.mkdir(0o700, parents=True, exist_ok=True)
        temporary = path.with_name(f".{secrets.token_hex(8)}")
        try:
            temporary.touch(0o600)  # readable by its owner only
            temporary.write_bytes(stored)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    return StoredImage(file.name, media_id, *image.size)


def open_image(file: InputFile, settings: Settings) -> Image.Image:
    """Check an image and open it as it would be stored: upright, on white, scaled down.

    Args:
        file: Of any content.
        settings: Holds the limits.

    Returns:
        The image, RGB.

    Raises:
        RefusedError: As for `check_and_store_image`.
    """
    _check_format(file)
    if file.size > settings.max_image_bytes:
        raise RefusedError(
            f"is {file.size / MB:,.1f} MB; the limit for an image is {settings.max_image_bytes / MB:,.0f} MB",
            "Resize it and add it again.",
        )
    return _decode(file.read(), settings)


def _check_format(file: InputFile) -> None:
    found = format_by_content(file.head())
    if found in IMAGES or (found == HEIC and _reads_heic()):
        return
    named = found or format_by_suffix(file.suffix)
    if found == HEIC:
        raise RefusedError(
            "is an image in the HEIC format, which PostLens reads with the extra heic",
            "Run `pip install postlens[heic]`, or `pip install .[heic]` in a clone; or save it as JPEG.",
        )
    if named in OTHER_IMAGES:
        raise RefusedError(
            f"is an image in the {named} format; PostLens reads JPEG, PNG, WebP, GIF, AVIF, BMP and TIFF",
            "Save it as JPEG and add it again.",
        )
    if named in VIDEOS:
        raise RefusedError(
            f"is a video ({named}); PostLens scores images and text",
            "Add a still image of it as JPEG instead.",
        )
    raise RefusedError(
        "is not an image, despite its name", "Open it to see what it is, or download it again."
    )


def _reads_heic() -> bool:
    """Return whether HEIC can be read, and prepare it: only the image itself, without thumbnails and depth."""
    try:
        import pillow_heif
    except ImportError:
        return False
    pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)
    return True


def _decode(data: bytes, settings: Settings) -> Image.Image:
    side = settings.stored_image_side
    if data.startswith(b"\xff\xd8") and (scans := _count_scans(data)) > settings.max_image_scans:
        raise RefusedError(
            f"is a JPEG of {scans:,} scans; the limit is {settings.max_image_scans:,}",
            "Open it and save it again.",
        )
    names = [name.upper() for name in IMAGES]
    formats = ["HEIF"] if format_by_content(data[:HEAD_BYTES]) == HEIC else names
    try:
        with Image.open(io.BytesIO(data), formats=formats) as opened:
            _check_sides(*opened.size, settings)
            opened.draft(None, (2 * side, 2 * side))  # a large JPEG is decoded at a fraction of its size
            return _flatten(opened, side)
    except (RefusedError, MemoryError):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        limit = f"the limit is {settings.max_image_pixels / 1e6:,.0f} MP"
        raise RefusedError(f"has far too many pixels; {limit}", "Resize it and add it again.") from error
    except Exception as error:  # decoders raise unrelated types of errors for damaged files
        raise RefusedError(
            "is damaged or truncated", "Open it and save it again, or download it again."
        ) from error


def _count_scans(data: bytes) -> int:
    """Count the scans of a JPEG; data that phones add before and after the image, such as a video, is skipped."""
    scans, place = 0, 2
    for _ in range(_MAX_MARKERS):
        marker = _MARKER.search(data, place)
        if marker is None or (kind := marker[1][0]) == _END:
            return scans
        place = marker.end()
        scans += kind == _SCAN
        if kind not in _WITHOUT_LENGTH:
            place += int.from_bytes(data[place : place + 2])
    return scans + data.count(bytes((0xFF, _SCAN)), place)


def _check_sides(width: int, height: int, settings: Settings) -> None:
    size = f"is {width:,} x {height:,} px"
    if width * height > settings.max_image_pixels:
        limit = f"the limit is {settings.max_image_pixels / 1e6:,.0f} MP"
        raise RefusedError(f"{size}; {limit}", "Resize it and add it again.")
    if min(width, height) < settings.min_image_side:
        smallest = f"the minimum side is {settings.min_image_side} px"
        raise RefusedError(f"{size}; {smallest}", "Remove it, or add the image in full size.")


def _flatten(opened: Image.Image, side: int) -> Image.Image:
    """Draw the image on white, upright and no larger than `side`, on a canvas without metadata."""
    orientation = _orientation(opened)
    opened = _in_eight_bits(opened)
    mode = "RGBA" if opened.has_transparency_data else "RGB"
    image = opened if opened.mode == mode else opened.convert(mode)  # a copy of 40 MP takes 160 MB
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    canvas = Image.new("RGB", image.size, "white")
    canvas.paste(image, mask=image if image.mode == "RGBA" else None)
    canvas.getexif()[_ORIENTATION] = orientation
    ImageOps.exif_transpose(canvas, in_place=True)
    return canvas


def _in_eight_bits(opened: Image.Image) -> Image.Image:
    """Scale an image with more bits, which converting would cut off: 16-bit grey, and scans in 32 bits or floats."""
    if opened.mode.startswith("I;16"):
        return opened.point(lambda value: value / 257).convert("L")
    if opened.mode not in ("I", "F"):
        return opened
    low, high = map(float, opened.getextrema())  # type: ignore[arg-type]
    if opened.mode == "I" and low >= 0:
        low, high = 0.0, 255.0 if high <= 255 else max(high, 65_535.0)
    scale = 255 / (high - low) if high > low else 0.0
    return opened.point(lambda value: value * scale + (-low * scale)).convert("L")


def _orientation(opened: Image.Image) -> int:
    try:
        return int(opened.getexif().get(_ORIENTATION, 1))
    except Exception:  # an image with damaged metadata is still an image
        return 1
