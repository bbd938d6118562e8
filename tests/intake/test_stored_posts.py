"""The posts of large tables are stored on disk, with the result that posts in memory have."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from analysis.intake import InputFile, check_batch, parse_table, read_inputs
from analysis.intake.cells import StoredCells
from analysis.posts import POST_COLUMNS
from analysis.settings import MB, Settings
from analysis.workspace import Workspace
from tests.intake.large_tables import DELIMITED, assert_same_posts, check, lines, read_large

pytestmark = pytest.mark.usefixtures("tiny_chunks")


def test_many_posts_are_stored_on_disk_and_read_in_chunks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = InputFile("posts.csv", DELIMITED["plain"])
    whole = check(parse_table(file))
    monkeypatch.setattr("analysis.intake.stored_posts._IN_MEMORY", 100)
    monkeypatch.setattr("analysis.intake.admission._BUFFER_POSTS", 7)
    large = check(read_large(file, tmp_path))
    assert (large.n_posts, large.posts_per_source) == (80, {"posts.csv": 80})
    assert [len(chunk) for chunk in large.chunks()] == [7] * 11 + [3]
    assert large.head(3)["post_id"].tolist() == ["0", "1", "2"]
    assert tuple(large.head(3).columns) == POST_COLUMNS
    assert_same_posts(large, whole)


@pytest.mark.slow
def test_a_large_table_is_read_in_the_worker_and_its_bytes_are_reported(tmp_path: Path) -> None:
    path = tmp_path / "posts.ndjson"
    line = lines({"id": 1, "text": "hello " * 20, "author": "ann"})
    path.write_bytes(line * (40 * MB // len(line)))
    inputs = read_inputs([InputFile("posts.ndjson", path)], tmp_path / "media")
    (table,) = inputs.tables
    assert isinstance(table.cells, StoredCells)
    assert len(table.cells) == 40 * MB // len(line)
    assert not list((tmp_path / "media").glob("**/*.cells*"))
    checked = check_batch(inputs)
    assert checked.n_posts == 1
    assert checked.counts["row"].rejected == len(table.cells) - 1


def test_posts_on_disk_are_stored_in_a_batch_as_those_in_memory_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = InputFile("posts.csv", DELIMITED["plain"])
    settings = Settings(part_posts=30)
    whole = check(parse_table(file))
    kept = Workspace(tmp_path / "a", settings).create(whole, tmp_path, "Kept")
    monkeypatch.setattr("analysis.intake.stored_posts._IN_MEMORY", 100)
    monkeypatch.setattr("analysis.intake.admission._BUFFER_POSTS", 7)
    large = check(read_large(file, tmp_path))
    path = tmp_path / "posts.csv"
    path.write_bytes(DELIMITED["plain"])
    stored = Workspace(tmp_path / "b", settings).create(
        large, tmp_path, "Stored", sources=[("posts.csv", path)]
    )
    pd.testing.assert_frame_equal(stored.posts(), kept.posts())
    assert [stored.part_size(index) for index in range(stored.n_parts)] == [30, 30, 20]
    groups = pq.ParquetFile(stored.posts_path).metadata
    assert [groups.row_group(number).num_rows for number in range(groups.num_row_groups)] == [30, 30, 20]
    (source,) = stored.manifest.sources
    assert source["sha256"] == sha256(DELIMITED["plain"]).hexdigest()
    assert (stored.folder / "source" / source["file"]).read_bytes() == DELIMITED["plain"]
