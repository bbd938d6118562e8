"""Every source is recognised, and its posts are read exactly, from small invented files in `fixtures`.

`expected.jsonl` has a line for each file: the label of its source, its posts, and the number of rejected rows.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis.importers.sources import get_source, list_sources
from analysis.intake import CheckedBatch, InputFile, check_batch, read_inputs

FOLDER = Path(__file__).parent
CASES = [json.loads(line) for line in (FOLDER / "expected.jsonl").read_text(encoding="utf-8").splitlines()]


@dataclass(frozen=True)
class Post:
    """A post; "" for an id that the source does not give."""

    id: str
    text: str
    author: str | None = None
    time: str | None = None
    likes: int | None = None
    shares: int | None = None
    comments: int | None = None
    images: list[str] = field(default_factory=list)


def posts_of(checked: CheckedBatch, with_ids: bool) -> list[Post]:
    """Return the posts of a batch; the images that they name are listed as missing, as no fixture has any."""
    missing = checked.rejected[checked.rejected["kind"] == "reference"]
    row_of = missing["reason"].str.extract(r"^row (\d+) ")[0]
    names = {row: missing["raw"][row_of == row].tolist() for row in row_of.unique()}
    found = []
    for row in checked.posts.itertuples():
        counts = (None if pd.isna(count) else int(count) for count in (row.likes, row.shares, row.comments))
        found.append(
            Post(
                row.post_id if with_ids else "",
                row.text,
                None if pd.isna(row.author) else row.author,
                None if pd.isna(row.created_at) else row.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                *counts,
                images=names.get(str(row.row), []),
            )
        )
    return found


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["file"])
def test_a_source_is_recognised_and_its_posts_are_read_exactly(case: dict[str, Any], tmp_path: Path) -> None:
    inputs = read_inputs([InputFile(case["file"], FOLDER / "fixtures" / case["file"])], tmp_path)
    assert [table.source for table in inputs.tables] == [case["source"]], inputs.rejected

    checked = check_batch(inputs)
    expected = [Post(**post) for post in case["posts"]]
    assert posts_of(checked, with_ids=bool(expected[0].id)) == expected
    assert checked.counts["row"].rejected == case["rejected"]


def test_every_source_and_every_fixture_is_tested() -> None:
    assert {source.label for source in list_sources()} == {case["source"] for case in CASES}
    assert {path.name for path in (FOLDER / "fixtures").iterdir()} == {case["file"] for case in CASES}


def test_names_and_labels_of_sources_are_unique() -> None:
    assert len({source.name for source in list_sources()}) == len(list_sources())
    assert len({source.label for source in list_sources()}) == len(list_sources())


def test_an_unknown_source_is_an_error_that_lists_the_known_ones() -> None:
    assert get_source("telegram").label == "Telegram Desktop"
    with pytest.raises(ValueError, match=r"'telegramm' is not a known source. Use one of: 4cat, .*telegram"):
        get_source("telegramm")
