"""Temperatures: one for each kind of input, recovered from scaled logits, and measured on held-out halves."""

from __future__ import annotations

import pytest
import torch

from analysis.model.config import Head
from analysis.model.outputs import compute_probabilities
from analysis.training.core.calibration import HeldOut, fit_temperatures, list_temperatures

MOOD = Head("mood", ("low", "even", "high"), ("Low", "Even", "High"))
TONE = Head("tone", ("flat", "warm"), ("Flat", "Warm"), reads=("text",))


def answers(head: Head, inputs: str, too_large: float, posts: int = 6_000) -> HeldOut:
    """Labels drawn by honest logits, which are then given `too_large` times."""
    honest = 2 * torch.randn(posts, len(head.classes))
    truth = torch.distributions.Categorical(logits=honest).sample()
    return HeldOut(head.name, inputs, too_large * honest, truth)


@pytest.fixture(scope="module")
def fitted() -> tuple[dict[str, Head], dict[str, torch.Tensor], dict[str, HeldOut]]:
    torch.manual_seed(0)
    held_out = {
        "whole": answers(MOOD, "both", 3.0),
        "words": answers(MOOD, "text", 1.5),
        "more words": answers(MOOD, "text", 1.5, posts=500),
        "image_path": answers(MOOD, "image", 0.5),
        "tone": answers(TONE, "text", 2.0),
    }
    return *fit_temperatures({"mood": MOOD, "tone": TONE}, held_out), held_out


def test_each_kind_of_input_gets_its_own_temperature(fitted) -> None:
    heads = fitted[0]
    assert heads["mood"].temperature == pytest.approx(3.0, rel=0.05)
    assert heads["mood"].alone == (pytest.approx(1.5, rel=0.1), pytest.approx(0.5, rel=0.05))
    assert heads["tone"].temperature == pytest.approx(2.0, rel=0.1)
    assert heads["tone"].alone == ()


def test_figures_use_the_temperature_of_the_other_half(fitted) -> None:
    heads, probability, held_out = fitted
    shown = torch.tensor([[1.0, 1.0]])
    with_own = compute_probabilities(heads, {"mood": held_out["whole"].logits}, shown)["mood"]
    assert not torch.equal(probability["whole"], with_own)
    torch.testing.assert_close(probability["whole"], with_own, atol=0.02, rtol=0)


def test_the_figures_name_the_inputs(fitted) -> None:
    figures = list_temperatures(fitted[0])
    assert list(figures) == ["mood", "mood of text alone", "mood of image alone", "tone"]
