"""Labels of options: each leads back to one option, whatever the options are called."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pages.shared.choices import unique_labels


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        (["a", "b"], ["a", "b"]),
        (["a", "a", "a"], ["a", "a (2)", "a (3)"]),
        (["a", "a (2)", "a"], ["a", "a (2)", "a (3)"]),
        (["a", "a ", "a\n"], ["a", "a (2)", "a (3)"]),
        (["", "  "], ["(no name)", "(no name) (2)"]),
        (["x\ud800", "x\udc00"], ["x?", "x? (2)"]),
    ],
)
def test_options_of_one_name_get_labels_of_their_own(names: Sequence[str], labels: Sequence[str]) -> None:
    label = unique_labels(range(len(names)), names.__getitem__)
    assert [label(option) for option in range(len(names))] == labels


def test_a_removed_option_does_not_get_another_label() -> None:
    label = unique_labels(["one"], lambda _: "Same title")
    assert label("gone") != label("one")
