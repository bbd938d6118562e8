"""The values of an explanation: whether they add up, shares, heat maps and top words."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.attribution import encode_post, explain_post
from analysis.attribution.explain import check_attribution_sum
from analysis.attribution.ledger import ImageValue, WordValue, compute_modality_share
from analysis.attribution.words import select_top_words
from analysis.model.bundle import Bundle
from analysis.settings import Settings
from tests.attribution.ledgers import POSITIVE, TEXT


def test_an_incomplete_attribution_is_rerun_and_then_flagged(tiny_bundle: Bundle) -> None:
    strict = replace(Settings(), completeness_ok=0.0, completeness_refused=0.0, word_steps=2)
    check = explain_post(tiny_bundle, encode_post(tiny_bundle, TEXT, []), POSITIVE, strict).word_check
    assert check is not None
    assert (check.verdict, check.steps) == ("failed", 4)


@pytest.mark.parametrize(("total", "verdict"), [(1.0, "ok"), (1.04, "ok"), (1.1, "rough"), (0.7, "failed")])
def test_completeness_is_judged_by_the_relative_error(total: float, verdict: str) -> None:
    assert check_attribution_sum(1.0, total, 16, Settings()).verdict == verdict


def test_shares_are_none_if_the_values_are_negligible() -> None:
    assert compute_modality_share({"text": 0.3, "image": -0.1}, "text") == pytest.approx(0.75)
    assert compute_modality_share({"text": 0.02, "image": -0.01}, "text") is None


def test_heat_spreads_a_region_over_its_pixels() -> None:
    value = ImageValue("a", 3.0, np.array([[0, 0], [1, 1]]), np.array([1.0, 2.0]))
    assert value.heat().tolist() == [[0.5, 0.5], [1.0, 1.0]]


def test_top_words_add_up_repetitions_and_leave_out_digits_and_punctuation() -> None:
    values = [("Awful", 0.4), ("7", 2.0), ("awful", 0.3), ("،", 2.0), ("😍", -0.5), ("x" * 99, 0.1)]
    words = [WordValue(text, 0, 1, value) for text, value in values]
    assert select_top_words(words, 3) == [("awful", pytest.approx(0.7)), ("😍", -0.5), ("x" * 40, 0.1)]
