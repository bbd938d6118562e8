"""A post and an output to explain, and the check that a ledger adds up."""

import pytest

from analysis.attribution import Ledger, Output

TEXT = "So good #match ❤️ @ann http://x.y not lovely!!!"
POSITIVE = Output("sentiment", "positive")


def assert_adds_up(ledger: Ledger) -> None:
    assert ledger.base + sum(ledger.phi.values()) == pytest.approx(ledger.total, abs=1e-5)
    words = sum(word.value for word in ledger.words)
    assert words + ledger.text_remainder == pytest.approx(ledger.phi["text"], abs=1e-6)
    images = sum(photo.value for photo in ledger.images)
    assert images + ledger.image_remainder == pytest.approx(ledger.phi["image"], abs=1e-6)
    for photo in ledger.images:
        assert photo.region_values.sum() == pytest.approx(photo.value, abs=1e-6)
        assert photo.heat().sum() == pytest.approx(photo.value, abs=1e-6)
