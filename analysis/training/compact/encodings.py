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
from analysis.model.encoding import convert_to_pixels, encode_images, encode_texts
from analysis.training.core.data_sets import LabelledData

LONGEST_BLANK = 64
UNLABELLED = 16_000
"""Unlabelled texts for preserving the shared space and for training fusions; each takes 7 ms to encode."""


@dataclass(frozen=True)
class Encodings:
    """Encoded data, (rows, dim) each.

    Attributes:
        pairs: MVSA pairs by split and modality.
        tweets: Validation texts by head.
        captions: Flickr8k captions by split.
        unlabelled: Unlabelled texts, encoded by the final encoder and by the published one (unit vectors).
        multilingual: UMSAB validation texts.
        blanks: Blank inputs by modality, the baselines of attributions.
    """

    pairs: Mapping[str, Mapping[str, Tensor]]
    tweets: Mapping[str, Tensor]
    captions: Mapping[str, Tensor]
    unlabelled: tuple[Tensor, Tensor]
    multilingual: Tensor
    blanks: Mapping[str, Tensor]


def encode_training_data(
    bundle: Bundle, published: Bundle, labelled: LabelledData, images: Mapping[str, Tensor], seed: int
) -> Encodings:
    """Encode all texts once.

    Args:
        bundle: A bundle with the final encoders.
        published: A bundle with the published encoders.
        labelled: The data.
        images: Encoded images, (dim,) by path.
        seed: Seed for sampling the unlabelled texts.
    """
    pairs = {"train": labelled.pairs.train, "dev": labelled.pairs.val}
    captions = {"train": labelled.captions.train, "dev": labelled.captions.val}
    some = labelled.sample_unlabelled(UNLABELLED, seed).tolist()
    unlabelled = encode_all_texts(bundle, some, "unlabelled texts")
    before = encode_all_texts(published, some, "published encoder")
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
            split: encode_all_texts(bundle, frame["caption"].tolist(), f"captions, {split}")
            for split, frame in captions.items()
        },
        unlabelled=(unlabelled, torch.nn.functional.normalize(before, dim=1)),
        multilingual=encode_all_texts(bundle, labelled.multilingual["text"].tolist(), "other languages"),
        blanks={"text": encode_blank_texts(bundle), "image": encode_blank_image(bundle)},
    )


def encode_all_texts(bundle: Bundle, texts: Sequence[str], title: str) -> Tensor:
    """Encode texts with a progress bar: (texts, dim)."""
    chunks = [texts[start : start + 512] for start in range(0, len(texts), 512)]
    return torch.cat([encode_texts(bundle, chunk) for chunk in tqdm(chunks, desc=title, leave=False)])


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


def make_blank_tokens(bundle: Bundle, count: int) -> list[int]:
    """Return the token ids of a text of `count` [MASK] tokens."""
    tokenizer = bundle.tokenizer
    return [tokenizer.cls_token_id, *[tokenizer.mask_token_id] * count, tokenizer.sep_token_id]


def encode_blank_texts(bundle: Bundle) -> Tensor:
    """Encode texts of 1 to 64 [MASK] tokens, the baselines of word attribution: (64, dim)."""
    encoded = []
    with torch.inference_mode():
        for length in range(1, LONGEST_BLANK + 1):
            ids = torch.tensor([make_blank_tokens(bundle, length)])
            encoded.append(bundle.model.encode("text", input_ids=ids, attention_mask=torch.ones_like(ids)))
    return torch.cat(encoded)


def encode_blank_image(bundle: Bundle) -> Tensor:
    """Encode a black image, the baseline of image attribution: (1, dim)."""
    config = bundle.config.encoders["image"]
    pixels = convert_to_pixels(Image.new("RGB", (config.side, config.side)), config).unsqueeze(0)
    with torch.inference_mode():
        return bundle.model.encode("image", pixels=pixels)
