"""The correction of shares is fitted so that the shares of masked parts describe what masking them changes."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from analysis.model.bundle import Bundle
from analysis.model.share_correction import ShareCorrection
from analysis.training.compact.share_corrections import (
    Masked,
    apply_share_corrections,
    fit_correction,
    fit_share_corrections,
)

DIM, PARTS = 6, 8


class MixingEncoder(nn.Module):
    """An encoder whose states are mixed: each is the others' evidence as much as its own; their mean is known."""

    def __init__(self) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        self.mix = 0.3 * torch.eye(DIM) + 0.2 * torch.randn(DIM, DIM, generator=generator)

    def forward(self, parts: Tensor) -> tuple[Tensor, Tensor]:
        mean = parts.mean(1, keepdim=True)
        states = mean + (parts - mean) @ self.mix.T
        return states.mean(1), states / PARTS


def draw_batches() -> Iterator[Masked]:
    generator = torch.Generator().manual_seed(1)
    for _ in range(40):
        parts = torch.randn(32, PARTS, DIM, generator=generator)
        masked = torch.rand(32, PARTS, generator=generator) < 0.4
        reduced = torch.where(masked.unsqueeze(-1), 0.5, parts)
        yield {"parts": parts}, {"parts": reduced}, masked, torch.full((32, PARTS), 1 / PARTS)


def test_the_fit_finds_what_each_part_adds() -> None:
    encoder = MixingEncoder()
    correction = fit_correction(encoder, draw_batches(), DIM)
    with torch.inference_mode():
        parts = torch.randn(4, PARTS, DIM, generator=torch.Generator().manual_seed(2))
        encoding, states = encoder(parts)
        centred = states * PARTS - encoding.unsqueeze(1)
        corrected = centred + centred @ correction.correct(torch.eye(DIM)).T
    true = parts - parts.mean(1, keepdim=True)
    before, after = (float((each - true).square().mean()) for each in (centred, corrected))
    assert after < 0.5 * before


def test_a_lower_rank_is_a_smaller_correction() -> None:
    correction = fit_correction(MixingEncoder(), draw_batches(), 2)
    assert correction.down.weight.shape == (2, DIM)
    assert torch.linalg.matrix_rank(correction.correct(torch.eye(DIM))) == 2


def test_a_bundle_gets_corrections(additive_bundle: Bundle) -> None:
    texts = {"": ["a lovely day", "the phone is so bad", "awful match!", "good rain"] * 8}
    encoder = additive_bundle.model.encoders["text"]
    own = encoder.correction
    try:
        changed = apply_share_corrections(
            additive_bundle, fit_share_corrections(additive_bundle, texts, seed=0)
        )
        found = encoder.correction
        assert isinstance(found, ShareCorrection)
        assert found is not own
        assert found.up.weight.isfinite().all()
        assert changed.config.encoders["text"].share_rank == found.up.weight.shape[1]
    finally:
        encoder.correction = own
