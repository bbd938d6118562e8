"""The registry of modalities: the kinds of content that a model can read, and the object that handles each.

To add a modality, write one file with a subclass of `Modality`, register it here, and list its encoder in the
bundle's config.json. Its columns, such as `<name>_sentiment` and `phi_<name>`, follow from its name and label
(`analysis.columns.modalities`). The order of modalities, which is that of the presence mask, comes from config.json.
This module does not import PyTorch; a modality is loaded when it is first used.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.errors import BundleError

if TYPE_CHECKING:
    from analysis.model.modalities.base import Modality


@dataclass(frozen=True)
class Registration:
    """One registered modality.

    Attributes:
        label: Display name.
        kinds: Allowed values of `EncoderConfig.kind`.
        load: Returns the modality.
    """

    label: str
    kinds: tuple[str, ...]
    load: Callable[[], Modality]


MODALITIES: dict[str, Registration] = {}
"""All registered modalities by name."""


def register_modality(name: str, label: str, kinds: tuple[str, ...], load: Callable[[], Modality]) -> None:
    """Register a modality; see `Registration` for the arguments."""
    MODALITIES[name] = Registration(label, kinds, load)


def get_modality(name: str) -> Modality:
    """Return a registered modality.

    Raises:
        BundleError: The modality is not registered.
    """
    if name not in MODALITIES:
        raise BundleError(f"Modality {name!r}", "is unknown", f"Use one of {', '.join(MODALITIES)}.")
    return MODALITIES[name].load()


def find_modality(kind: str) -> Modality:
    """Return the modality of an encoder kind.

    Raises:
        BundleError: The kind is unknown.
    """
    for each in MODALITIES.values():
        if kind in each.kinds:
            return each.load()
    known = ", ".join(kind for each in MODALITIES.values() for kind in each.kinds)
    raise BundleError(f"Encoder kind {kind!r}", "is unknown", f"Use one of {known}.")


def _load_text() -> Modality:
    modality: Modality = importlib.import_module("analysis.model.modalities.text").TEXT
    return modality


def _load_image() -> Modality:
    modality: Modality = importlib.import_module("analysis.model.modalities.image").IMAGE
    return modality


register_modality("text", "Text", ("transformers", "clip-text", "by-language"), _load_text)
register_modality("image", "Image", ("timm", "torchvision", "clip-image"), _load_image)
