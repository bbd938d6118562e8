"""Joint training on modalities made up here: what is learned, what is kept, what is left to chance."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from analysis.errors import TrainingError
from analysis.model.config import FusionConfig, Head
from analysis.model.fusion import build_fusion
from analysis.model.network import MultimodalModel
from analysis.training.core.config import TrainingConfig
from analysis.training.core.examples import Examples
from analysis.training.core.loop import predict_examples, train_multitask

HEADS = {"mood": Head("mood", ("low", "middle", "high"), ("Low", "Middle", "High"), values=(-1.0, 0.0, 1.0))}
CONFIG = TrainingConfig(
    epochs=4, batch=8, learning_rate=0.02, head_rate=0.02, label_smoothing=0.0, squared_error=0.5
)
SIZES = {"text": 3, "image": 4, "sound": 5}


class Toy(nn.Module):
    def __init__(self, size: int) -> None:
        super().__init__()
        self.layer = nn.Linear(size, 6)

    def forward(self, values: Tensor) -> Tensor:
        return torch.tanh(self.layer(values))


def three_modalities(seed: int = 0) -> MultimodalModel:
    torch.manual_seed(seed)
    encoders = {name: Toy(size) for name, size in SIZES.items()}
    fusion = build_fusion(dict.fromkeys(SIZES, 6), FusionConfig(8, 8))
    return MultimodalModel(encoders, fusion, HEADS)


def posts(count: int = 96) -> Examples:
    """Posts whose mood each present modality tells by its first number; every third lacks one."""
    torch.manual_seed(1)
    mood = torch.arange(count) % 3
    inputs: dict[str, list[Tensor | None]] = {}
    for number, (name, size) in enumerate(SIZES.items()):
        values = torch.randn(count, size) * 0.3
        values[:, 0] = 2.0 * (mood - 1)
        inputs[name] = [None if row // 3 % 3 == number else values[row] for row in range(count)]
    return Examples(inputs, {"mood": nn.functional.one_hot(mood, 3).float()}, torch.ones(count))


def stacked(values: list[Tensor]) -> dict[str, Tensor]:
    return {"values": torch.stack(values)}


COLLATE = dict.fromkeys(SIZES, stacked)


def accuracy(model: MultimodalModel) -> dict[str, float]:
    made = posts()
    right = predict_examples(model, made, COLLATE)["mood"].argmax(1) == made.targets["mood"].argmax(1)
    return {"accuracy": float(right.float().mean())}


def trained(folder: Path, config: TrainingConfig = CONFIG, resume: bool = False) -> MultimodalModel:
    weights = {"mood": torch.ones(3)}
    return train_multitask(
        three_modalities(), posts(), COLLATE, HEADS, weights, config, folder, accuracy, resume=resume
    )


def test_three_modalities_are_learned_together_and_any_may_be_missing(tmp_path: Path) -> None:
    before = three_modalities()
    model = trained(tmp_path)
    assert accuracy(model)["accuracy"] > 0.95 > accuracy(before)["accuracy"]
    for name in SIZES:  # the gradient reached every encoder
        assert not torch.equal(model.encoders[name].layer.weight, before.encoders[name].layer.weight)


def test_a_frozen_encoder_is_unchanged(tmp_path: Path) -> None:
    model = three_modalities()
    model.encoders["sound"].requires_grad_(False)
    kept = model.encoders["sound"].layer.weight.clone()
    train_multitask(model, posts(), COLLATE, HEADS, {"mood": torch.ones(3)}, CONFIG, tmp_path, accuracy)
    assert torch.equal(model.encoders["sound"].layer.weight, kept)


@pytest.mark.slow
def test_one_seed_gives_one_model(tmp_path: Path) -> None:
    one, same = trained(tmp_path / "one"), trained(tmp_path / "same")
    other = trained(tmp_path / "other", replace(CONFIG, seed=1))
    for name, value in one.state_dict().items():
        assert torch.equal(value, same.state_dict()[name]), name
    assert not torch.equal(one.heads["mood"].weight, other.heads["mood"].weight)


def test_interrupted_training_resumes_with_the_same_result(tmp_path: Path) -> None:
    whole = trained(tmp_path / "whole")

    class CutOffError(Exception):
        pass

    validated = 0

    def cut_off(model: MultimodalModel) -> dict[str, float]:
        nonlocal validated
        validated += 1
        if validated == 3:
            raise CutOffError
        return accuracy(model)

    with pytest.raises(CutOffError):
        train_multitask(
            three_modalities(),
            posts(),
            COLLATE,
            HEADS,
            {"mood": torch.ones(3)},
            CONFIG,
            tmp_path / "cut",
            cut_off,
        )
    resumed = trained(tmp_path / "cut", resume=True)
    for name, value in whole.state_dict().items():
        torch.testing.assert_close(value, resumed.state_dict()[name], msg=name)


def test_a_checkpoint_of_other_settings_is_not_carried_on(tmp_path: Path) -> None:
    trained(tmp_path)
    with pytest.raises(TrainingError, match=r"different settings \(batch\)"):
        trained(tmp_path, replace(CONFIG, batch=16), resume=True)


def test_training_stops_when_it_gets_no_better_and_keeps_the_best(tmp_path: Path) -> None:
    figures = iter([0.5, 0.9, 0.8, 0.7, 0.6, 0.5])
    weights: list[Tensor] = []

    def validate(model: MultimodalModel) -> dict[str, float]:
        weights.append(model.heads["mood"].weight.clone())
        return {"accuracy": next(figures)}

    config = replace(CONFIG, epochs=6, patience=2)
    model = train_multitask(
        three_modalities(), posts(), COLLATE, HEADS, {"mood": torch.ones(3)}, config, tmp_path, validate
    )
    assert len(weights) == 4
    assert torch.equal(model.heads["mood"].weight, weights[1])
    with (tmp_path / "joint.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["accuracy"] for row in rows] == ["0.5", "0.9", "0.8", "0.7"]
    assert float(rows[0]["loss"]) > 0


def test_the_last_weights_are_averaged_and_kept_if_they_are_better(tmp_path: Path) -> None:
    weights: list[Tensor] = []

    def validate(model: MultimodalModel, figures: list[float]) -> dict[str, float]:
        weights.append(model.heads["mood"].weight.clone())
        return {"accuracy": figures[len(weights) - 1]}

    def run(folder: str, figures: list[float], resume: bool = False) -> MultimodalModel:
        config, loss_weights = replace(CONFIG, epochs=3, averaged=2), {"mood": torch.ones(3)}
        return train_multitask(
            three_modalities(), posts(), COLLATE, HEADS, loss_weights, config, tmp_path / folder,
            lambda model: validate(model, figures), resume=resume,
        )  # fmt: skip

    better = run("better", [0.5, 0.6, 0.7, 0.8])
    torch.testing.assert_close(weights[3], (weights[1] + weights[2]) / 2)
    assert torch.equal(better.heads["mood"].weight, weights[3])
    again = run("better", [], resume=True)
    assert torch.equal(again.heads["mood"].weight, weights[3])
    weights.clear()
    worse = run("worse", [0.5, 0.6, 0.7, 0.1])
    assert torch.equal(worse.heads["mood"].weight, weights[2])


def test_a_part_of_an_epoch_takes_a_part_of_its_steps(tmp_path: Path) -> None:
    steps: list[int] = []

    def beside(_model: MultimodalModel, step: int, _chance: torch.Generator) -> None:
        steps.append(step)

    train_multitask(
        three_modalities(), posts(), COLLATE, HEADS, {"mood": torch.ones(3)}, replace(CONFIG, epochs=1.5),
        tmp_path, accuracy, beside,
    )  # fmt: skip
    assert steps == list(range(18))
