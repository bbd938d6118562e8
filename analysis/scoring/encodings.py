"""Encodes the posts of a batch: one encoding per post and modality, for computing scores and embeddings.

`analysis.model.encoding` runs the encoders; `analysis.scoring.copies` finds near copies by the keys computed here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from analysis.model.bundle import Bundle
from analysis.model.encoded_post import EncodedPost
from analysis.model.encoding import (
    EncodedItem,
    encode_clean_texts,
    encode_images,
    resize_to_square,
    stack_vectors,
)
from analysis.model.engines import Engine
from analysis.model.modalities import get_modality
from analysis.model.network import pool_image_encodings
from analysis.model.text import preprocess_text
from analysis.scoring.copies import compute_image_copy_key, compute_text_copy_key
from analysis.scoring.stored_images import read_stored_pixels
from analysis.settings import Settings

T = TypeVar("T")


@dataclass(frozen=True)
class Encoded:
    """Encoded posts.

    Attributes:
        vectors: (posts, dim) float32 by modality, in the model's order; zeros if a post lacks the modality.
        present: 0/1, (posts, modalities).
        text_keys: Equal for near copies of a text; "" if there is too little to compare.
        image_keys: Of each post's images, nearly equal for images that look the same; "" without images.
        numbers: What the shares of each post's parts are computed from (`EncodedItem.numbers`), by modality; None for
            posts without it. Of images, one after the other. Empty if the encodings were read from disk, or if the
            model's scores cannot be divided this way.
    """

    vectors: dict[str, Tensor]
    present: Tensor
    text_keys: list[str]
    image_keys: list[str]
    numbers: dict[str, list[Tensor | None]] = field(default_factory=dict)

    def post(self, bundle: Bundle, number: int, text: str) -> EncodedPost:
        """Return one post, to explain its words; its images are not decoded.

        Args:
            bundle: The model that encoded the posts.
            number: Which post.
            text: Its text as written.
        """
        modality = get_modality("text")
        decoded = {"text": modality.decode(bundle, text)} if modality.is_present(text) else {}
        rows = slice(number, number + 1)
        encodings = {name: vectors[rows] for name, vectors in self.vectors.items()}
        return EncodedPost(text, decoded, encodings, self.present[rows])


@dataclass
class PostEncoder:
    """Encodes posts, and caches the latest texts and images across parts.

    Attributes:
        bundle: The model; locked here when needed.
        image_path: Returns the path of a media id's image.
        settings: Batch and cache sizes.
        engine: Runs the encoders; None for PyTorch on the CPU.
    """

    bundle: Bundle
    image_path: Callable[[str], Path]
    settings: Settings = field(default_factory=Settings)
    engine: Engine | None = None
    _texts: dict[str, EncodedItem] = field(default_factory=dict, repr=False)
    _images: dict[str, tuple[EncodedItem, str]] = field(default_factory=dict, repr=False)  # encoding and key

    def encode(self, posts: pd.DataFrame) -> Encoded:
        """Encode posts; several images of a post are averaged.

        Args:
            posts: The post table.

        Returns:
            The encodings, in the posts' order.

        Raises:
            ScoringError: An image is missing or damaged.
        """
        modalities, encoders = self.bundle.model.modalities, self.bundle.config.encoders
        contents = {name: get_modality(name).read(posts) for name in modalities}
        texts, images = contents["text"], contents["image"]
        encoded_texts = self._encode_texts(texts)
        encoded_images = self._encode_images(list(dict.fromkeys(name for names in images for name in names)))
        batched = {
            "text": lambda: stack_vectors([encoded_texts[text] for text in texts], encoders["text"].dim),
            "image": lambda: self._pool(images, encoded_images),
        }
        vectors = {
            name: batched[name]() if name in batched else self._encode_each(name, contents[name])
            for name in modalities
        }
        present = compute_presence_mask(posts, modalities)
        has_text = present[:, modalities.index("text")].tolist()
        numbers: dict[str, list[Tensor | None]] = {
            "text": [
                encoded_texts[text].numbers if there else None
                for text, there in zip(texts, has_text, strict=True)
            ],
            "image": [_join_numbers([encoded_images[name][0] for name in names]) for names in images],
        }
        return Encoded(
            vectors,
            present,
            [compute_text_copy_key(text, bool(names)) for text, names in zip(texts, images, strict=True)],
            [" ".join(sorted({encoded_images[name][1] for name in names})) for names in images],
            {name: values for name, values in numbers.items() if name in self.bundle.part_modalities},
        )

    def _encode_each(self, name: str, contents: Sequence[Any]) -> Tensor:
        """Encode a modality without batching, post by post: (posts, dim)."""
        modality, dim = get_modality(name), self.bundle.config.encoders[name].dim
        encoded = [torch.zeros(0, dim)]
        for content in contents:
            if modality.is_present(content):
                with self.bundle.lock, torch.no_grad():
                    encoded.append(modality.encode(self.bundle, modality.decode(self.bundle, content)))
            else:
                encoded.append(torch.zeros(1, dim))
        return torch.cat(encoded)

    def _pool(
        self, images: Sequence[Sequence[str]], encoded_images: Mapping[str, tuple[EncodedItem, str]]
    ) -> Tensor:
        """Average the encodings of each post's images: (posts, dim)."""
        owners = torch.tensor(
            [number for number, names in enumerate(images) for _ in names], dtype=torch.long
        )
        items = [encoded_images[name][0] for names in images for name in names]
        vectors = stack_vectors(items, self.bundle.config.encoders["image"].dim)
        return pool_image_encodings(vectors, owners, len(images))

    def _encode_texts(self, texts: Sequence[str]) -> dict[str, EncodedItem]:
        new = [text for text in dict.fromkeys(texts) if text not in self._texts]
        cleaned = [preprocess_text(text) for text in new]
        encoded = encode_clean_texts(self.bundle, cleaned, self.settings.batch_posts, self.engine)
        known = {**self._texts, **dict(zip(new, encoded, strict=True))}
        self._texts = _keep_latest(known, self.settings.cached_texts)
        return known

    def _encode_images(self, names: Sequence[str]) -> dict[str, tuple[EncodedItem, str]]:
        keys: dict[str, str] = {}

        def load(media_id: str) -> Tensor:
            image = read_stored_pixels(self.image_path(media_id), media_id)
            square = resize_to_square(image, self.bundle.config.encoders["image"])
            keys[media_id] = compute_image_copy_key(square)
            return square

        new = [name for name in names if name not in self._images]
        encoded = encode_images(self.bundle, new, load, self.settings.batch_images, self.engine)
        known = {**self._images, **{name: (each, keys[name]) for name, each in encoded.items()}}
        self._images = _keep_latest(known, self.settings.cached_images)
        return known


def _join_numbers(images: Sequence[EncodedItem]) -> Tensor | None:
    """Join the numbers of a post's images, whose encodings are averaged: (images x positions, numbers)."""
    numbers = [image.numbers for image in images if image.numbers is not None]
    return torch.cat(numbers) / len(images) if numbers else None


def compute_presence_mask(posts: pd.DataFrame, modalities: Sequence[str]) -> Tensor:
    """Compute which modalities each post has: 0/1, (posts, modalities).

    Args:
        posts: The post table.
        modalities: In the model's order.
    """
    columns = []
    for name in modalities:
        modality = get_modality(name)
        columns.append([float(modality.is_present(content)) for content in modality.read(posts)])
    return torch.tensor(columns).reshape(len(modalities), len(posts)).T.contiguous()


def encoding_table(post_ids: Sequence[str], encoded: Encoded) -> pd.DataFrame:
    """Convert encodings to an `encodings` part, None where a post lacks the modality."""
    table = pd.DataFrame({"post_id": list(post_ids)})
    table["text_key"], table["image_key"] = encoded.text_keys, encoded.image_keys
    for (modality, vectors), has in zip(
        encoded.vectors.items(), encoded.present.bool().T.tolist(), strict=True
    ):
        column = [vector if there else None for vector, there in zip(vectors.numpy(), has, strict=True)]
        table[f"{modality}_encoding"] = pd.Series(column, dtype=object)
    return table


def parse_encodings_part(table: pd.DataFrame, bundle: Bundle) -> Encoded:
    """Read an `encodings` part; the encodings are the same to the last bit."""
    vectors, present = {}, {}
    for modality in bundle.model.modalities:
        column = table[f"{modality}_encoding"]
        present[modality] = column.notna().to_numpy()
        found = np.zeros((len(table), bundle.config.encoders[modality].dim), dtype=np.float32)
        if present[modality].any():
            found[present[modality]] = np.stack(column[present[modality]].tolist())
        vectors[modality] = torch.from_numpy(found)
    mask = torch.from_numpy(np.stack(list(present.values()), axis=1).astype(np.float32))
    return Encoded(vectors, mask, table["text_key"].tolist(), table["image_key"].tolist())


def encode_all_posts(
    bundle: Bundle,
    posts: pd.DataFrame,
    image_path: Callable[[str], Path],
    settings: Settings,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> tuple[dict[str, Tensor], Tensor]:
    """Encode all posts with PyTorch, part by part, and keep the encodings in memory.

    Args:
        bundle: The model; its lock is taken for a few posts at a time.
        posts: At least one.
        image_path: See `PostEncoder`.
        settings: Posts in a part, and batch sizes.
        progress: Called with the number of posts done and in total.

    Returns:
        Encodings (posts, dim) by modality, and presence (posts, modalities).

    Raises:
        ScoringError: An image is missing or damaged.
    """
    encoder, parts = PostEncoder(bundle, image_path, settings), []
    for start in range(0, len(posts), settings.part_posts):
        progress(start, len(posts))
        parts.append(encoder.encode(posts.iloc[start : start + settings.part_posts]))
    progress(len(posts), len(posts))
    encoded = {
        modality: torch.cat([part.vectors[modality] for part in parts]) for modality in parts[0].vectors
    }
    return encoded, torch.cat([part.present for part in parts])


def _keep_latest(known: dict[str, T], most: int) -> dict[str, T]:
    """Keep the last `most` entries."""
    return dict(islice(known.items(), max(0, len(known) - most), None))
