"""One post, decoded and encoded once, for explanations and single scores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd
import torch
from PIL import Image
from torch import Tensor

from analysis.columns import TEXT_AND_IMAGE
from analysis.errors import AttributionError
from analysis.model.bundle import Bundle
from analysis.model.modalities import get_modality
from analysis.model.text import CleanText, preprocess_text

Images = Sequence[tuple[str, Image.Image]]
"""Media id and image of each image of a post, in order."""


@dataclass(frozen=True)
class EncodedPost:
    """A post as a model reads it.

    Attributes:
        text: The text as written; "" for none.
        decoded: Results of `Modality.decode` by modality; only modalities that the post has.
        encodings: (1, dim) by modality, in the model's order; zeros for modalities that the post does not have.
        present: Presence mask, 0/1, (1, modalities), in the same order.
    """

    text: str
    decoded: Mapping[str, Any]
    encodings: Mapping[str, Tensor]
    present: Tensor

    @cached_property
    def has(self) -> Mapping[str, bool]:
        """Whether the post has each modality."""
        return dict(zip(self.encodings, self.present[0].bool().tolist(), strict=True))

    @property
    def clean_text(self) -> CleanText:
        """The cleaned text and its words."""
        decoded = self.decoded.get("text")
        clean: CleanText = decoded.clean if decoded else preprocess_text(self.text)
        return clean

    @property
    def images(self) -> Images:
        """Media ids and images; empty if the post has none."""
        decoded = self.decoded.get("image")
        images: Images = decoded.images if decoded else ()
        return images


def list_further_contents(modalities: Iterable[str], post: pd.Series) -> dict[str, Any]:
    """Take a post's content of modalities other than text and image, as `encode_post` needs it.

    Args:
        modalities: Names of the model's.
        post: Its row of the post table.

    Returns:
        The content by modality; only modalities that the post has.
    """
    further = [get_modality(name) for name in modalities if name not in TEXT_AND_IMAGE]
    if not further:
        return {}
    row = pd.DataFrame([post])
    contents = {modality.name: modality.read(row)[0] for modality in further}
    return {
        modality.name: contents[modality.name]
        for modality in further
        if modality.is_present(contents[modality.name])
    }


def encode_post(
    bundle: Bundle, text: str = "", images: Images = (), extra: Mapping[str, Any] | None = None
) -> EncodedPost:
    """Decode and encode one post.

    Args:
        bundle: The model; its lock is held while the encoders run.
        text: The text as written; "" for none.
        images: Media ids and images; may be empty if the post has other content.
        extra: Content of other modalities, by name.

    Raises:
        AttributionError: The post is empty.
    """
    contents = {**(extra or {}), "text": text, "image": images}
    decoded, encodings = {}, {}
    for name in bundle.model.modalities:
        modality = get_modality(name)
        if modality.is_present(contents.get(name)):
            decoded[name] = modality.decode(bundle, contents[name])
            with bundle.lock, torch.no_grad():
                encodings[name] = modality.encode(bundle, decoded[name])
        else:
            encodings[name] = torch.zeros(1, bundle.config.encoders[name].dim)
    if not decoded:
        raise AttributionError(
            "The post", "has neither text nor images", "Choose a post with text or images."
        )
    present = torch.tensor([[float(name in decoded) for name in encodings]])
    return EncodedPost(text, decoded, encodings, present)
