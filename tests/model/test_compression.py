"""Weights in 8 and 4 bits: the format, its errors, and that compressing decompressed weights changes nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from analysis.model.compression import can_come_from_compress, choose_weight_bits, compress, decompress

BITS = pytest.mark.parametrize("bits", [8, 4])


def draw(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


def spread(smallest: int, largest: int) -> Tensor:
    """Draw rows whose sizes are all powers of two from 2**smallest to 2**largest, and values between them."""
    rows = draw(4 * (largest - smallest), 64)
    return rows * torch.linspace(smallest, largest, len(rows)).exp2().unsqueeze(1)


def with_values(rows: Tensor, **values: float) -> Tensor:
    for place, value in values.items():
        rows[int(place[1:]), :] = value
    return rows


def with_outlier(value: float) -> Tensor:
    rows = draw(3, 64)
    rows[1, 40] = value
    return rows


WEIGHTS: dict[str, Callable[[], Tensor]] = {
    "random": lambda: draw(50, 96),
    "rows of zeros": lambda: with_values(draw(6, 64), r0=0.0, r4=-0.0),
    "equal rows": lambda: with_values(draw(6, 64), r0=1.0, r2=-3e-9, r3=1 / 3),
    "one outlier": lambda: with_outlier(1e6),
    "a negative maximum": lambda: with_outlier(-1e6),
    "both signs of the maximum": lambda: torch.tensor([[2.0, -2.0] * 32, [-3.0, 3.0] * 32]),
    "values below the smallest in fp16": lambda: spread(-40, -14),
    "the smallest values": lambda: spread(-149, -118),
    "the largest values": lambda: spread(100, 120),
    "every mantissa": lambda: torch.linspace(1, 2, 4099).repeat_interleave(32).reshape(-1, 32),
    "an fp16 tensor": lambda: draw(8, 64).half(),
}


@BITS
@pytest.mark.parametrize("name", WEIGHTS)
def test_compressing_decompressed_weights_gives_the_same_codes_and_scales(name: str, bits: int) -> None:
    codes, scales = compress(WEIGHTS[name](), bits)
    weights = decompress(codes, scales)
    assert weights.dtype == torch.float32
    assert torch.isfinite(weights).all()
    again = compress(weights, bits)
    assert torch.equal(again[0], codes)
    assert torch.equal(again[1].view(torch.int16), scales.view(torch.int16))
    assert can_come_from_compress(codes, scales)


@BITS
@pytest.mark.parametrize("name", [name for name in WEIGHTS if name != "the smallest values"])
def test_weights_change_by_half_a_step_at_most(name: str, bits: int) -> None:
    weights = WEIGHTS[name]().float()
    change = (decompress(*compress(weights, bits)) - weights).abs()
    groups = weights if bits == 8 else weights.reshape(-1, 32)
    largest = groups.abs().amax(1, keepdim=True)
    # In 4 bits, a value of the opposite sign of the largest has the code 7 at most, not 8.
    allowed = largest * (0.505 / 127 if bits == 8 else 1.01 / 8)
    assert (change.reshape(groups.shape) <= allowed).all()


@pytest.mark.parametrize("shape", [(5, 7), (4, 3, 2), (6, 4, 3, 3), (2, 1)])
def test_eight_bits_have_the_shape_of_the_weights_and_a_scale_per_row(shape: tuple[int, ...]) -> None:
    codes, scales = compress(draw(*shape), 8)
    assert (codes.dtype, codes.shape) == (torch.int8, shape)
    assert (scales.dtype, scales.shape) == (torch.bfloat16, shape[:1])
    assert (codes.flatten(1).abs().amax(1) == 127).all()
    assert decompress(codes, scales).shape == shape


def test_four_bits_are_packed_by_half_blocks_as_in_ggml() -> None:
    weights = torch.zeros(2, 64)
    weights[0, :32] = torch.tensor([-8.0, *range(-7, 8), *[0.0] * 16])
    weights[1, 32 + 16] = 4.0
    codes, scales = compress(weights, 4)
    assert (codes.dtype, codes.shape) == (torch.uint8, (2, 32))
    assert scales.tolist() == [[1.0, 0.0], [0.0, -0.5]]
    assert codes[0, :16].tolist() == [0x80 + code for code in range(16)]
    assert codes[1, 16:].tolist() == [0x08, *[0x88] * 15]
    assert torch.equal(decompress(codes, scales), weights)


@pytest.mark.parametrize(
    ("shape", "bits"), [((64,), 8), ((64,), 4), ((2, 33), 4), ((2, 2, 32), 4), ((2, 32), 2), ((2, 32), 16)]
)
def test_weights_that_do_not_fit_a_format_are_refused(shape: tuple[int, ...], bits: int) -> None:
    with pytest.raises(ValueError, match="cannot be stored"):
        compress(draw(*shape), bits)


@BITS
@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_weights_that_are_not_finite_stay_so(value: float, bits: int) -> None:
    weights = decompress(*compress(with_outlier(value), bits))
    assert not torch.isfinite(weights[1]).all()
    assert torch.isfinite(weights[[0, 2]]).all()


def test_large_tensors_have_eight_bits_and_vocabularies_four() -> None:
    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.words = nn.Embedding(10_000, 32)
            self.tied = self.words
            self.uneven = nn.Embedding(10_000, 16)
            self.positions = nn.Embedding(4_096, 32)
            self.layer = nn.Linear(256, 256)
            self.small = nn.Linear(256, 255)
            self.register_buffer("vector", torch.zeros(70_000))
            self.register_buffer("numbers", torch.zeros(300, 300, dtype=torch.int64))

    expected = {"words.weight": 4, "tied.weight": 4, "uneven.weight": 8, "positions.weight": 8}
    assert choose_weight_bits(Network()) == {**expected, "layer.weight": 8}
    assert set(choose_weight_bits(Network(), smallest=8).values()) == {8}
