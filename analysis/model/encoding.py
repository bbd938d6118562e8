"""Posts' texts and pictures to encodings, in batches that suit a laptop: what PyTorch computes for scoring.

The encodings of a batch equal those of single posts to 1e-5; `analysis.model.network` fuses them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms.v2 import functional as transforms

from analysis.model.bundle import Bundle
from analysis.model.config import EncoderConfig
from analysis.model.text import clean_texts


def tokenize(bundle: Bundle, cleaned: Sequence[str]) -> dict[str, Tensor]:
    """Tokenize cleaned texts, padded to the longest: input_ids and attention_mask, (texts, tokens)."""
    encoded = bundle.tokenizer(
        list(cleaned),
        padding=True,
        truncation=True,
        max_length=bundle.config.encoders["text"].max_tokens,
        return_tensors="pt",
    )
    return {"input_ids": encoded["input_ids"], "attention_mask": encoded["attention_mask"]}


def encode_texts(bundle: Bundle, texts: Sequence[str], batch: int = 32) -> Tensor:
    """Encode texts; equal texts are encoded once, and texts of like length together.

    Args:
        bundle: The model.
        texts: Posts' texts as written; "" gives zeros, as an absent text's encoding is never read.
        batch: Texts at once.

    Returns:
        (texts, dim), float32.
    """
    dim = bundle.config.encoders["text"].dim
    cleaned = clean_texts(texts)
    distinct = sorted({text for text in cleaned if text}, key=len)
    encoded = {"": torch.zeros(dim)}
    with torch.inference_mode():
        for start in range(0, len(distinct), batch):
            chunk = distinct[start : start + batch]
            encoded.update(zip(chunk, bundle.model.encode("text", **tokenize(bundle, chunk)), strict=True))
    return torch.stack([encoded[text] for text in cleaned]) if cleaned else torch.zeros(0, dim)


def to_pixels(picture: Image.Image, config: EncoderConfig) -> Tensor:
    """Bring a picture to the image encoder's input.

    The whole picture is squeezed to a square, so that nothing at its edge goes unseen or unexplained.

    Args:
        picture: Any size and mode.
        config: The image encoder's.

    Returns:
        (3, side, side), normalised.
    """
    small = picture.convert("RGB").resize(
        (config.side, config.side), Image.Resampling.BICUBIC, reducing_gap=2.0
    )
    pixels: Tensor = transforms.to_dtype(transforms.pil_to_tensor(small), torch.float32, scale=True)
    return transforms.normalize(pixels, list(config.mean), list(config.std))


def encode_pictures(
    bundle: Bundle, names: Sequence[str], load: Callable[[str], Image.Image], batch: int = 4
) -> dict[str, Tensor]:
    """Encode pictures, each name once.

    Args:
        bundle: The model.
        names: Media ids, or whatever `load` understands.
        load: Opens one picture.
        batch: Pictures at once.

    Returns:
        (dim,) float32, by name.
    """
    distinct = list(dict.fromkeys(names))
    config = bundle.config.encoders["image"]
    encoded: dict[str, Tensor] = {}
    with torch.inference_mode():
        for start in range(0, len(distinct), batch):
            chunk = distinct[start : start + batch]
            pixels = torch.stack([to_pixels(load(name), config) for name in chunk])
            vectors = bundle.model.encode(
                "image", pixels=pixels.contiguous(memory_format=torch.channels_last)
            )
            encoded.update(zip(chunk, vectors, strict=True))
    return encoded
