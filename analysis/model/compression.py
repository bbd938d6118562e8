"""Stores weights in 8 or 4 bits instead of 16: integer codes and scales, whose products are the weights.

8 bits: each row of a tensor (its first dimension) has one scale, the row's largest absolute value / 127. The codes
are int8, of the tensor's shape.

4 bits: each block of 32 values along a row has one scale, as in the format Q4_0 of ggml: the value with the largest
magnitude, with its sign, / -8. A code is the weight / scale, rounded, plus 8, so it is in 0..15. Byte i of a block
holds the code of value i in its low four bits and that of value i + 16 in its high ones. The bytes are uint8, (rows,
columns / 2).

Scales are bfloat16, so that every product is exact in float32 and tiny rows have precise scales too. A scale with an
absolute value below 2**-126 is stored as 0. The largest value of a row or block therefore always has the code 127 or
-8, unless all of it is 0, and compressing decompressed weights gives the same codes and scales.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

LARGEST_CODE = {8: 127, 4: -8}
"""Code of the largest value of a row or block, by bits; of 4 bits before 8 is added."""
BLOCK = 32
"""Values with one scale in 4 bits."""
_HALF = BLOCK // 2
_ZEROS = 0x88  # two codes of 0
_SMALLEST_SCALE = torch.finfo(torch.bfloat16).tiny
_MIN_VALUES = 65_536
"""Smaller tensors take little space, and stay in fp16."""
_MIN_TABLE_ROWS = 10_000
"""Embedding tables with this many rows are vocabularies, of which a text reads few rows. Tables of positions are
shorter, and every text reads their first rows."""


def choose_weight_bits(model: nn.Module, smallest: int = 4) -> dict[str, int]:
    """Choose the weights of a network to store in fewer than 16 bits.

    These are all floating-point tensors with at least two dimensions and 65,536 values: in 4 bits if they are an
    embedding table with at least 10,000 rows whose length is a multiple of 32, otherwise in 8 bits.

    Args:
        model: The network.
        smallest: 4, or 8 to store embedding tables in 8 bits too.

    Returns:
        8 or 4 by name of the tensor in the state of the network.
    """
    tables = {
        id(part.weight)
        for part in model.modules()
        if isinstance(part, nn.Embedding)
        and part.num_embeddings >= _MIN_TABLE_ROWS
        and part.embedding_dim % BLOCK == 0
    }
    return {
        name: smallest if id(value) in tables else 8
        for name, value in model.state_dict(keep_vars=True).items()
        if value.is_floating_point() and value.ndim >= 2 and value.numel() >= _MIN_VALUES
    }


def round_weights(model: nn.Module, bits: Mapping[str, int]) -> None:
    """Round the weights of a network in place, as a bundle stores them.

    Args:
        model: The network.
        bits: 8 or 4 for weights to compress, by name; other floating-point weights are rounded to fp16.
    """
    with torch.no_grad():
        for name, value in model.state_dict().items():
            if name in bits:
                value.copy_(decompress(*compress(value, bits[name])))
            elif value.is_floating_point():
                value.copy_(value.half())


def compress(weights: Tensor, bits: int) -> tuple[Tensor, Tensor]:
    """Compress weights; see the description of the formats above.

    The format of 4 bits is Q4_0 of ggml (https://github.com/ggml-org/ggml), except for the type of the scales.

    Args:
        weights: Floating-point tensor of at least two dimensions. In 4 bits (rows, columns); columns is a
            multiple of 32.
        bits: 8 or 4.

    Returns:
        Codes and scales. In 8 bits: int8 of the shape of the weights, and bfloat16, (rows,). In 4 bits: uint8,
        (rows, columns / 2), and bfloat16, (rows, columns / 32).

    Raises:
        ValueError: The weights cannot be stored in this format.
    """
    if bits not in LARGEST_CODE or measure_scales(tuple(weights.shape), bits) is None:
        raise ValueError(f"weights of the shape {tuple(weights.shape)} cannot be stored in {bits} bits")
    if bits == 8:
        rows = weights.float().flatten(1)  # (rows, values)
        scales = _round_scales(rows.abs().amax(1, keepdim=True) / LARGEST_CODE[8])  # (rows, 1)
        codes = _divide(rows, scales).clamp(-127, 127).to(torch.int8)
        return codes.reshape(weights.shape), scales.squeeze(1)
    blocks = weights.float().reshape(len(weights), -1, BLOCK)  # (rows, blocks, 32)
    largest = blocks.gather(2, blocks.abs().argmax(2, keepdim=True))  # (rows, blocks, 1)
    scales = _round_scales(largest / LARGEST_CODE[4])
    codes = (_divide(blocks, scales).clamp(-8, 7) + 8).to(torch.uint8)
    packed = codes[..., :_HALF] | codes[..., _HALF:] << 4  # (rows, blocks, 16)
    return packed.flatten(1), scales.squeeze(2)


def decompress(codes: Tensor, scales: Tensor) -> Tensor:
    """Compute the weights.

    Args:
        codes: Codes that `compress` returned: int8 in 8 bits, uint8 in 4 bits.
        scales: Their scales.

    Returns:
        The weights, float32. They are not finite where a scale is not finite or huge.
    """
    if codes.dtype == torch.int8:
        return codes.float().mul_(scales.float().reshape(-1, *[1] * (codes.ndim - 1)))
    packed = codes.reshape(len(codes), -1, _HALF)  # (rows, blocks, 16)
    unpacked = torch.cat([packed & 15, packed >> 4], 2).float()  # (rows, blocks, 32)
    return unpacked.sub_(8).mul_(scales.float().unsqueeze(2)).flatten(1)


def can_come_from_compress(codes: Tensor, scales: Tensor) -> bool:
    """Return whether `compress` gives these codes and scales for the weights that they represent.

    Args:
        codes: Codes, int8 in 8 bits, uint8 in 4 bits.
        scales: Their scales, bfloat16.
    """
    zero, below = scales == 0, scales.abs() < _SMALLEST_SCALE
    if bool((zero != below).any()) or bool(torch.signbit(scales[zero]).any()):
        return False
    if codes.dtype == torch.int8:
        rows = codes.flatten(1)
        largest = torch.maximum(rows.amax(1).short(), -rows.amin(1).short())  # (rows,), up to 128
        return bool(((scales >= 0) & (largest == torch.where(zero, 0, LARGEST_CODE[8]))).all())
    packed = codes.reshape(len(codes), -1, _HALF)
    smallest = torch.minimum(packed & 15, packed >> 4).amin(2)  # (rows, blocks)
    return bool((zero | (smallest == 0)).all()) and bool((packed[zero] == _ZEROS).all())


def measure_scales(shape: tuple[int, ...], bits: int) -> tuple[int, ...] | None:
    """Return the shape of the scales of weights, or None if weights of this shape cannot be stored in these bits.

    Args:
        shape: The shape of the weights.
        bits: 8 or 4.
    """
    if bits == 8:
        return shape[:1] if len(shape) >= 2 else None
    return (shape[0], shape[1] // BLOCK) if len(shape) == 2 and shape[1] % BLOCK == 0 else None


def _round_scales(scales: Tensor) -> Tensor:
    rounded = scales.to(torch.bfloat16)
    return torch.where(rounded.abs() < _SMALLEST_SCALE, torch.zeros_like(rounded), rounded)


def _divide(weights: Tensor, scales: Tensor) -> Tensor:
    """Divide weights by their scales, and round; 0 where the scale is 0, as the weights are below 2**-118 there."""
    return (weights / torch.where(scales == 0, 1.0, scales.float())).round()
