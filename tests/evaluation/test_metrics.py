import numpy as np
import pytest
import torch
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from analysis.evaluation.metrics import (
    compute_calibration_error,
    compute_metrics,
    compute_reliability_bins,
    fit_evaluation_temperature,
    summarise_confusion,
)
from analysis.model.config import Head

HEAD = Head("mood", ("low", "mid", "high"), ("Low", "Mid", "High"))


def test_figures_of_a_hand_computed_case() -> None:
    probability = torch.tensor([[0.8, 0.1, 0.1], [0.6, 0.3, 0.1], [0.1, 0.7, 0.2], [0.2, 0.2, 0.6]])
    figures = compute_metrics(probability, torch.tensor([0, 1, 1, 2]), HEAD)
    assert figures["accuracy"] == 0.75
    assert figures["macro_recall"] == pytest.approx(2.5 / 3, abs=1e-4)
    assert figures["classes"] == {
        "low": {"precision": 0.5, "recall": 1.0, "f1": 0.6667, "support": 1},
        "mid": {"precision": 1.0, "recall": 0.5, "f1": 0.6667, "support": 2},
        "high": {"precision": 1.0, "recall": 1.0, "f1": 1.0, "support": 1},
    }
    assert figures["macro_f1"] == pytest.approx(0.7778, abs=1e-4)
    assert figures["weighted_f1"] == 0.75
    assert figures["confusion"] == [[1, 0, 0], [1, 1, 0], [0, 0, 1]]


def test_figures_by_class_are_those_of_scikit_learn() -> None:
    generator = torch.Generator().manual_seed(0)
    probability = torch.rand(200, 3, generator=generator)
    truth = torch.randint(2, (200,), generator=generator)  # the last class never occurs
    figures = compute_metrics(probability, truth, HEAD)
    predicted = probability.argmax(1)
    theirs = precision_recall_fscore_support(truth, predicted, labels=[0, 1, 2], zero_division=0.0)
    ours = [
        [each[name] for each in figures["classes"].values()]
        for name in ("precision", "recall", "f1", "support")
    ]
    np.testing.assert_allclose(ours, theirs, atol=5e-5)
    assert figures["confusion"] == confusion_matrix(truth, predicted, labels=[0, 1, 2]).tolist()


def test_an_absent_class_does_not_lower_the_averages() -> None:
    figures = summarise_confusion(np.array([[3, 0, 1], [0, 0, 0], [0, 0, 4]]))
    assert figures["macro_recall"] == pytest.approx((0.75 + 1) / 2)
    assert figures["macro_f1"] == pytest.approx((6 / 7 + 8 / 9) / 2)


def test_calibration_error_is_the_gap_between_confidence_and_accuracy() -> None:
    confidence = np.array([0.95] * 10 + [0.65] * 10)
    right = np.array([True] * 9 + [False] + [True] * 5 + [False] * 5)
    bins = compute_reliability_bins(confidence, right)
    assert [each["posts"] for each in bins] == [10, 10]
    assert compute_calibration_error(bins) == pytest.approx((0.05 + 0.15) / 2)


def test_a_confidence_of_one_is_in_the_last_bin() -> None:
    assert compute_reliability_bins(np.array([1.0]), np.array([True])) == [
        {"posts": 1, "confidence": 1.0, "accuracy": 1.0}
    ]


@pytest.mark.parametrize("exclusive", [True, False])
def test_a_known_temperature_is_recovered(exclusive: bool) -> None:
    torch.manual_seed(0)
    honest = 2 * torch.randn(6_000, 3)
    head = Head("mood", HEAD.classes, HEAD.titles, exclusive=exclusive)
    if exclusive:
        labels = torch.distributions.Categorical(logits=honest).sample()
        target = torch.nn.functional.one_hot(labels, 3).float()
    else:
        target = torch.bernoulli(torch.sigmoid(honest))
    assert fit_evaluation_temperature(3.0 * honest, target, head) == pytest.approx(3.0, rel=0.05)


@pytest.mark.slow
def test_weights_balance_small_and_large_sets() -> None:
    torch.manual_seed(0)
    honest = 2 * torch.randn(5_500, 3)
    target = torch.nn.functional.one_hot(torch.distributions.Categorical(logits=honest).sample(), 3).float()
    few = torch.arange(5_500) < 500
    given = torch.where(few.unsqueeze(1), 4.0 * honest, honest)  # a small set with logits that are too large
    head = Head("mood", HEAD.classes, HEAD.titles)
    alike = fit_evaluation_temperature(given, target, head, torch.where(few, 10.0, 1.0))
    assert fit_evaluation_temperature(given, target, head) < alike < 4.0
    assert fit_evaluation_temperature(given, target, head, few.float()) == pytest.approx(4.0, rel=0.1)


def test_calibrated_probabilities_show_the_error_expected_by_chance() -> None:
    torch.manual_seed(0)
    probability = (2 * torch.randn(400, 3)).softmax(1)
    errors = [
        compute_metrics(probability, torch.distributions.Categorical(probs=probability).sample(), HEAD)
        for _ in range(50)
    ]
    by_chance = errors[0]["ece_by_chance"]
    assert np.mean([each["ece"] for each in errors]) == pytest.approx(by_chance, rel=0.1)
    many = probability.repeat(100, 1)
    assert compute_metrics(many, many.argmax(1), HEAD)["ece_by_chance"] < by_chance / 5
