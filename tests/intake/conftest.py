"""Chunks so small that a few rows take several."""

from __future__ import annotations

import pytest

from analysis.importers import byte_source, delimited_chunks, text_stream
from analysis.intake import streamed


@pytest.fixture
def tiny_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read blocks of 37 bytes, pieces of 100 characters and chunks of 7 rows."""
    for module in (byte_source, streamed):
        monkeypatch.setattr(module, "BLOCK_BYTES", 37)
    monkeypatch.setattr(text_stream, "PIECE_CHARS", 100)
    monkeypatch.setattr(delimited_chunks, "_ROWS", 7)
