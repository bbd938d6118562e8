"""Stage 4 of the `compact` recipe: encode all texts and the blank inputs once with the final encoders."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor
from tqdm import tqdm

from analysis.model.bundle import Bundle
from analysis.model.config import OTHER
from analysis.model.encoding import encode_images, encode_texts
from analysis.training.core.data_sets import LabelledData

UNLABELLED = 16_000
"""Unlabelled texts for preserving the shared space and for training fusions; each takes 7 ms to encode."""
OTHER_TEXTS = 4_000
"""Texts in other languages for training fusions."""


@dataclass(frozen=True)
class Encodings:
    """Encoded data, (rows, dim) each.

    Attributes:
        pairs: MVSA pairs by split and modality.
        tweets: Validation texts by head.
        captions: Flickr8k captions by branch of the text encoder and split.
        unlabelled: Unlabelled texts by branch.
        published: The same texts as unit vectors, by the published encoder of the first branch.
        other: Training texts in other languages; empty without branches.
        languages: Validation texts in all languages.
    """

    pairs: Mapping[str, Mapping[str, Tensor]]
    tweets: Mapping[str, Tensor]
    captions: Mapping[str, Mapping[str, Tensor]]
    unlabelled: Mapping[str, Tensor]
    published: Tensor
    other: Tensor
    languages: Tensor


def encode_training_data(
    bundle: Bundle, published: Bundle, labelled: LabelledData, images: Mapping[str, Tensor], seed: int
) -> Encodings:
    """Encode all texts once.

    Args:
        bundle: A bundle with the final encoders.
        published: A bundle with the published encoders.
        labelled: The data.
        images: Encoded images, (dim,) by path.
        seed: Seed for sampling texts.
    """
    pairs = {"train": labelled.pairs.train, "dev": labelled.pairs.val}
    captions = {"train": labelled.captions.train, "dev": labelled.captions.val}
    some, branches = labelled.sample_unlabelled(UNLABELLED, seed).tolist(), list(bundle.tokenizers)
    other = labelled.sample_other(OTHER_TEXTS, seed)["text"].tolist() if len(branches) > 1 else []
    return Encodings(
        pairs={
            split: {
                "text": encode_all_texts(bundle, posts["text"].tolist(), f"pairs, {split}"),
                "image": torch.stack([images[path] for path in posts["image_path"]]),
            }
            for split, posts in pairs.items()
        },
        tweets={
            head: encode_all_texts(bundle, splits.val["text"].tolist(), f"{head}, val")
            for head, splits in labelled.tweets.items()
        },
        captions={
            branch: {
                split: encode_all_texts(bundle, frame["caption"].tolist(), f"captions, {split}", branch)
                for split, frame in captions.items()
            }
            for branch in branches
        },
        unlabelled={
            branch: encode_all_texts(bundle, some, "unlabelled texts", branch) for branch in branches
        },
        published=encode_with_first_branch(published, some),
        other=encode_all_texts(bundle, other, "other languages", OTHER) if other else torch.zeros(0),
        languages=encode_all_texts(bundle, labelled.languages.val["text"].tolist(), "languages, val"),
    )


def encode_with_first_branch(bundle: Bundle, texts: Sequence[str]) -> Tensor:
    """Encode texts with the first branch of the text encoder, or all of it, alone: unit vectors, (texts, dim)."""
    branch = next(iter(bundle.tokenizers))
    encoded = encode_all_texts(bundle, texts, "published encoder", branch)
    return torch.nn.functional.normalize(encoded[:, : bundle.text_config(branch).dim], dim=1)


def encode_all_texts(bundle: Bundle, texts: Sequence[str], title: str, branch: str | None = None) -> Tensor:
    """Encode texts with a progress bar: (texts, dim); see `encode_texts` for the branch."""
    chunks = [texts[start : start + 512] for start in range(0, len(texts), 512)]
    return torch.cat(
        [encode_texts(bundle, chunk, branch=branch) for chunk in tqdm(chunks, desc=title, leave=False)]
    )


def encode_all_images(bundle: Bundle, paths: Sequence[str]) -> dict[str, Tensor]:
    """Encode images with a progress bar: (dim,) by path."""
    distinct = list(dict.fromkeys(paths))
    encoded: dict[str, Tensor] = {}
    for start in tqdm(range(0, len(distinct), 64), desc="images", leave=False):
        found = encode_images(bundle, distinct[start : start + 64], Image.open)
        encoded.update({name: item.vector for name, item in found.items()})
    return encoded


def load_or_compute_stage(path: Path, compute: Callable[[], Any], resume: bool) -> Any:
    """Load a result from a file if `resume` and the file exists; otherwise compute and store it."""
    if resume and path.exists():
        return torch.load(path, weights_only=True)
    result = compute()
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(result, path)
    return result
