from dataclasses import replace

import pytest
import torch

from analysis.model.bundle import Bundle, build_model
from analysis.training.examples import Examples, make_examples
from analysis.training.loop import TrainingConfig, balance, fit, loss, predict

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


def test_examples_without_a_label_count_for_nothing(tiny_bundle: Bundle) -> None:
    batch = separable(tiny_bundle)
    weights = {name: torch.ones(len(head.classes)) for name, head in tiny_bundle.heads.items()}
    logits = {"sentiment": torch.randn(40, 3), "topic": torch.randn(40, 2)}
    value = loss(logits, batch, tiny_bundle.heads, weights, 0.0)
    changed = {**logits, "topic": logits["topic"] + 5}
    assert loss(changed, batch, tiny_bundle.heads, weights, 0.0) == value
    expected = torch.nn.functional.cross_entropy(logits["sentiment"], torch.arange(40) % 3)
    assert value.item() == pytest.approx(expected.item(), rel=1e-5)


def test_rare_classes_weigh_more() -> None:
    labels = torch.tensor([0] * 90 + [1] * 10)
    assert balance(labels, 2, 0.0).tolist() == [1.0, 1.0]
    weights = balance(labels, 2, 0.5)
    assert (weights[1] / weights[0]).item() == pytest.approx(3.0)
