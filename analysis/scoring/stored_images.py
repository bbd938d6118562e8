"""Reads the images of posts from disk as the model reads them, and checks that they have not changed."""

from __future__ import annotations

import hashlib
import io
import re
from contextlib import suppress
from pathlib import Path

import simplejpeg
import torch
from PIL import Image, ImageOps
from torch import Tensor

from analysis.errors import ScoringError
from analysis.model.encoding import convert_to_tensor

_MEDIA_ID = re.compile(r"[0-9a-f]{64}")
_BEFORE_PIXELS = 2**16
"""Exif data start within this many bytes of a JPEG."""


def read_stored_image(path: Path, name: str) -> Image.Image:
    """Open an image as the model reads it: upright, RGB.

    Args:
        path: Its file.
        name: Its media id, the hash of its bytes, which is then checked; or another name for messages.

    Raises:
        ScoringError: It is missing or damaged.
    """
    content = _read_image_file(path, name)
    try:
        with Image.open(io.BytesIO(content)) as image:
            return ImageOps.exif_transpose(image).convert("RGB")  # those of a workspace are upright already
    except (OSError, ValueError, SyntaxError) as error:
        raise _image_error(name, f"cannot be read from the workspace ({error})") from error


def read_stored_pixels(path: Path, name: str) -> Tensor:
    """Read the pixels of the image that `read_stored_image` opens; most JPEGs take half the time.

    Args:
        path: Its file.
        name: As for `read_stored_image`.

    Returns:
        (3, height, width), uint8.

    Raises:
        ScoringError: It is missing or damaged.
    """
    content = _read_image_file(path, name)
    with suppress(OSError, ValueError):  # not a JPEG, or damaged: Pillow reads it or raises
        colours = simplejpeg.decode_jpeg_header(content)[2]
        if b"Exif" not in content[:_BEFORE_PIXELS] and colours in (
            "YCbCr",
            "Gray",
        ):  # other JPEGs may need rotation
            return torch.from_numpy(simplejpeg.decode_jpeg(content, "RGB")).permute(2, 0, 1)
    return convert_to_tensor(read_stored_image(path, name))


def _read_image_file(path: Path, name: str) -> bytes:
    """Read an image's file; if its name is a media id, compare the content with it."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _image_error(name, f"cannot be read from the workspace ({error})") from error
    if _MEDIA_ID.fullmatch(name) and hashlib.sha256(content).hexdigest() != name:
        raise _image_error(name, "is damaged in the workspace: it has changed since it was stored")
    return content


def _image_error(name: str, fact: str) -> ScoringError:
    return ScoringError(
        f"Image {name[:12]}…",
        fact,
        "Upload the batch again, or run postlens score without --resume.",
    )
