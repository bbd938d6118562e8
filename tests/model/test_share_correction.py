"""A correction moves shares between the tokens of a text, and changes neither their sum nor a prediction."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from analysis.errors import BundleError
from analysis.model.bundle import Bundle, load_model
from analysis.model.config import ModelConfig
from analysis.model.encoders import TextEncoder
from analysis.model.saving import save_bundle
from analysis.model.share_correction import ShareCorrection

IDS = torch.tensor([[2, 9, 12, 15, 3], [2, 8, 3, 0, 0]])
MASK = (IDS > 0).long()


def divide(bundle: Bundle, correction: ShareCorrection | None) -> tuple[Tensor, Tensor]:
    """Return the encodings, and three numbers of each token with a correction."""
    encoder = bundle.model.encoders["text"]
    assert isinstance(encoder, TextEncoder)
    torch.manual_seed(1)
    weights, bias = torch.randn(3, 16), torch.randn(3)
    divided = TextEncoder(encoder.network, correction=correction).with_parts(weights, bias)
    assert divided is not None
    with torch.inference_mode():
        encodings, numbers = divided(IDS, MASK)
        torch.testing.assert_close(numbers.sum(1), encodings @ weights.T + bias, atol=1e-4, rtol=1e-4)
    return encodings, numbers


def test_corrected_numbers_have_the_same_sum(additive_bundle: Bundle) -> None:
    encodings, corrected = divide(additive_bundle, additive_bundle.model.encoders["text"].correction)
    plain_encodings, plain = divide(additive_bundle, None)
    assert torch.equal(encodings, plain_encodings)
    assert (corrected - plain).abs().max() > 0.01
    assert not corrected[1, 3:].any()  # padding has no share


def test_a_correction_that_is_not_fitted_changes_nothing(additive_bundle: Bundle) -> None:
    _, corrected = divide(additive_bundle, ShareCorrection(16, 4))
    _, plain = divide(additive_bundle, None)
    assert torch.equal(corrected, plain)


def test_a_bundle_stores_its_corrections(additive_bundle: Bundle, tmp_path: Path) -> None:
    config, model = additive_bundle.config, additive_bundle.model
    save_bundle(tmp_path / "again", config, model, additive_bundle.tokenizers, {}, "")
    found = load_model(tmp_path / "again").model.encoders["text"].correction
    assert isinstance(found, ShareCorrection)
    assert torch.equal(found.up.weight, model.encoders["text"].correction.up.weight)


@pytest.mark.parametrize(("modality", "rank", "most"), [("text", 17, 16), ("image", 1, 0)])
def test_a_rank_that_an_encoder_cannot_have_is_refused(
    additive_bundle: Bundle, modality: str, rank: int, most: int
) -> None:
    encoders = additive_bundle.config.encoders
    changed = {**encoders, modality: replace(encoders[modality], share_rank=rank)}
    config = replace(additive_bundle.config, encoders=changed)
    with pytest.raises(BundleError, match=rf"encoders\.{modality}\.share_rank must be at most {most} for"):
        ModelConfig.from_json(config.to_json())
