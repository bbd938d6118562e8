"""Check a set of files as one upload, and get its posts and reasons."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from analysis.intake import CheckedBatch, InputFile, check_batch, read_inputs


def png(colour: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (20, 20), colour).save(file, "PNG")
    return file.getvalue()


A, B, C = png("red"), png("green"), png("blue")


def scored(tmp_path: Path, files: dict[str, bytes | str]) -> CheckedBatch:
    drop = [
        InputFile(name, content.encode() if isinstance(content, str) else content)
        for name, content in files.items()
    ]
    inputs = read_inputs(drop, tmp_path / "media")
    checked = check_batch(inputs)
    assert inputs.expected_files == len(files)
    assert all(each.received + each.rejected == each.expected for each in checked.counts.values())
    return checked


def posts(checked: CheckedBatch) -> list[tuple[str, int]]:
    return list(zip(checked.posts["text"], checked.posts["images"].map(len), strict=True))


def reasons(checked: CheckedBatch) -> dict[str, str]:
    return dict(zip(checked.rejected["name"], checked.rejected["reason"], strict=True))
