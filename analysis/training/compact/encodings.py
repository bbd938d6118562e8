"""The data as the final encoders see them: every text and picture encoded once, and blank inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor
from tqdm import tqdm

from analysis.model.bundle import Bundle
from analysis.model.encoding import encode_pictures, encode_texts, to_pixels
from analysis.training.core.data_sets import LabelledData

LONGEST_BLANK = 64
UNLABELLED = 16_000
"""Texts that keep their meaning in the shared space, and that kinds of fusion are compared on; each costs 7 ms."""


@dataclass(frozen=True)
class Encodings:
    """Encoded data, (rows, dim) each.

    Attributes:
        pairs: MVSA by split and modality.
        tweets: Validation texts by head.
        captions: Flickr8k captions by split.
        meaning: Unlabelled texts, and what they meant to the base encoder (unit vectors).
        multilingual: UMSAB validation.
        blanks: Blank inputs by modality, the baselines of attribution.
    """

    pairs: Mapping[str, Mapping[str, Tensor]]
    tweets: Mapping[str, Tensor]
    captions: Mapping[str, Tensor]
    meaning: tuple[Tensor, Tensor]
    multilingual: Tensor
    blanks: Mapping[str, Tensor]


def encode_data(
    bundle: Bundle, first: Bundle, labelled: LabelledData, pictures: Mapping[str, Tensor], seed: int
) -> Encodings:
    """Encode every text once.

    Args:
        bundle: With the final encoders.
        first: With the base encoders.
        labelled: The data.
        pictures: Encoded pictures, (dim,) by path.
        seed: Of the choice of unlabelled texts.
    """
    pairs = {"train": labelled.pairs.train, "dev": labelled.pairs.val}
    some = labelled.some_unlabelled(UNLABELLED, seed).tolist()
    unlabelled = texts(bundle, some, "unlabelled texts")
    return Encodings(
        pairs={
            split: {
                "text": texts(bundle, posts["text"].tolist(), f"pairs, {split}"),
                "image": torch.stack([pictures[path] for path in posts["picture"]]),
            }
            for split, posts in pairs.items()
        },
        tweets={
            head: texts(bundle, splits.val["text"].tolist(), f"{head}, val")
            for head, splits in labelled.tweets.items()
        },
        captions={
            "train": texts(bundle, labelled.captions.train["caption"].tolist(), "captions, train"),
            "dev": texts(bundle, labelled.captions.val["caption"].tolist(), "captions, dev"),
        },
        meaning=(unlabelled, torch.nn.functional.normalize(texts(first, some, "base encoder"), dim=1)),
        multilingual=texts(bundle, labelled.multilingual["text"].tolist(), "other languages"),
        blanks={"text": blank_texts(bundle), "image": blank_picture(bundle)},
    )


def texts(bundle: Bundle, values: Sequence[str], title: str) -> Tensor:
    """Encode texts with a progress bar: (texts, dim)."""
    chunks = [values[start : start + 512] for start in range(0, len(values), 512)]
    return torch.cat([encode_texts(bundle, chunk) for chunk in tqdm(chunks, desc=title, leave=False)])


def encode_all_pictures(bundle: Bundle, paths: Sequence[str]) -> dict[str, Tensor]:
    """Encode pictures with a progress bar: (dim,) by path."""
    distinct = list(dict.fromkeys(paths))
    encoded: dict[str, Tensor] = {}
    for start in tqdm(range(0, len(distinct), 64), desc="pictures", leave=False):
        encoded.update(encode_pictures(bundle, distinct[start : start + 64], Image.open))
    return encoded


def kept(path: Path, make: Any, resume: bool) -> Any:
    """Give what an earlier run kept in a file; otherwise make it, and keep it."""
    if resume and path.exists():
        return torch.load(path, weights_only=True)
    made = make()
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(made, path)
    return made


def blank_texts(bundle: Bundle) -> Tensor:
    """Encode texts of 1 to 64 [MASK] tokens, the baselines of word attribution: (64, dim)."""
    tokenizer = bundle.tokenizer
    encoded = []
    with torch.inference_mode():
        for length in range(1, LONGEST_BLANK + 1):
            ids = torch.tensor(
                [[tokenizer.cls_token_id, *[tokenizer.mask_token_id] * length, tokenizer.sep_token_id]]
            )
            encoded.append(bundle.model.encode("text", input_ids=ids, attention_mask=torch.ones_like(ids)))
    return torch.cat(encoded)


def blank_picture(bundle: Bundle) -> Tensor:
    """Encode a black picture, the baseline of picture attribution: (1, dim)."""
    config = bundle.config.encoders["image"]
    pixels = to_pixels(Image.new("RGB", (config.side, config.side)), config).unsqueeze(0)
    with torch.inference_mode():
        return bundle.model.encode("image", pixels=pixels)
