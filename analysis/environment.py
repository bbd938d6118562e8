"""The software and the processor that results depend on in their last digits."""

from __future__ import annotations

import platform
from contextlib import suppress
from functools import cache
from importlib import metadata
from pathlib import Path

PACKAGES = (
    "postlens",
    "torch",
    "torchvision",
    "openvino",
    "transformers",
    "tokenizers",
    "timm",
    "numpy",
    "pandas",
    "pyarrow",
    "duckdb",
    "pillow",
    "simplejpeg",
    "imagehash",
    "py3langid",
    "emoji",
    "ftfy",
    "charset-normalizer",
    "python-calamine",
    "xlsxwriter",
)
"""Packages that read files, score posts or write reports."""
_UNKNOWN = "unknown"


def installed_version(package: str) -> str:
    """Return the version of an installed package; "unknown" if it is not installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:  # such as PostLens itself, run from a clone
        return _UNKNOWN


def list_versions() -> dict[str, str]:
    """Return the versions of Python and of `PACKAGES`, by name."""
    return {"python": platform.python_version(), **{name: installed_version(name) for name in PACKAGES}}


@cache
def describe_processor() -> str:
    """Return the name of the processor; its architecture, such as "arm64", if the name is not known."""
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name" and value.strip():
                return " ".join(value.split())
    return platform.processor() or platform.machine() or _UNKNOWN
