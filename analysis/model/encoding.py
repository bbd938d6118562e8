"""Encodes texts and images in batches that suit a laptop; an engine (`analysis.model.engines`) runs the encoders.

Tokens are padded to multiples of `LENGTHS`, independent of the batch, so that a text has the same encoding to the
last bit in any batch: a report does not depend on where scoring was interrupted, or how it was distributed.
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
from analysis.model.text import clean_texts

LENGTHS = 4
"""Texts of 1 to 4, 5 to 8, ... tokens share a length: 6 % more tokens than their own."""
THREADS = 2
"""Threads that open images; Pillow decodes without Python's lock. Two are faster than the encoder on two cores."""


def encode_texts(
    bundle: Bundle, texts: Sequence[str], batch: int = 32, engine: Engine | None = None
) -> Tensor:
    """Encode texts; equal texts are encoded once, and texts of similar length together.

    Args:
        bundle: The model.
        texts: Posts' texts as written; "" gives zeros: the encoding of an absent text is never used.
        batch: Texts at once.
        engine: Runs the encoder; None for PyTorch on the CPU.

    Returns:
        (texts, dim), float32.
    """
    return encode_clean_texts(bundle, clean_texts(texts), batch, engine)


def encode_clean_texts(
    bundle: Bundle, cleaned: Sequence[str], batch: int = 32, engine: Engine | None = None
) -> Tensor:
    """Encode texts that are already cleaned; see `encode_texts`."""
    dim = bundle.config.encoders["text"].dim
    batches = list(token_batches(bundle, list(dict.fromkeys(text for text in cleaned if text)), batch))
    encoded = {"": torch.zeros(dim)}
    engine = engine or TorchEngine(bundle, "cpu")
    found = engine.encode("text", (inputs for _, inputs in batches))
    for (chunk, _), vectors in zip(batches, found, strict=True):
        encoded.update(zip(chunk, vectors, strict=True))
    return torch.stack([encoded[text] for text in cleaned]) if cleaned else torch.zeros(0, dim)


def token_batches(
    bundle: Bundle, texts: Sequence[str], batch: int
) -> Iterator[tuple[list[str], dict[str, Tensor]]]:
    """Group cleaned texts into batches of one length: the texts, and their ids and mask, (texts, tokens) each."""
    if not texts:
        return
    longest = bundle.config.encoders["text"].max_tokens
    tokens = bundle.tokenize(list(texts))["input_ids"]
    by_length: dict[int, list[int]] = {}
    for number, ids in enumerate(tokens):
        by_length.setdefault(min(-(-len(ids) // LENGTHS) * LENGTHS, longest), []).append(number)
    for length, numbers in sorted(
        by_length.items(), reverse=True
    ):  # the longest first: parallel requests end together
        for start in range(0, len(numbers), batch):
            chunk = numbers[start : start + batch]
            ids = torch.full((len(chunk), length), bundle.tokenizer.pad_token_id)
            mask = torch.zeros_like(ids)
            for row, number in enumerate(chunk):
                ids[row, : len(tokens[number])] = torch.tensor(tokens[number])
                mask[row, : len(tokens[number])] = 1
            yield [texts[number] for number in chunk], {"input_ids": ids, "attention_mask": mask}


def squeezed(image: Image.Image | Tensor, config: EncoderConfig) -> Tensor:
    """Squeeze an image to the square that the image encoder reads; unlike a crop, this keeps its edges.

    Args:
        image: Any size and mode, or decoded to (3, height, width), uint8.
        config: The image encoder's.

    Returns:
        (3, side, side), uint8.
    """
    if isinstance(image, Image.Image):
        image = transforms.pil_to_tensor(image.convert("RGB"))
    square = [config.side, config.side]  # within two grey levels of Pillow's result, in a quarter of the time
    return transforms.resize(image, square, transforms.InterpolationMode.BICUBIC, antialias=True)


def to_pixels(image: Image.Image | Tensor, config: EncoderConfig) -> Tensor:
    """Convert an image to the image encoder's input.

    Args:
        image: As for `squeezed`, or squeezed already.
        config: The image encoder's.

    Returns:
        (3, side, side), normalised.
    """
    mean, std = (torch.tensor(values).view(3, 1, 1) * 255 for values in (config.mean, config.std))
    return squeezed(image, config).contiguous().float().sub_(mean).div_(std)


def encode_images(
    bundle: Bundle,
    names: Sequence[str],
    load: Callable[[str], Image.Image | Tensor],
    batch: int = 4,
    engine: Engine | None = None,
) -> dict[str, Tensor]:
    """Encode images, each name once; threads open the next ones meanwhile.

    Args:
        bundle: The model.
        names: Media ids, or other names that `load` accepts.
        load: Opens one image, as for `to_pixels`; called by several threads.
        batch: Images at once.
        engine: Runs the encoder; None for PyTorch on the CPU.

    Returns:
        (dim,) float32, by name.
    """
    distinct = list(dict.fromkeys(names))
    config = bundle.config.encoders["image"]
    chunks = [distinct[start : start + batch] for start in range(0, len(distinct), batch)]
    opened = _ahead(lambda name: to_pixels(load(name), config), distinct, 4 * batch)
    inputs = ({"pixels": torch.stack([next(opened) for _ in chunk])} for chunk in chunks)
    encoded: dict[str, Tensor] = {}
    engine = engine or TorchEngine(bundle, "cpu")
    for chunk, vectors in zip(chunks, engine.encode("image", inputs), strict=True):
        encoded.update(zip(chunk, vectors, strict=True))
    return encoded


def encode_pixels(bundle: Bundle, pixels: Tensor, batch: int = 4) -> Tensor:
    """Encode images that are already normalised: (images, 3, side, side) to (images, dim), by PyTorch."""
    inputs = ({"pixels": chunk} for chunk in pixels.split(batch))
    return torch.stack([row for rows in TorchEngine(bundle, "cpu").encode("image", inputs) for row in rows])


def _ahead(work: Callable[[str], Tensor], names: Iterable[str], most: int) -> Iterator[Tensor]:
    """Do some work for each name in order, in threads that are at most `most` names ahead."""
    waiting: deque[Future[Tensor]] = deque()
    try:
        for name in names:
            waiting.append(_threads().submit(work, name))
            if len(waiting) >= most:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for each in waiting:
            each.cancel()


@cache
def _threads() -> ThreadPoolExecutor:
    """The threads that open images, shared: each new thread would allocate memory of its own."""
    return ThreadPoolExecutor(THREADS, "images")
