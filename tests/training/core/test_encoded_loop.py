from dataclasses import replace

import torch

from analysis.model.bundle import Bundle, build_model
from analysis.training.core.encoded_loop import TrainingConfig, fit, predict
from analysis.training.core.examples import Examples, make_examples

CONFIG = TrainingConfig(epochs=20, batch=16, learning_rate=0.02, blank_rate=0.0)


def separable(bundle: Bundle) -> Examples:
    """Forty texts whose first number says the sentiment."""
    torch.manual_seed(0)
    labels = torch.arange(40) % 3
    text = torch.randn(40, 16)
    text[:, 0] = 4.0 * (labels - 1)
    dims = {modality: part.dim for modality, part in bundle.config.encoders.items()}
    classes = {name: len(head.classes) for name, head in bundle.heads.items()}
    return make_examples(text, None, "text", {"sentiment": labels}, dims, classes)


def trained(bundle: Bundle, config: TrainingConfig) -> dict[str, torch.Tensor]:
    blanks = {modality: torch.zeros(1, part.dim) for modality, part in bundle.config.encoders.items()}
    weights = {name: torch.ones(len(head.classes)) for name, head in bundle.heads.items()}
    examples = separable(bundle)
    return predict(fit(build_model(bundle.config), examples, bundle.heads, blanks, weights, config), examples)


def test_training_learns_what_can_be_learned(tiny_bundle: Bundle) -> None:
    right = trained(tiny_bundle, CONFIG)["sentiment"].argmax(1) == torch.arange(40) % 3
    assert right.float().mean() > 0.9


def test_one_seed_gives_one_model_and_another_seed_another(tiny_bundle: Bundle) -> None:
    short = replace(CONFIG, epochs=2)
    one, same = (trained(tiny_bundle, short)["sentiment"] for _ in range(2))
    assert torch.equal(one, same)
    assert not torch.equal(one, trained(tiny_bundle, replace(short, seed=1))["sentiment"])
