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
        return stored_picture(picture_path(media_id), media_id)

    texts = posts["text"].tolist()
    images = [list(names) for names in posts["images"]]
    found = encode_pictures(bundle, [name for names in images for name in names], load, settings.batch_images)
    owners = torch.tensor([number for number, names in enumerate(images) for _ in names], dtype=torch.long)
    vectors = [found[name] for names in images for name in names]
    dim = bundle.config.encoders["image"].dim
    image = pool_pictures(torch.stack(vectors) if vectors else torch.zeros(0, dim), owners, len(posts))
    return {"text": encode_texts(bundle, texts, settings.batch_posts), "image": image}, presence(posts)


def presence(posts: pd.DataFrame) -> Tensor:
    """Say which posts have a text and which have pictures: 0/1, (posts, 2)."""
    return torch.tensor(
        [
            [float(has_text(text)), float(len(names) > 0)]
            for text, names in zip(posts["text"], posts["images"], strict=True)
        ]
    )


def encode_all_posts(
    bundle: Bundle,
    posts: pd.DataFrame,
    picture_path: Callable[[str], Path],
    settings: Settings,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> tuple[dict[str, Tensor], Tensor]:
    """Encode posts part by part; the model's lock is held for one part, so that others who ask it need not wait.

    Args:
        bundle: The model; its lock is taken here.
        posts: At least one.
        picture_path: See `encode_posts`.
        settings: Posts in a part, and batch sizes.
        progress: Told posts done and posts in all.

    Returns:
        As `encode_posts`.

    Raises:
        ScoringError: A picture is missing or damaged.
    """
    parts = []
    for start in range(0, len(posts), settings.part_posts):
        progress(start, len(posts))
        with bundle.lock:
            parts.append(
                encode_posts(bundle, posts.iloc[start : start + settings.part_posts], picture_path, settings)
            )
    progress(len(posts), len(posts))
    encoded = {modality: torch.cat([part[modality] for part, _ in parts]) for modality in parts[0][0]}
    return encoded, torch.cat([present for _, present in parts])


def stored_picture(path: Path, name: str) -> Image.Image:
    """Open a picture as the model reads it: upright, RGB.

    Args:
        path: Where it stands.
        name: What a message calls it, such as its media id.

    Raises:
        ScoringError: It is missing or damaged.
    """
    try:
        with Image.open(path) as picture:
            return ImageOps.exif_transpose(picture).convert("RGB")  # those of a workspace are upright already
    except OSError as error:
        raise ScoringError(
            f"Picture {name[:12]}…",
            f"cannot be read from the workspace ({error})",
            "Take the batch in again.",
        ) from error
