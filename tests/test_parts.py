"""The parts of a batch on disk: read one by one, found damaged, written by one process at a time."""

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from analysis.errors import WorkspaceError
from analysis.workspace import Workspace
from tests.scored import new_batch, score, without_digests


def test_the_posts_of_a_part_are_read_without_the_others(tmp_path: Path) -> None:
    batch = new_batch(tmp_path, part_posts=6)
    whole = batch.posts()
    for index in range(batch.n_parts):
        rows = whole.iloc[batch.part_rows(index)].reset_index(drop=True)
        pd.testing.assert_frame_equal(batch.part_of_posts(index), rows)
    assert pq.ParquetFile(batch.folder / "posts.parquet").num_row_groups == batch.n_parts


def test_parts_are_found_in_row_groups_of_any_size(tmp_path: Path) -> None:
    batch = without_digests(new_batch(tmp_path, part_posts=6))
    table = pq.read_table(batch.folder / "posts.parquet")
    for size in (1, 4, 9, 50):
        pq.write_table(table, batch.folder / "posts.parquet", row_group_size=size)
        ids = [post_id for index in range(batch.n_parts) for post_id in batch.part_of_posts(index)["post_id"]]
        assert ids == batch.posts()["post_id"].tolist()


@pytest.mark.parametrize("damage", ["cut", "flipped", "emptied", "short"])
def test_damaged_parts_are_found_and_removed(tmp_path: Path, damage: str) -> None:
    batch = score(new_batch(tmp_path, part_posts=6))
    path = batch.folder / "scores" / "part-00001.parquet"
    content = bytearray(path.read_bytes())
    if damage == "flipped":
        column = pq.read_metadata(path).row_group(0).column(5)
        content[column.data_page_offset + column.total_compressed_size // 2] ^= 255
    cut = {"cut": len(content) // 2, "emptied": 0}.get(damage, len(content))
    path.write_bytes(content[:cut])
    if damage == "short":
        path.write_bytes((batch.folder / "scores" / "part-00003.parquet").read_bytes())
    assert batch.discard_damaged("scores") == [1]
    assert not batch.has_part("scores", 1)
    assert batch.discard_damaged("scores") == []
    assert batch.scored() == 14


def test_a_batch_is_scored_by_one_at_a_time(tmp_path: Path) -> None:
    batch, again = new_batch(tmp_path), Workspace(tmp_path / "home").open("spring")
    with (
        batch.lock_for_scoring(),
        pytest.raises(WorkspaceError, match="Batch spring is being scored by another process"),
        again.lock_for_scoring(),
    ):
        pass
    with again.lock_for_scoring():
        pass
