"""Parts that an older version wrote are read as if this one had written them."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis import query
from analysis.columns import report_columns
from analysis.exporters import write_csv
from analysis.query import EVERY_POST
from analysis.workspace import Batch
from analysis.workspace.files import digest_path
from tests.query.compared import top_words_of
from tests.scored import HEADS, new_batch, score, without_digests

TEXTS = ["good +0.50; a;b +0.40; b-d -0.90", "+5 x -0.00", "", None, "😍 +1.25"]
LISTS = [[("good", 0.5), ("a;b", 0.4), ("b-d", -0.9)], [("+5 x", -0.0)], [], None, [("😍", 1.25)]]


def with_words(batch: Batch, index: int, words: list[object], *, as_text: bool) -> None:
    """Write the words of a part, as this version does or as text."""
    posts = batch.part_of_posts(index)
    frame = pd.DataFrame({"post_id": posts["post_id"], "top_words": pd.Series(words, dtype=object)})
    frame["image_map"] = None
    if as_text:
        table = pa.Table.from_pandas(frame, pa.schema([("post_id", pa.string()), ("top_words", pa.string())]))
        pq.write_table(table, batch.part_path("words", index))
        digest_path(batch.part_path("words", index)).unlink(missing_ok=True)
    else:
        batch.write_part("words", index, frame)


def written(batch: Batch) -> bytes:
    target = io.BytesIO()
    write_csv(batch, EVERY_POST, report_columns(HEADS), target)
    return target.getvalue()


@pytest.fixture
def batch(tmp_path: Path) -> Batch:
    return without_digests(score(new_batch(tmp_path, part_posts=5)))


@pytest.mark.slow
@pytest.mark.parametrize("older", [{0}, {1, 3}, {0, 1, 2, 3}])
def test_words_stored_as_text_are_read_as_lists(batch: Batch, older: set[int]) -> None:
    for index in range(batch.n_parts):
        with_words(batch, index, LISTS, as_text=False)
    expected, influential = written(batch), top_words_of(batch, EVERY_POST, "positive", least=1)
    for index in older:
        with_words(batch, index, TEXTS, as_text=True)
    assert list(query.read_page(batch)["top_words"]) == LISTS * 4
    assert query.read_post(batch, "p0")["top_words"] == LISTS[0]
    assert written(batch) == expected
    found = top_words_of(batch, EVERY_POST, "positive", least=1)
    pd.testing.assert_frame_equal(found, influential)


def test_only_the_csv_writes_words_as_text(batch: Batch) -> None:
    with_words(batch, 0, LISTS, as_text=False)
    lines = written(batch).decode("utf-8-sig")
    assert "good +0.50; a;b +0.40; b-d -0.90" in lines
    assert all(
        words is None or isinstance(words, list) for words in query.read_page(batch, limit=5)["top_words"]
    )
