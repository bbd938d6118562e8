"""A batch's posts to encodings, one text and the mean of its pictures each: what scores and embeddings are made of.

The encoders' own batches are `analysis.model.encoding`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import torch
from PIL import Image, ImageOps
from torch import Tensor

from analysis.errors import ScoringError
from analysis.model.bundle import Bundle
from analysis.model.encoding import encode_pictures, encode_texts
from analysis.model.network import pool_pictures
from analysis.posts import has_text
from analysis.settings import Settings


def encode_posts(
    bundle: Bundle, posts: pd.DataFrame, picture_path: Callable[[str], Path], settings: Settings
) -> tuple[dict[str, Tensor], Tensor]:
    """Encode posts; several pictures of a post are averaged.

    Args:
        bundle: The model; hold its lock.
        posts: The post table.
        picture_path: Where a media id's picture stands.
        settings: Batch sizes.

    Returns:
        Encodings (posts, dim) by modality, and presence (posts, 2) of text and image.

    Raises:
        ScoringError: A picture is missing or damaged.
    """

    def load(media_id: str) -> Image.Image:
        try:
            with Image.open(picture_path(media_id)) as picture:
                return ImageOps.exif_transpose(picture).convert("RGB")  # stored ones are upright already
        except OSError as error:
            raise ScoringError(
                f"Picture {media_id[:12]}…",
                f"cannot be read from the workspace ({error})",
                "Take the batch in again.",
            ) from error

    texts = posts["text"].tolist()
    images = [list(names) for names in posts["images"]]
    found = encode_pictures(bundle, [name for names in images for name in names], load, settings.batch_images)
    owners = torch.tensor([number for number, names in enumerate(images) for _ in names], dtype=torch.long)
    vectors = [found[name] for names in images for name in names]
    dim = bundle.config.encoders["image"].dim
    image = pool_pictures(torch.stack(vectors) if vectors else torch.zeros(0, dim), owners, len(posts))
    present = torch.tensor(
        [[float(has_text(text)), float(bool(names))] for text, names in zip(texts, images, strict=True)]
    )
    return {"text": encode_texts(bundle, texts, settings.batch_posts), "image": image}, present
