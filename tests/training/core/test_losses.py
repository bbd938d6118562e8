import pytest
import torch

from analysis.model.config import Head
from analysis.training.core.losses import (
    balance_classes,
    expected_class_value,
    multitask_loss,
    one_hot_targets,
)

MOOD = Head("mood", ("low", "middle", "high"), ("Low", "Middle", "High"), values=(-1.0, 0.0, 1.0))
TOPIC = Head("topic", ("a", "b"), ("A", "B"), exclusive=False)
HEADS = {"mood": MOOD, "topic": TOPIC}
EQUAL = {"mood": torch.ones(3), "topic": torch.ones(2)}


def test_posts_without_a_label_count_for_nothing() -> None:
    mood, labels = torch.randn(4, 3), torch.tensor([0, 1, 2, 1])
    targets = {"mood": one_hot_targets(labels, 3), "topic": torch.full((4, 2), torch.nan)}
    value = multitask_loss(
        {"mood": mood, "topic": torch.randn(4, 2)}, targets, torch.ones(4), HEADS, EQUAL, 0.0
    )
    assert value.item() == pytest.approx(torch.nn.functional.cross_entropy(mood, labels).item(), rel=1e-5)


def test_classes_and_posts_have_the_given_weights() -> None:
    logits, targets = {"mood": torch.zeros(2, 3)}, {"mood": one_hot_targets(torch.tensor([0, 1]), 3)}
    weights = {"mood": torch.tensor([3.0, 1.0, 1.0])}
    even = torch.log(torch.tensor(3.0))
    heavy = multitask_loss(logits, targets, torch.ones(2), HEADS, weights, 0.0)
    assert heavy.item() == pytest.approx(2 * even.item(), rel=1e-5)
    only_second = multitask_loss(logits, targets, torch.tensor([0.0, 1.0]), HEADS, weights, 0.0)
    assert only_second.item() == pytest.approx(even.item(), rel=1e-5)


def test_the_valence_has_a_squared_error_loss() -> None:
    logits, targets = {"mood": torch.zeros(1, 3)}, {"mood": one_hot_targets(torch.tensor([2]), 3)}
    without = multitask_loss(logits, targets, torch.ones(1), HEADS, EQUAL, 0.0)
    with_it = multitask_loss(logits, targets, torch.ones(1), HEADS, EQUAL, 0.0, squared_error=0.5)
    assert (with_it - without).item() == pytest.approx(0.5)  # said 0, true 1
    assert expected_class_value(torch.tensor([[0.2, 0.3, 0.5]]), MOOD).item() == pytest.approx(0.3)


def test_rare_classes_weigh_more_and_the_mean_over_posts_stays_one() -> None:
    labels = torch.tensor([0] * 90 + [1] * 10)
    assert balance_classes(labels, 2, 0.0).tolist() == [1.0, 1.0]
    weights = balance_classes(labels, 2, 0.5)
    assert (weights[1] / weights[0]).item() == pytest.approx(3.0)
    assert weights[labels].mean().item() == pytest.approx(1.0)


def test_single_classes_without_a_label_count_for_nothing() -> None:
    logits = torch.tensor([[1.0, -2.0], [0.5, 3.0]])
    targets = torch.tensor([[1.0, torch.nan], [0.0, 0.0]])
    value = multitask_loss({"topic": logits}, {"topic": targets}, torch.ones(2), HEADS, EQUAL, 0.0)
    each = torch.nn.functional.binary_cross_entropy_with_logits(
        logits, targets.nan_to_num(), reduction="none"
    )
    assert value.item() == pytest.approx((each[0, 0] + each[1].sum()).item() / 2, rel=1e-5)


def test_posts_without_any_of_the_classes_are_learned_from() -> None:
    logits, none = torch.zeros(1, 2), torch.zeros(1, 2)
    value = multitask_loss({"topic": logits}, {"topic": none}, torch.ones(1), HEADS, EQUAL, 0.0)
    assert value.item() == pytest.approx(2 * torch.log(torch.tensor(2.0)).item(), rel=1e-5)
