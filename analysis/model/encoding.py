"""Encodes texts and images in small batches; an engine (`analysis.model.engines`) runs the encoders.

Texts are padded to a multiple of `LENGTH_STEP` tokens, not to the longest text of the batch. So a text has exactly
the same encoding in any batch, and a report does not depend on where scoring was interrupted or how it was
distributed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache

import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms.v2 import functional as transforms

from analysis.model.bundle import Bundle
from analysis.model.config import EncoderConfig
from analysis.model.engines import Engine, TorchEngine
from analysis.model.text import preprocess_texts

LENGTH_STEP = 4
"""Texts of 1 to 4, 5 to 8, ... tokens are padded to the same length, which adds 6 % to the number of tokens."""
IMAGE_THREADS = 2
"""Threads that open images; Pillow releases the GIL while decoding. On two cores, two keep ahead of the encoder."""


def encode_texts(
    bundle: Bundle, texts: Sequence[str], batch: int = 32, engine: Engine | None = None
) -> Tensor:
    """Encode texts. Duplicates are encoded once, and texts of similar length are batched together.

    Args:
        bundle: The model.
        texts: Original texts of posts; the encoding of "" is zeros, and never used.
        batch: Batch size.
        engine: Runs the encoder; None for PyTorch on the CPU.

    Returns:
        (texts, dim), float32.
    """
    return encode_clean_texts(bundle, preprocess_texts(texts), batch, engine)


def encode_clean_texts(
    bundle: Bundle, cleaned: Sequence[str], batch: int = 32, engine: Engine | None = None
) -> Tensor:
    """Encode texts that were already cleaned; see `encode_texts`."""
    dim = bundle.config.encoders["text"].dim
    batches = list(batch_token_ids(bundle, list(dict.fromkeys(text for text in cleaned if text)), batch))
    encoded = {"": torch.zeros(dim)}
    engine = engine or TorchEngine(bundle, "cpu")
    found = engine.encode("text", (inputs for _, inputs in batches))
    for (chunk, _), vectors in zip(batches, found, strict=True):
        encoded.update(zip(chunk, vectors, strict=True))
    return torch.stack([encoded[text] for text in cleaned]) if cleaned else torch.zeros(0, dim)


def batch_token_ids(
    bundle: Bundle, texts: Sequence[str], batch: int
) -> Iterator[tuple[list[str], dict[str, Tensor]]]:
    """Group cleaned texts into batches of equal length: the texts, and their ids and mask, (texts, tokens) each."""
    if not texts:
        return
    longest = bundle.config.encoders["text"].max_tokens
    tokens = bundle.tokenize(list(texts))["input_ids"]
    by_length: dict[int, list[int]] = {}
    for number, ids in enumerate(tokens):
        by_length.setdefault(min(-(-len(ids) // LENGTH_STEP) * LENGTH_STEP, longest), []).append(number)
    for length, numbers in sorted(
        by_length.items(), reverse=True
    ):  # longest first, so parallel requests finish at the same time
        for start in range(0, len(numbers), batch):
            chunk = numbers[start : start + batch]
            ids = torch.full((len(chunk), length), bundle.tokenizer.pad_token_id)
            mask = torch.zeros_like(ids)
            for row, number in enumerate(chunk):
                ids[row, : len(tokens[number])] = torch.tensor(tokens[number])
                mask[row, : len(tokens[number])] = 1
            yield [texts[number] for number in chunk], {"input_ids": ids, "attention_mask": mask}


def resize_to_square(image: Image.Image | Tensor, config: EncoderConfig) -> Tensor:
    """Resize an image to the encoder's square input without cropping, so its edges are kept.

    Args:
        image: An image of any size and mode, or a uint8 tensor, (3, height, width).
        config: The image encoder's configuration.

    Returns:
        (3, side, side), uint8.
    """
    if isinstance(image, Image.Image):
        image = transforms.pil_to_tensor(image.convert("RGB"))
    square = [
        config.side,
        config.side,
    ]  # differs from Pillow by at most two grey levels and takes a quarter of the time
    return transforms.resize(image, square, transforms.InterpolationMode.BICUBIC, antialias=True)


def convert_to_pixels(image: Image.Image | Tensor, config: EncoderConfig) -> Tensor:
    """Convert an image to the image encoder's input.

    Args:
        image: As for `resize_to_square`, or its result.
        config: The image encoder's configuration.

    Returns:
        (3, side, side), normalised.
    """
    mean, std = (torch.tensor(values).view(3, 1, 1) * 255 for values in (config.mean, config.std))
    return resize_to_square(image, config).contiguous().float().sub_(mean).div_(std)


def encode_images(
    bundle: Bundle,
    names: Sequence[str],
    load: Callable[[str], Image.Image | Tensor],
    batch: int = 4,
    engine: Engine | None = None,
) -> dict[str, Tensor]:
    """Encode images, each name once. Threads open the next images in the meantime.

    Args:
        bundle: The model.
        names: Media ids, or other names that `load` accepts.
        load: Opens one image, in a form that `convert_to_pixels` accepts; called from several threads.
        batch: Batch size.
        engine: Runs the encoder; None for PyTorch on the CPU.

    Returns:
        (dim,) float32, by name.
    """
    distinct = list(dict.fromkeys(names))
    config = bundle.config.encoders["image"]
    chunks = [distinct[start : start + batch] for start in range(0, len(distinct), batch)]
    opened = _prefetch(lambda name: convert_to_pixels(load(name), config), distinct, 4 * batch)
    inputs = ({"pixels": torch.stack([next(opened) for _ in chunk])} for chunk in chunks)
    encoded: dict[str, Tensor] = {}
    engine = engine or TorchEngine(bundle, "cpu")
    for chunk, vectors in zip(chunks, engine.encode("image", inputs), strict=True):
        encoded.update(zip(chunk, vectors, strict=True))
    return encoded


def encode_pixels(bundle: Bundle, pixels: Tensor, batch: int = 4) -> Tensor:
    """Encode normalised images with PyTorch: (images, 3, side, side) to (images, dim)."""
    inputs = ({"pixels": chunk} for chunk in pixels.split(batch))
    return torch.stack([row for rows in TorchEngine(bundle, "cpu").encode("image", inputs) for row in rows])


def _prefetch(work: Callable[[str], Tensor], names: Iterable[str], limit: int) -> Iterator[Tensor]:
    """Apply `work` to each name in order, in threads that run at most `limit` names ahead."""
    waiting: deque[Future[Tensor]] = deque()
    try:
        for name in names:
            waiting.append(_get_thread_pool().submit(work, name))
            if len(waiting) >= limit:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for each in waiting:
            each.cancel()


@cache
def _get_thread_pool() -> ThreadPoolExecutor:
    """Return the shared threads that open images; each new thread would allocate its own memory."""
    return ThreadPoolExecutor(IMAGE_THREADS, "images")
