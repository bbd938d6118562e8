"""A bundle to damage, and a guard against network access."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path

import pytest

from analysis.model.bundle import Bundle
from analysis.model.saving import save_bundle


@pytest.fixture
def copied(tiny_bundle: Bundle, tmp_path: Path) -> Path:
    """A copy of the tiny bundle to damage."""
    return Path(shutil.copytree(tiny_bundle.folder, tmp_path / "copy"))


@pytest.fixture
def compressed(tiny_bundle: Bundle, tmp_path: Path) -> Path:
    """The tiny bundle with every matrix in 4 bits if its rows are blocks of 32 values, otherwise in 8."""
    bits = {
        name: 4 if weights.ndim == 2 and weights.shape[1] % 32 == 0 else 8
        for name, weights in tiny_bundle.model.state_dict().items()
        if weights.is_floating_point() and weights.ndim >= 2
    }
    folder = tmp_path / "compressed"
    save_bundle(
        folder, tiny_bundle.config, tiny_bundle.model, tiny_bundle.tokenizers, {"seed": 0}, "# tiny\n", bits
    )
    return folder


@pytest.fixture
def isolated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail on any name lookup, connection or prompt."""

    def refuse(*arguments: object, **_: object) -> None:
        pytest.fail(f"the bundle reached out: {arguments}")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr("builtins.input", refuse)
