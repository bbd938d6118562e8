"""A bundle to damage, and a guard against network access."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path

import pytest

from analysis.model.bundle import Bundle


@pytest.fixture
def copied(tiny_bundle: Bundle, tmp_path: Path) -> Path:
    """A copy of the tiny bundle to damage."""
    return Path(shutil.copytree(tiny_bundle.folder, tmp_path / "copy"))


@pytest.fixture
def isolated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail on any name lookup, connection or prompt."""

    def refuse(*arguments: object, **_: object) -> None:
        pytest.fail(f"the bundle reached out: {arguments}")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr("builtins.input", refuse)
