"""The labelled data as the frozen encoders see them: every text and picture encoded once, and blank inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from PIL import Image
from torch import Tensor
from tqdm import tqdm

from analysis.model.bundle import Bundle
from analysis.model.encoding import encode_pictures, encode_texts, to_pixels
from analysis.training.data import LabelledData

LONGEST_BLANK = 64


@dataclass(frozen=True)
class Encodings:
    """Encoded data: MVSA texts and pictures, TweetTopic texts, and blank inputs, (rows, dim) each."""

    mvsa_text: Mapping[str, Tensor]
    mvsa_image: Mapping[str, Tensor]
    topic_text: Mapping[str, Tensor]
    blanks: Mapping[str, Tensor]


def encode_data(base: Bundle, labelled: LabelledData) -> Encodings:
    """Encode every text and picture once, with the frozen encoders of `base`."""

    def texts(values: list[str], title: str) -> Tensor:
        chunks = [values[start : start + 256] for start in range(0, len(values), 256)]
        return torch.cat([encode_texts(base, chunk) for chunk in tqdm(chunks, desc=title, leave=False)])

    def pictures(paths: list[str], title: str) -> Tensor:
        encoded: dict[str, Tensor] = {}
        for start in tqdm(range(0, len(paths), 64), desc=title, leave=False):
            encoded.update(encode_pictures(base, paths[start : start + 64], Image.open))
        return torch.stack([encoded[path] for path in paths])

    splits = {"train": labelled.mvsa_train, "dev": labelled.mvsa_dev}
    topics = {"train": labelled.topic_train, "val": labelled.topic_val}
    return Encodings(
        {split: texts(posts["text"].tolist(), f"texts, {split}") for split, posts in splits.items()},
        {split: pictures(posts["picture"].tolist(), f"pictures, {split}") for split, posts in splits.items()},
        {split: texts(posts["text"].tolist(), f"topic texts, {split}") for split, posts in topics.items()},
        {"text": _blank_texts(base), "image": _blank_picture(base)},
    )


def _blank_texts(base: Bundle) -> Tensor:
    """Encode texts of 1 to 64 [MASK] tokens, the baselines of word attribution: (64, dim)."""
    tokenizer = base.tokenizer
    encoded = []
    with torch.inference_mode():
        for length in range(1, LONGEST_BLANK + 1):
            ids = torch.tensor(
                [[tokenizer.cls_token_id, *[tokenizer.mask_token_id] * length, tokenizer.sep_token_id]]
            )
            encoded.append(base.model.encode("text", input_ids=ids, attention_mask=torch.ones_like(ids)))
    return torch.cat(encoded)


def _blank_picture(base: Bundle) -> Tensor:
    """Encode a black picture, the baseline of picture attribution: (1, dim)."""
    config = base.config.encoders["image"]
    pixels = to_pixels(Image.new("RGB", (config.side, config.side)), config).unsqueeze(0)
    with torch.inference_mode():
        return base.model.encode("image", pixels=pixels)
