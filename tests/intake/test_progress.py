"""The progress of reading: files are counted, and of a large file its bytes."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from analysis.importers import ImportOptions, byte_source, heartbeat, text_stream
from analysis.intake import InputFile, read_inputs, streamed
from analysis.intake.reading import Reading
from analysis.intake.streamed import read_large_table
from analysis.settings import Settings

CONTENT = b"id,text\n" + b"".join(b"%d,hello\n" % number for number in range(100))


@pytest.fixture
def reported(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """What heartbeats report, each of them at once."""
    steps: list[tuple[int, int]] = []
    monkeypatch.setattr(heartbeat, "_INTERVAL", 0.0)
    monkeypatch.setattr(heartbeat, "_listener", lambda *step: steps.append(step))
    return steps


def test_a_large_table_reports_its_bytes_after_a_first_pass_that_counts_them(
    reported: list[tuple[int, int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (byte_source, streamed):
        monkeypatch.setattr(module, "BLOCK_BYTES", 100)
    monkeypatch.setattr(text_stream, "PIECE_CHARS", 100)
    settings = Settings(stream_from_bytes=1)
    assert read_large_table(InputFile("a.csv", CONTENT), settings, ImportOptions(), tmp_path / "cells")
    known = [step for step in reported if step[1]]
    assert {total for _, total in known} == {len(CONTENT)}
    assert [done for done, _ in known][-1] == len(CONTENT)
    assert reported[0] == (0, 0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("parameter", "step"), [("file_progress", ("posts.ndjson", 34, 100)), ("progress", (0, 1))]
)
def test_the_bytes_of_a_large_file_are_passed_on_with_its_name_or_as_a_sign_of_life(
    parameter: str, step: tuple[Any, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = threading.Event()
    steps: list[tuple[Any, ...]] = []

    def read(*arguments: Any) -> Reading:
        progress = arguments[4]
        while not seen.wait(0.01):
            progress(34, 100)
        return Reading()

    def see(*step: Any) -> None:
        steps.append(step)
        seen.set()

    monkeypatch.setattr("analysis.intake.sandbox.read_in_worker", read)
    read_inputs([InputFile("posts.ndjson", CONTENT)], tmp_path, **{parameter: see})
    assert steps[0] == step
