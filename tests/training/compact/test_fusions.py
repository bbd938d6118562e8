"""Training fusion and heads on encodings computed earlier."""

from dataclasses import replace

import torch
from torch import nn

from analysis.model.bundle import Bundle
from analysis.model.fusion import build_fusion
from analysis.model.network import MultimodalModel
from analysis.training.compact.fusions import RETRAINING, fit_on_encodings
from analysis.training.core.examples import Examples, make_examples, stack_training_encodings
from analysis.training.core.loop import predict_examples

CONFIG = replace(RETRAINING, epochs=20, batch=16, learning_rate=0.02)


def separable(bundle: Bundle) -> Examples:
    """Forty texts whose first number gives the sentiment."""
    torch.manual_seed(0)
    labels = torch.arange(40) % 3
    text = torch.randn(40, 16)
    text[:, 0] = 4.0 * (labels - 1)
    return make_examples({"text": list(text), "image": None}, {"sentiment": labels}, bundle.heads)


def trained(bundle: Bundle, seed: int = 0, epochs: int = 20) -> torch.Tensor:
    dims = {modality: part.dim for modality, part in bundle.config.encoders.items()}
    model = MultimodalModel(
        {modality: nn.Identity() for modality in dims}, build_fusion(dims, bundle.config.fusion), bundle.heads
    )
    examples, config = separable(bundle), replace(CONFIG, seed=seed, epochs=epochs)
    fit_on_encodings(model, examples, bundle.heads, config, "test")
    return predict_examples(model, examples, dict.fromkeys(dims, stack_training_encodings))["sentiment"]


def test_training_learns_what_can_be_learned(tiny_bundle: Bundle) -> None:
    right = trained(tiny_bundle).argmax(1) == torch.arange(40) % 3
    assert right.float().mean() > 0.9


def test_one_seed_gives_one_model_and_another_seed_another(tiny_bundle: Bundle) -> None:
    one, same = (trained(tiny_bundle, epochs=2) for _ in range(2))
    assert torch.equal(one, same)
    assert not torch.equal(one, trained(tiny_bundle, seed=1, epochs=2))
