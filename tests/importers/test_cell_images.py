"""Images in the cells of Parquet tables are stored and bound to the posts of their rows."""

from __future__ import annotations

import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from analysis.intake import CheckedBatch, InputFile, check_batch, read_inputs, stored_image_path
from analysis.settings import Settings

pytestmark = pytest.mark.slow


def png(shade: int) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (32, 32), (shade, 0, 0)).save(written, "PNG")
    return written.getvalue()


def check(folder: Path, settings: Settings | None = None, **columns: list[object]) -> CheckedBatch:
    written = io.BytesIO()
    pq.write_table(pa.table(columns), written)
    inputs = read_inputs([InputFile("posts.parquet", written.getvalue())], folder, settings)
    checked = check_batch(inputs)
    for counts in checked.counts.values():
        assert counts.received + counts.rejected == counts.expected
    return checked


def test_pairs_of_bytes_and_path_become_the_images_of_their_posts(tmp_path: Path) -> None:
    cells = [
        {"bytes": png(1), "path": "a.png"},
        {"bytes": png(2), "path": "a.png"},
        {"bytes": png(1), "path": None},
        {"bytes": None, "path": "else.png"},
    ]
    checked = check(tmp_path, text=["one", "two", "three", "four"], image=cells)
    assert [len(images) for images in checked.posts["images"]] == [1, 1, 1, 0]
    first, second, third, _ = checked.posts["images"]
    assert first[0] == third[0] != second[0]
    assert stored_image_path(tmp_path, first[0]).is_file()
    assert checked.rejected["reason"].tolist() == ["row 4 names else.png, which was not uploaded"]


def test_a_column_of_bytes_and_lists_of_images_are_taken(tmp_path: Path) -> None:
    checked = check(tmp_path, text=["one", "two"], photo=[png(1), png(2)])
    assert [len(images) for images in checked.posts["images"]] == [1, 1]
    lists = [[{"bytes": png(1), "path": "a.png"}, {"bytes": png(2), "path": "b.png"}], []]
    checked = check(tmp_path, text=["one", "two"], images=lists)
    assert [len(images) for images in checked.posts["images"]] == [2, 0]


def test_an_image_in_a_cell_that_cannot_be_used_costs_itself_alone(tmp_path: Path) -> None:
    cells = [{"bytes": png(1)[:60], "path": "a.png"}, {"bytes": b"no image", "path": "b.png"}]
    checked = check(tmp_path, text=["one", "two"], image=cells)
    assert checked.posts["text"].tolist() == ["one", "two"]
    assert sorted(checked.rejected["kind"]) == ["file", "file", "reference", "reference"]
    assert "is damaged or truncated" in set(checked.rejected["reason"])


def test_more_images_than_the_limit_are_listed(tmp_path: Path) -> None:
    cells = [{"bytes": png(shade), "path": "a.png"} for shade in range(3)]
    checked = check(tmp_path, Settings(max_archive_members=2), text=["one", "two", "three"], image=cells)
    assert [len(images) for images in checked.posts["images"]] == [1, 1, 0]


def test_other_bytes_stay_as_they_were(tmp_path: Path) -> None:
    checked = check(tmp_path, text=["one"], key=[b"\x01\x02"])
    assert "\\\\x01" in checked.posts["extra"][0]
