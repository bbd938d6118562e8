from __future__ import annotations

import pytest

from analysis import Model
from analysis.model.bundle import Bundle


@pytest.fixture
def model(tiny_bundle: Bundle) -> Model:
    """Give a tiny model behind the public API."""
    return Model(tiny_bundle)
