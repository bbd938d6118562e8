"""Images in the cells of a table: bytes, or the pairs {bytes, path} of the data sets of Hugging Face."""

from __future__ import annotations

import hashlib
import re
from pathlib import PurePosixPath
from typing import Any

_SIGNATURES = {
    b"\xff\xd8\xff": ".jpg",
    b"\x89PNG\r\n\x1a\n": ".png",
    b"GIF8": ".gif",
    b"BM": ".bmp",
    b"II*\x00": ".tif",
    b"MM\x00*": ".tif",
}
_UNSAFE = re.compile(r"[^\w.-]+")
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{2,5}")
_MAX_NAME_CHARS = 100
_MAX_DEPTH = 4  # lists and objects in each other


class CellImages:
    """Takes images out of cells, and leaves a name in each place.

    Attributes:
        found: The images by name. A name is "digest-name.jpg", so that equal names of other images stay apart and an
            image in many rows counts once.
    """

    def __init__(self) -> None:
        self.found: dict[str, bytes] = {}

    def take(self, value: Any, depth: int = _MAX_DEPTH) -> Any:
        """Return a value with a name in the place of each image."""
        if isinstance(value, bytes):
            return self._name(value, "") if _suffix_of(value) else value
        if isinstance(value, dict) and isinstance(value.get("bytes"), bytes) and value["bytes"]:
            path = value.get("path")
            return self._name(value["bytes"], path if isinstance(path, str) else "")
        if isinstance(value, dict) and set(value) == {"bytes", "path"}:
            return value["path"]
        if depth and isinstance(value, list):
            return [self.take(each, depth - 1) for each in value]
        if depth and isinstance(value, dict):
            return {name: self.take(each, depth - 1) for name, each in value.items()}
        return value

    def _name(self, content: bytes, path: str) -> str:
        base = _UNSAFE.sub("_", PurePosixPath(path.replace("\\", "/")).name)[-_MAX_NAME_CHARS:] or "image"
        if not _SUFFIX.fullmatch(PurePosixPath(base).suffix):
            base += _suffix_of(content) or ".image"
        name = f"{hashlib.sha256(content).hexdigest()[:16]}-{base}"
        self.found[name] = content
        return name


def _suffix_of(content: bytes) -> str:
    """Return the suffix of an image by its first bytes; "" for other content."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return ".webp"
    if content[4:12] in (b"ftypavif", b"ftypheic"):
        return f".{content[8:12].decode()}"
    return next((suffix for start, suffix in _SIGNATURES.items() if content.startswith(start)), "")
