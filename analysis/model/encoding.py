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
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from analysis.model.bundle import Bundle
from analysis.model.config import EncoderConfig
from analysis.model.engines import Engine, TorchEngine
from analysis.model.text import CleanText, preprocess_text
from analysis.model.text_branches import choose_branches

if TYPE_CHECKING:
    from tokenizers import Encoding

LENGTH_STEP = 4
"""Texts of 1 to 4, 5 to 8, ... tokens are padded to the same length, which adds 6 % to the number of tokens."""
IMAGE_THREADS = 2
"""Threads that open images; Pillow releases the GIL while decoding. On two cores, two keep ahead of the encoder."""


class EncodedItem(NamedTuple):
    """The encoding of a text or an image.

    Attributes:
        vector: (dim,), float32.
        numbers: What `AdditiveFusion.compute_shares` needs of each word or position, (parts, numbers), float32: of
            the words of `CleanText.words` that the encoder reads, or of the positions of the feature map. None if the
            model cannot divide its scores this way (`Bundle.part_encoders`).
    """

    vector: Tensor
    numbers: Tensor | None


def encode_texts(
    bundle: Bundle,
    texts: Sequence[str],
    batch: int = 32,
    engine: Engine | None = None,
    branch: str | None = None,
) -> Tensor:
    """Encode texts; see `encode_clean_texts`.

    Args:
        bundle: The model.
        texts: Original texts of posts; the encoding of "" is zeros, and never used.
        batch: Batch size.
        engine: Runs the encoder; None for PyTorch on the CPU.
        branch: The branch of the encoder that reads all texts; None for the branches of their languages.

    Returns:
        (texts, dim), float32.
    """
    encoded = encode_clean_texts(bundle, [preprocess_text(text) for text in texts], batch, engine, branch)
    return stack_vectors(encoded, bundle.config.encoders["text"].dim)


def stack_vectors(items: Sequence[EncodedItem], dim: int) -> Tensor:
    """Stack the vectors of items, which may be none: (items, dim)."""
    return torch.stack([item.vector for item in items]) if items else torch.zeros(0, dim)


def encode_clean_texts(
    bundle: Bundle,
    texts: Sequence[CleanText],
    batch: int = 32,
    engine: Engine | None = None,
    branch: str | None = None,
) -> list[EncodedItem]:
    """Encode cleaned texts. Duplicates are encoded once, and texts of similar length are batched together.

    Args:
        bundle: The model.
        texts: Cleaned texts; the encoding of "" is zeros, and never used.
        batch: Batch size.
        engine: Runs the encoder; None for PyTorch on the CPU.
        branch: See `encode_texts`.
    """
    config = bundle.config.encoders["text"]
    originals = [text.original for text in texts]
    branches = choose_branches(config, originals) if branch is None else [branch] * len(texts)
    keys = [(used, text.clean) for used, text in zip(branches, texts, strict=True)]
    engine = engine or TorchEngine(bundle, "cpu")
    rows: dict[tuple[str, str], tuple[Tensor, tuple[Tensor, list[tuple[int, int]]] | None]] = {}
    for reader in dict.fromkeys(branches):
        own = list(dict.fromkeys(clean for used, clean in keys if used == reader and clean))
        batches = list(batch_token_ids(bundle, own, batch, reader))
        found = engine.encode("text", (tokens.inputs for tokens in batches), reader)
        for tokens, (vectors, numbers) in zip(batches, found, strict=True):
            for row, clean in enumerate(tokens.texts):
                by_token = None if numbers is None else (numbers[row], tokens.encodings[row].offsets)
                rows[reader, clean] = vectors[row], by_token
    empty = torch.zeros(config.dim), None
    encoded = []
    for key, text in zip(keys, texts, strict=True):
        vector, by_token = rows.get(key, empty)
        # Texts with the same clean form can have different words, such as an emoji and its name.
        encoded.append(EncodedItem(vector, None if by_token is None else _sum_by_word(text, *by_token)))
    return encoded


def _sum_by_word(text: CleanText, numbers: Tensor, offsets: Sequence[tuple[int, int]]) -> Tensor:
    """Add up the numbers of each word's tokens, (tokens, numbers), to (words, numbers), without special tokens."""
    owners = [text.word_of_piece(start, end) for start, end in offsets]
    words = 1 + max((owner for owner in owners if owner is not None), default=-1)
    places = torch.tensor([words if owner is None else owner for owner in owners])
    return numbers.new_zeros(words + 1, numbers.shape[1]).index_add(0, places, numbers[: len(places)])[:words]


class TokenBatch(NamedTuple):
    """Texts of equal length.

    Attributes:
        texts: Cleaned texts.
        inputs: Their token ids and mask, (texts, tokens) each.
        encodings: The tokenizer's results, whose `offsets` are the start and end of each token in the cleaned text;
            0 and 0 for special tokens.
    """

    texts: list[str]
    inputs: dict[str, Tensor]
    encodings: list[Encoding]


def batch_token_ids(
    bundle: Bundle, texts: Sequence[str], batch: int, branch: str = ""
) -> Iterator[TokenBatch]:
    """Group cleaned texts that a branch of the text encoder reads into batches of equal length."""
    if not texts:
        return
    longest = bundle.text_config(branch).max_tokens
    found = bundle.tokenize(list(texts), branch)
    tokens, encodings = found["input_ids"], found.encodings or []
    by_length: dict[int, list[int]] = {}
    for number, ids in enumerate(tokens):
        by_length.setdefault(min(-(-len(ids) // LENGTH_STEP) * LENGTH_STEP, longest), []).append(number)
    for length, numbers in sorted(
        by_length.items(), reverse=True
    ):  # longest first, so parallel requests finish at the same time
        for start in range(0, len(numbers), batch):
            chunk = numbers[start : start + batch]
            ids = torch.full((len(chunk), length), bundle.tokenizers[branch].pad_token_id)
            mask = torch.zeros_like(ids)
            for row, number in enumerate(chunk):
                ids[row, : len(tokens[number])] = torch.tensor(tokens[number])
                mask[row, : len(tokens[number])] = 1
            yield TokenBatch(
                [texts[number] for number in chunk],
                {"input_ids": ids, "attention_mask": mask},
                [encodings[number] for number in chunk],
            )


def resize_to_square(image: Image.Image | Tensor, config: EncoderConfig) -> Tensor:
    """Resize an image to the encoder's square input without cropping, so its edges are kept.

    Args:
        image: An image of any size and mode, or a uint8 tensor, (3, height, width).
        config: The image encoder's configuration.

    Returns:
        (3, side, side), uint8.
    """
    pixels = convert_to_tensor(image) if isinstance(image, Image.Image) else image
    # Differs from Pillow by at most two grey levels and takes a quarter of the time.
    resized = functional.interpolate(
        pixels.unsqueeze(0), (config.side, config.side), mode="bicubic", align_corners=False, antialias=True
    )
    return resized.squeeze(0)


def convert_to_tensor(image: Image.Image) -> Tensor:
    """Convert an image of any mode to (3, height, width), uint8, as torchvision does, which takes long to import."""
    return torch.from_numpy(np.array(image.convert("RGB"))).permute(2, 0, 1)


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
) -> dict[str, EncodedItem]:
    """Encode images, each name once. Threads open the next images in the meantime.

    Args:
        bundle: The model.
        names: Media ids, or other names that `load` accepts.
        load: Opens one image, in a form that `convert_to_pixels` accepts; called from several threads.
        batch: Batch size.
        engine: Runs the encoder; None for PyTorch on the CPU.

    Returns:
        The encodings by name.
    """
    distinct = list(dict.fromkeys(names))
    config = bundle.config.encoders["image"]
    chunks = [distinct[start : start + batch] for start in range(0, len(distinct), batch)]
    opened = _prefetch(lambda name: convert_to_pixels(load(name), config), distinct, 4 * batch)
    inputs = ({"pixels": torch.stack([next(opened) for _ in chunk])} for chunk in chunks)
    encoded: dict[str, EncodedItem] = {}
    engine = engine or TorchEngine(bundle, "cpu")
    for chunk, (vectors, numbers) in zip(chunks, engine.encode("image", inputs), strict=True):
        by_image = [None] * len(chunk) if numbers is None else numbers
        encoded.update(zip(chunk, map(EncodedItem, vectors, by_image), strict=True))
    return encoded


def encode_pixels(bundle: Bundle, pixels: Tensor, batch: int = 4) -> Tensor:
    """Encode normalised images with PyTorch: (images, 3, side, side) to (images, dim)."""
    inputs = ({"pixels": chunk} for chunk in pixels.split(batch))
    return torch.cat([each.vectors for each in TorchEngine(bundle, "cpu").encode("image", inputs)])


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
