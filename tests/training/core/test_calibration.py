"""Temperatures: one for each kind of input, recovered from scaled logits, and measured on held-out halves."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from analysis.model.config import Head
from analysis.model.outputs import compute_probabilities
from analysis.training.core.calibration import HeldOut, fit_temperatures, list_temperatures

MOOD = Head("mood", ("low", "even", "high"), ("Low", "Even", "High"))
TONE = Head("tone", ("flat", "warm"), ("Flat", "Warm"), reads=("text",))


Fitted = tuple[dict[str, Head], dict[str, torch.Tensor], dict[str, float], dict[str, HeldOut]]


def answers(
    head: Head, inputs: str, too_large: float, posts: int = 6_000, other: float | None = None
) -> HeldOut:
    """Labels drawn by honest logits, which are then given `too_large` times, or `other` times for half of them."""
    honest = 2 * torch.randn(posts, len(head.classes))
    truth = torch.distributions.Categorical(logits=honest).sample()
    part = HeldOut(head.name, inputs, too_large * honest, truth)
    if other is None:
        return part
    is_other = torch.randperm(posts) % 2 > 0
    part = HeldOut(head.name, inputs, part.logits, truth, is_other=is_other)
    return replace(part, logits=part.scale_other(other / too_large))


@pytest.fixture(scope="module")
def fitted() -> Fitted:
    torch.manual_seed(0)
    held_out = {
        "whole": answers(MOOD, "both", 3.0),
        "words": answers(MOOD, "text", 1.5),
        "more words": answers(MOOD, "text", 1.5, posts=500),
        "image_path": answers(MOOD, "image", 0.5),
        "languages": answers(MOOD, "text", 1.5, other=4.5),
        "tone": answers(TONE, "text", 2.0),
    }
    return *fit_temperatures({"mood": MOOD, "tone": TONE}, held_out), held_out


@pytest.mark.slow
def test_each_kind_of_input_gets_its_own_temperature(fitted: Fitted) -> None:
    heads = fitted[0]
    assert heads["mood"].temperature == pytest.approx(3.0, rel=0.05)
    assert heads["mood"].alone == (pytest.approx(1.5, rel=0.1), pytest.approx(0.5, rel=0.05))
    assert heads["tone"].temperature == pytest.approx(2.0, rel=0.1)
    assert heads["tone"].alone == ()


def test_figures_use_the_temperature_of_the_other_half(fitted: Fitted) -> None:
    heads, probability, _, held_out = fitted
    shown = torch.tensor([[1.0, 1.0]])
    with_own = compute_probabilities(heads, {"mood": held_out["whole"].logits}, shown)["mood"]
    assert not torch.equal(probability["whole"], with_own)
    torch.testing.assert_close(probability["whole"], with_own, atol=0.02, rtol=0)


def test_the_figures_name_the_inputs(fitted: Fitted) -> None:
    figures = list_temperatures(fitted[0], fitted[2])
    assert list(figures) == [
        "mood", "mood of text alone", "mood of image alone", "mood of text alone in other languages", "tone",
    ]  # fmt: skip
    assert figures["mood of text alone in other languages"] == pytest.approx(4.5, rel=0.1)


def test_texts_in_other_languages_get_a_temperature_of_their_own(fitted: Fitted) -> None:
    heads, probability, factors, held_out = fitted
    assert factors == {"mood": pytest.approx(1 / 3, rel=0.1)}
    part, shown = held_out["languages"], torch.tensor([[1.0, 0.0]])
    honest = part.scale_other(1 / 3) / 1.5
    torch.testing.assert_close(probability["languages"], honest.softmax(1), atol=0.05, rtol=0)
    scaled = compute_probabilities(heads, {"mood": part.scale_other(factors["mood"])}, shown)["mood"]
    torch.testing.assert_close(probability["languages"], scaled, atol=0.05, rtol=0)
