"""The data set class: views of pairs, absent inputs and labels, batches."""

import pandas as pd
import torch

from analysis.model.config import Head
from analysis.training.core.examples import (
    VIEWS,
    Examples,
    concatenate_examples,
    make_examples,
    make_pair_examples,
)

HEADS = {
    "sentiment": Head("sentiment", ("low", "middle", "high"), ("Low", "Middle", "High")),
    "topic": Head("topic", ("a", "b"), ("A", "B"), exclusive=False),
}
PAIRS = pd.DataFrame({"label": [0, 1, 2], "text_label": [1, 1, 1], "image_label": [2, 2, 2]})
TEXT, IMAGE = list(torch.ones(3, 2)), list(2 * torch.ones(3, 3))
MODALITIES = ("text", "image")


def pairs(view: str) -> Examples:
    return make_pair_examples(PAIRS, view, TEXT, IMAGE, HEADS, weight=0.5)


def test_a_view_has_only_its_modalities_and_the_label_of_that_view() -> None:
    labels = {"both": [0, 1, 2], "text": [1, 1, 1], "image": [2, 2, 2]}
    for view, present in VIEWS.items():
        made = pairs(view)
        assert made.present(MODALITIES).float().tolist() == [list(present)] * 3
        assert made.targets["sentiment"].argmax(1).tolist() == labels[view]
        assert made.weight.tolist() == [0.5] * 3


def test_heads_without_a_label_are_marked_unknown() -> None:
    assert pairs("both").targets["topic"].isnan().all()
    soft = make_examples({"text": TEXT}, {"topic": torch.tensor([[0.2, 0.8]] * 3)}, HEADS)
    assert soft.targets["topic"].tolist() == torch.tensor([[0.2, 0.8]] * 3).tolist()
    assert soft.targets["sentiment"].isnan().all()


def test_sets_are_joined_in_order_and_rows_can_be_selected() -> None:
    joined = concatenate_examples(pairs("both"), pairs("text"))
    assert len(joined) == 6
    taken = joined.take(torch.tensor([5, 0]))
    assert taken.present(MODALITIES).tolist() == [[True, False], [True, True]]
    assert taken.targets["sentiment"].argmax(1).tolist() == [1, 0]


def test_batches_have_every_example_once_and_texts_of_one_length() -> None:
    tokens = [[1] * (row % 9) for row in range(90)]
    made = make_examples({"text": tokens}, {}, HEADS)
    batches = made.batches(10, torch.Generator().manual_seed(0))
    assert sorted(row for batch in batches for row in batch.tolist()) == list(range(90))
    assert all(len({row % 9 for row in batch.tolist()}) == 1 for batch in batches)
