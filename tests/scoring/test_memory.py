"""Scoring in memory gives what scoring on disk does."""

import io
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from analysis import query
from analysis.columns import MAX_REACTIONS, REACTIONS, report_columns
from analysis.errors import BundleError
from analysis.exporters import CSV, read_report_chunks, write_csv
from analysis.model.bundle import Bundle
from analysis.posts import post_frame
from analysis.query import EVERY_POST
from analysis.scoring.memory import MemoryStore, score_posts
from analysis.scoring.pipeline import score_batch
from analysis.scoring.scorer import score_parts
from analysis.settings import Settings
from tests.scored import media_with_image, new_batch, some_posts

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("words", [False, True])
def test_a_report_from_memory_is_that_of_a_workspace_to_the_byte(
    tiny_bundle: Bundle, tmp_path: Path, words: bool
) -> None:
    posts, columns = some_posts(20), report_columns(tiny_bundle.heads)
    batch = new_batch(tmp_path, posts, part_posts=6)
    score_batch(batch, tiny_bundle, words=words)
    stored, in_memory = io.BytesIO(), io.BytesIO()
    write_csv(batch, EVERY_POST, columns, stored)
    table = score_posts(
        posts, media_with_image(tmp_path / "more"), tiny_bundle, Settings(part_posts=7), words=words
    )
    CSV.write(read_report_chunks([table], columns), columns, in_memory)
    assert in_memory.getvalue() == stored.getvalue()
    expected = query.read_page(batch)
    assert table["disagree"].notna().sum() == 10
    for name in ("disagree", "decided_by"):
        pd.testing.assert_series_equal(table[name], expected[name], check_dtype=False)


def test_progress_is_reported_after_each_part(tiny_bundle: Bundle, tmp_path: Path) -> None:
    calls: list[tuple[str, int, int]] = []
    media = media_with_image(tmp_path)
    score_posts(
        some_posts(8), media, tiny_bundle, Settings(part_posts=3), progress=lambda *each: calls.append(each)
    )
    assert calls == [("scoring", done, 8) for done in (0, 3, 6, 8)]


def test_encodings_are_stored_only_on_request(tiny_bundle: Bundle, tmp_path: Path) -> None:
    media = media_with_image(tmp_path)
    for stored in (False, True):
        store = MemoryStore(some_posts(4), media, 2, store_encodings=stored)
        assert score_parts(store, tiny_bundle, Settings(), lambda *_: None, lambda: False, "torch")
        assert store.has_part("encodings", 1) is stored
        assert ("text_encoding" in store.read_part("encodings", 1)) is stored
        assert not store.has_part("embeddings", 1)


def test_a_model_without_a_topic_head_is_refused(tiny_bundle: Bundle, tmp_path: Path) -> None:
    heads = {name: head for name, head in tiny_bundle.heads.items() if name != "topic"}
    topicless = replace(tiny_bundle, config=replace(tiny_bundle.config, heads=heads))
    with pytest.raises(BundleError, match="has no head topic"):
        score_posts(some_posts(1), tmp_path, topicless)


def test_interactions_in_memory_are_those_of_a_workspace(tiny_bundle: Bundle, tmp_path: Path) -> None:
    numbers = [(1, 2, 3), (None, 2, None), (None, None, None), (-5, 0, 4), (2**63 - 1, 2**63 - 1, 2**63 - 1)]
    rows = [dict(zip(REACTIONS, each, strict=True)) for each in numbers]
    posts = post_frame([{"post_id": f"p{row}", "text": "x", **each} for row, each in enumerate(rows)])
    batch = new_batch(tmp_path, posts)
    score_batch(batch, tiny_bundle)
    table = score_posts(posts, tmp_path, tiny_bundle)
    assert table["interactions"].isna().tolist() == [False, False, True, False, False]
    assert table["interactions"].dropna().tolist() == [6, 2, 4, 3 * MAX_REACTIONS]
    pd.testing.assert_series_equal(table["interactions"], query.read_page(batch)["interactions"])
