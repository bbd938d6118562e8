"""Shares of an additive model are compared with integrated gradients, and both are checked on the post."""

from __future__ import annotations

import pytest
from PIL import Image

from analysis.attribution import (
    CLASS_ACTIVATION,
    INTEGRATED_GRADIENTS,
    IntegratedGradients,
    Output,
    check_explanation,
    encode_post,
    explain_post,
    verify_explanation,
)
from analysis.attribution.verification import Agreement, compare_parts
from analysis.model.bundle import Bundle
from tests.attribution.ledgers import POSITIVE, TEXT


@pytest.mark.slow
def test_both_methods_are_computed_compared_and_checked(additive_bundle: Bundle, photo: Image.Image) -> None:
    post = encode_post(additive_bundle, TEXT, [("a", photo)])
    ledger = explain_post(additive_bundle, post, POSITIVE)
    assert ledger.has_shares
    verification = verify_explanation(additive_bundle, post, ledger)
    other = verification.ledger
    assert ledger.methods == {"text": CLASS_ACTIVATION, "image": CLASS_ACTIVATION}
    assert other.methods == {"text": INTEGRATED_GRADIENTS, "image": INTEGRATED_GRADIENTS}
    assert (other.base, other.total, other.phi) == (ledger.base, ledger.total, ledger.phi)
    assert verification.share_checks == check_explanation(additive_bundle, post, ledger)
    assert verification.checks == check_explanation(additive_bundle, post, other)
    assert other.word_check is not None
    assert verification.words == compare_parts(
        [word.value for word in ledger.words], [word.value for word in other.words]
    )
    assert verification.regions == compare_parts(
        ledger.images[0].region_values.tolist(), other.images[0].region_values.tolist()
    )


def test_a_modality_that_a_head_does_not_read_needs_no_gradients(
    additive_bundle: Bundle, photo: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = encode_post(additive_bundle, TEXT, [("a", photo)])
    ledger = explain_post(additive_bundle, post, Output("emotion", "joy"))
    assert ledger.methods["image"] == CLASS_ACTIVATION
    assert ledger.phi["image"] == ledger.images[0].value == 0
    used: list[str] = []
    attribute = IntegratedGradients.attribute

    def note(method: IntegratedGradients, *given: object) -> object:
        used.append(method.modality)
        return attribute(method, *given)

    monkeypatch.setattr(IntegratedGradients, "attribute", note)
    verify_explanation(additive_bundle, post, ledger)
    assert set(used) == {"text"}


def test_a_mix_has_no_shares_to_verify(tiny_bundle: Bundle) -> None:
    ledger = explain_post(tiny_bundle, encode_post(tiny_bundle, TEXT), POSITIVE)
    assert not ledger.has_shares
    assert not ledger.base_is_average


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ([1.0, 0.5, -2.0], [3.0, 0.1, -9.0], Agreement(1.0, same_top=True)),
        ([1.0, 0.5, -2.0], [-3.0, 0.1, 2.0], Agreement(-1.0, same_top=False)),
        ([1.0, 0.5], [2.0, 1.0], Agreement(None, same_top=True)),
        ([0.0, 0.0, 0.0], [1.0, 2.0, 3.0], Agreement(None, same_top=False)),
    ],
)
def test_orders_and_top_parts_are_compared(one: list[float], other: list[float], expected: Agreement) -> None:
    found = compare_parts(one, other)
    assert found.same_top == expected.same_top
    assert found.correlation == (
        None if expected.correlation is None else pytest.approx(expected.correlation)
    )
