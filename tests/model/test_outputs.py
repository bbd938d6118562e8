import torch

from analysis.model.config import Head
from analysis.model.outputs import compute_explained_logits, compute_probabilities, select_temperatures

HEADS = {
    "sentiment": Head("sentiment", ("a", "b", "c"), ("A", "B", "C"), temperature=2.0),
    "topic": Head("topic", ("x", "y"), ("X", "Y"), exclusive=False, temperature=0.5),
}
WHOLE = torch.tensor([[1.0, 1.0]])
LOGITS = {"sentiment": torch.tensor([[2.0, 4.0, 6.0]]), "topic": torch.tensor([[0.0, 1.0]])}


def test_exclusive_heads_are_explained_from_their_mean_and_the_others_as_they_are() -> None:
    explained = compute_explained_logits(HEADS, LOGITS)
    assert explained["sentiment"].tolist() == [[-1.0, 0.0, 1.0]]
    assert explained["topic"].tolist() == [[0.0, 2.0]]


def test_probabilities_follow_from_the_explained_logits() -> None:
    explained, found = compute_explained_logits(HEADS, LOGITS), compute_probabilities(HEADS, LOGITS, WHOLE)
    torch.testing.assert_close(found["sentiment"], explained["sentiment"].softmax(1))
    torch.testing.assert_close(found["topic"], explained["topic"].sigmoid())


def test_a_head_knows_its_classes_titles() -> None:
    assert HEADS["topic"].title("y") == "Y"
    assert HEADS["topic"].title("unclear") == "unclear"


def test_posts_of_one_modality_have_a_temperature_of_their_own() -> None:
    head = Head("mood", ("a", "b"), ("A", "B"), temperature=2.0, alone=(4.0, 0.5))
    present = torch.tensor([[1.0, 1.0], [1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    assert select_temperatures(head, present).flatten().tolist() == [2.0, 4.0, 0.5, 2.0]
    found = compute_probabilities({"mood": head}, {"mood": torch.tensor([[4.0, 0.0]]).repeat(4, 1)}, present)[
        "mood"
    ]
    torch.testing.assert_close(found[:, 0], torch.sigmoid(torch.tensor([2.0, 1.0, 8.0, 2.0])))


def test_values_of_any_two_posts_are_on_one_scale() -> None:
    head = Head("mood", ("a", "b"), ("A", "B"), temperature=2.0, alone=(4.0, 0.5))
    assert compute_explained_logits({"mood": head}, {"mood": torch.tensor([[4.0, 0.0]])})[
        "mood"
    ].tolist() == [[1.0, -1.0]]
