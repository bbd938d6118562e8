import torch

from analysis.training.core.examples import VIEWS, Examples, join, make_examples, show_blanks

DIMS, CLASSES = {"text": 2, "image": 3}, {"mood": 2, "topic": 4}
TEXT, IMAGE = torch.ones(3, 2), 2 * torch.ones(3, 3)


def examples(view: str) -> Examples:
    return make_examples(TEXT, IMAGE, view, {"mood": torch.tensor([0, 1, 1])}, DIMS, CLASSES, weight=0.5)


def test_a_view_shows_only_its_modalities() -> None:
    for view, present in VIEWS.items():
        made = examples(view)
        assert made.present.tolist() == [list(present)] * 3
        assert made.encoded["text"].sum().item() == 6 * present[0]
        assert made.encoded["image"].sum().item() == 18 * present[1]


def test_heads_without_a_label_are_marked_unknown() -> None:
    made = examples("both")
    assert made.targets["mood"].tolist() == [[1, 0], [0, 1], [0, 1]]
    assert made.targets["topic"].isnan().all()


def test_sets_are_joined_in_order_and_rows_are_taken_from_them() -> None:
    joined = join(examples("both"), examples("text"))
    assert len(joined) == 6
    taken = joined.take(torch.tensor([5, 0]))
    assert taken.present.tolist() == [[1.0, 0.0], [1.0, 1.0]]
    assert taken.weight.tolist() == [0.5, 0.5]


def test_blanks_take_the_place_of_absent_modalities_only() -> None:
    blanks = {"text": torch.full((1, 2), 7.0), "image": torch.full((1, 3), 9.0)}
    shown = show_blanks(examples("text"), blanks, rate=1.0, generator=torch.Generator().manual_seed(0))
    assert shown.present.tolist() == [[1.0, 1.0]] * 3
    assert torch.equal(shown.encoded["text"], TEXT)
    assert (shown.encoded["image"] == 9).all()
    same = show_blanks(examples("text"), blanks, rate=0.0, generator=torch.Generator())
    assert torch.equal(same.present, examples("text").present)
