"""A batch's posts to encodings, one text and the mean of its pictures each: what scores and embeddings are made of.

The encoders' own batches are `analysis.model.encoding`; finding posts that are nearly alike by the keys made here is
`analysis.scoring.copies`.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd
import simplejpeg
import torch
from PIL import Image, ImageOps
from torch import Tensor
from torchvision.transforms.v2.functional import pil_to_tensor

from analysis.errors import ScoringError
from analysis.model.bundle import Bundle
from analysis.model.encoding import encode_pictures, encode_texts, squeezed
from analysis.model.engines import Engine
from analysis.model.network import pool_pictures
from analysis.posts import has_text
from analysis.scoring.copies import picture_key, text_key
from analysis.settings import Settings

T = TypeVar("T")
_MEDIA_ID = re.compile(r"[0-9a-f]{64}")
_BEFORE_PIXELS = 2**16
"""Bytes of a JPEG that its Exif data, which come first, begin within."""


@dataclass(frozen=True)
class Encoded:
    """What the encoders made of some posts.

    Attributes:
        vectors: (posts, dim) float32 by modality, `text` and `image`; zeros where a post lacks it.
        present: 0/1, (posts, 2).
        text_keys: Equal for texts that say the same; "" where there is nothing to compare.
        image_keys: Of each post's pictures, alike for pictures that look the same; "" without pictures.
    """

    vectors: dict[str, Tensor]
    present: Tensor
    text_keys: list[str]
    image_keys: list[str]


@dataclass
class PostEncoder:
    """Encodes posts; a text or picture that was met lately, in any part, is not encoded again.

    Attributes:
        bundle: The model; its lock is taken here where it is needed.
        picture_path: Where a media id's picture stands.
        settings: Batch sizes, and how much is remembered.
        engine: What runs the encoders; None for PyTorch on the processor.
    """

    bundle: Bundle
    picture_path: Callable[[str], Path]
    settings: Settings = field(default_factory=Settings)
    engine: Engine | None = None
    _texts: dict[str, Tensor] = field(default_factory=dict, repr=False)
    _pictures: dict[str, tuple[Tensor, str]] = field(default_factory=dict, repr=False)

    def encode(self, posts: pd.DataFrame) -> Encoded:
        """Encode posts; several pictures of a post are averaged.

        Args:
            posts: The post table.

        Returns:
            The encodings, in the posts' order.

        Raises:
            ScoringError: A picture is missing or damaged.
        """
        texts = posts["text"].tolist()
        images = [list(names) for names in posts["images"]]
        text = self._encode_texts(texts)
        found = self._encode_pictures(list(dict.fromkeys(name for names in images for name in names)))
        owners = torch.tensor(
            [number for number, names in enumerate(images) for _ in names], dtype=torch.long
        )
        vectors = [found[name][0] for names in images for name in names]
        dim = self.bundle.config.encoders["image"].dim
        image = pool_pictures(torch.stack(vectors) if vectors else torch.zeros(0, dim), owners, len(posts))
        return Encoded(
            {"text": text, "image": image},
            presence(posts),
            [text_key(text, bool(names)) for text, names in zip(texts, images, strict=True)],
            [" ".join(sorted({found[name][1] for name in names})) for names in images],
        )

    def _encode_texts(self, texts: Sequence[str]) -> Tensor:
        new = [text for text in dict.fromkeys(texts) if text not in self._texts]
        vectors = encode_texts(self.bundle, new, self.settings.batch_posts, self.engine)
        known = {**self._texts, **dict(zip(new, vectors, strict=True))}
        self._texts = _latest(known, self.settings.remembered_texts)
        dim = self.bundle.config.encoders["text"].dim
        return torch.stack([known[text] for text in texts]) if texts else torch.zeros(0, dim)

    def _encode_pictures(self, names: Sequence[str]) -> dict[str, tuple[Tensor, str]]:
        keys: dict[str, str] = {}

        def load(media_id: str) -> Tensor:
            picture = stored_pixels(self.picture_path(media_id), media_id)
            square = squeezed(picture, self.bundle.config.encoders["image"])
            keys[media_id] = picture_key(square)
            return square

        new = [name for name in names if name not in self._pictures]
        vectors = encode_pictures(self.bundle, new, load, self.settings.batch_images, self.engine)
        known = {**self._pictures, **{name: (vector, keys[name]) for name, vector in vectors.items()}}
        self._pictures = _latest(known, self.settings.remembered_pictures)
        return known


def presence(posts: pd.DataFrame) -> Tensor:
    """Say which posts have a text and which have pictures: 0/1, (posts, 2)."""
    return torch.tensor(
        [
            [float(has_text(text)), float(len(names) > 0)]
            for text, names in zip(posts["text"], posts["images"], strict=True)
        ]
    ).reshape(len(posts), 2)


def encoding_table(post_ids: Sequence[str], encoded: Encoded) -> pd.DataFrame:
    """Bring encodings to the form of `encodings` parts, None where a post lacks the modality."""
    table = pd.DataFrame({"post_id": list(post_ids)})
    table["text_key"], table["image_key"] = encoded.text_keys, encoded.image_keys
    for (modality, vectors), has in zip(
        encoded.vectors.items(), encoded.present.bool().T.tolist(), strict=True
    ):
        kept = [vector if there else None for vector, there in zip(vectors.numpy(), has, strict=True)]
        table[f"{modality}_encoding"] = pd.Series(kept, dtype=object)
    return table


def encoded_of(table: pd.DataFrame, bundle: Bundle) -> Encoded:
    """Bring an `encodings` part back to what was encoded, to the last bit."""
    vectors, present = {}, {}
    for modality in ("text", "image"):
        column = table[f"{modality}_encoding"]
        present[modality] = column.notna().to_numpy()
        found = np.zeros((len(table), bundle.config.encoders[modality].dim), dtype=np.float32)
        if present[modality].any():
            found[present[modality]] = np.stack(column[present[modality]].tolist())
        vectors[modality] = torch.from_numpy(found)
    shown = torch.from_numpy(np.stack([present["text"], present["image"]], axis=1).astype(np.float32))
    return Encoded(vectors, shown, table["text_key"].tolist(), table["image_key"].tolist())


def encode_all_posts(
    bundle: Bundle,
    posts: pd.DataFrame,
    picture_path: Callable[[str], Path],
    settings: Settings,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> tuple[dict[str, Tensor], Tensor]:
    """Encode posts part by part, by PyTorch, for work that holds all of them.

    Args:
        bundle: The model; its lock is taken for a few posts at a time.
        posts: At least one.
        picture_path: See `PostEncoder`.
        settings: Posts in a part, and batch sizes.
        progress: Told posts done and posts in all.

    Returns:
        Encodings (posts, dim) by modality, and presence (posts, 2) of text and image.

    Raises:
        ScoringError: A picture is missing or damaged.
    """
    encoder, parts = PostEncoder(bundle, picture_path, settings), []
    for start in range(0, len(posts), settings.part_posts):
        progress(start, len(posts))
        parts.append(encoder.encode(posts.iloc[start : start + settings.part_posts]))
    progress(len(posts), len(posts))
    encoded = {
        modality: torch.cat([part.vectors[modality] for part in parts]) for modality in parts[0].vectors
    }
    return encoded, torch.cat([part.present for part in parts])


def stored_picture(path: Path, name: str) -> Image.Image:
    """Open a picture as the model reads it: upright, RGB.

    Args:
        path: Where it stands.
        name: Its media id, the hash of its bytes, which is then checked; or what else a message is to call it.

    Raises:
        ScoringError: It is missing or damaged.
    """
    content = _stored(path, name)
    try:
        with Image.open(io.BytesIO(content)) as picture:
            return ImageOps.exif_transpose(picture).convert("RGB")  # those of a workspace are upright already
    except (OSError, ValueError, SyntaxError) as error:
        raise _unreadable(name, f"cannot be read from the workspace ({error})") from error


def stored_pixels(path: Path, name: str) -> Tensor:
    """Give the pixels of what `stored_picture` opens; those of a workspace's pictures in half the time.

    Args:
        path: Where it stands.
        name: As for `stored_picture`.

    Returns:
        (3, height, width), uint8.

    Raises:
        ScoringError: It is missing or damaged.
    """
    content = _stored(path, name)
    with suppress(OSError, ValueError):  # no JPEG or damaged: Pillow reads it or says why not
        colours = simplejpeg.decode_jpeg_header(content)[2]
        if b"Exif" not in content[:_BEFORE_PIXELS] and colours in (
            "YCbCr",
            "Gray",
        ):  # else it may have to be turned
            return torch.from_numpy(simplejpeg.decode_jpeg(content, "RGB")).permute(2, 0, 1)
    return pil_to_tensor(stored_picture(path, name))


def _stored(path: Path, name: str) -> bytes:
    """Read a picture's file, and compare it with its media id if that is its name."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _unreadable(name, f"cannot be read from the workspace ({error})") from error
    if _MEDIA_ID.fullmatch(name) and hashlib.sha256(content).hexdigest() != name:
        raise _unreadable(name, "is damaged in the workspace: it is not what was stored")
    return content


def _unreadable(name: str, fact: str) -> ScoringError:
    return ScoringError(
        f"Picture {name[:12]}…",
        fact,
        "Take the batch in again: upload it, or run postlens score without --resume.",
    )


def _latest(known: dict[str, T], most: int) -> dict[str, T]:
    """Keep the last so many of what is known."""
    return dict(islice(known.items(), max(0, len(known) - most), None))
