"""Coefficients of agreement equal published examples."""

import pytest

from analysis.review import compute_alpha, compute_kappa, compute_pairwise_kappa
from analysis.workspace import DECISION, Labels, StoredLabel

FOUR_CODERS = (
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
)
"""Krippendorff 2011, "Computing Krippendorff's alpha-reliability", section C: nominal alpha is 0.743."""


def by_post() -> list[dict[str, str]]:
    rows = [row.split() for row in FOUR_CODERS]
    return [
        {str(coder): row[post] for coder, row in enumerate(rows) if row[post] != "."} for post in range(12)
    ]


def test_alpha_equals_that_of_krippendorff() -> None:
    found = compute_alpha(by_post())
    assert found.value == pytest.approx(0.743, abs=5e-4)
    assert found.posts == 11  # one post has a single label
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0.743 < found.high <= 1


def test_kappa_equals_that_of_fleiss_cohen_and_everitt() -> None:
    """Fleiss, Cohen & Everitt 1969, "Large sample standard errors of kappa", table 1: kappa 0.429, error 0.054."""
    cells = {("a", "a"): 106, ("a", "b"): 10, ("a", "c"): 4, ("b", "a"): 22, ("b", "b"): 28, ("b", "c"): 10,
             ("c", "a"): 2, ("c", "b"): 12, ("c", "c"): 6}  # fmt: skip
    found = compute_kappa([pair for pair, count in cells.items() for _ in range(count)])
    assert found.value == pytest.approx(0.429, abs=5e-4)
    assert found.low == pytest.approx(0.429 - 1.96 * 0.054, abs=2e-3)
    assert found.high == pytest.approx(0.429 + 1.96 * 0.054, abs=2e-3)
    assert found.same == pytest.approx(0.7)


@pytest.mark.parametrize("labels", [[], [{"ann": "x"}], [{"ann": "x", "ben": "x"}] * 5])
def test_alpha_is_not_defined_without_variation(labels: list[dict[str, str]]) -> None:
    found = compute_alpha(labels)
    assert (found.value, found.low, found.high) == (None, None, None)


def test_kappa_is_not_defined_if_all_labels_are_equal() -> None:
    assert compute_kappa([("x", "x")] * 4).value is None


def test_every_two_coders_are_compared_on_the_posts_that_both_labelled() -> None:
    given = {"ann": "nnpp", "ben": "nnpn", "cy": "..p."}
    stored = [
        StoredLabel(place, "sentiment", value, coder)
        for coder, values in given.items()
        for place, value in enumerate(values)
        if value != "."
    ]
    stored.append(StoredLabel(3, "sentiment", "n", DECISION))
    found = compute_pairwise_kappa(Labels.from_stored(stored), "sentiment")
    assert {pair: each.posts for pair, each in found.items()} == {
        ("ann", "ben"): 4,
        ("ann", "cy"): 1,
        ("ben", "cy"): 1,
    }
    assert found["ann", "ben"].value == pytest.approx(0.5)


def test_kappa_has_no_interval_if_a_coder_gave_all_posts_the_same_label() -> None:
    found = compute_kappa([("positive", "negative")] * 5)
    assert (found.value, found.low, found.high, found.same) == (0, None, None, 0)
