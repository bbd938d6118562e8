"""Queries over batches that are unscored, partly scored, of an older version, or damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis import query
from analysis.errors import WorkspaceError
from analysis.model.presets import default_marks
from analysis.query import EVERY_POST, Filters
from analysis.workspace import Batch
from tests.query.compared import ids
from tests.scored import new_batch, score, scores_of, some_posts, without_digests


@pytest.fixture(scope="module")
def half_scored(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    return score(new_batch(tmp_path_factory.mktemp("half"), part_posts=6), range(2))


@pytest.fixture(scope="module")
def unscored(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    return new_batch(tmp_path_factory.mktemp("unscored"))


def test_an_unscored_batch_still_answers(unscored: Batch) -> None:
    assert query.read_page(unscored)["sentiment"].isna().all()
    assert query.compute_totals(unscored) == query.Totals(20, 0, 0, 0, 0, 0, 0, 0, None)
    assert query.count_by(unscored, EVERY_POST, "sentiment").empty
    assert query.count_by_period(unscored)[1].empty
    assert ids(unscored, sort="valence")[:3] == ["p0", "p1", "p2"]
    assert query.count_matching_posts(unscored, Filters(sentiments=("positive",))) == 0
    assert query.read_post(unscored, "p3")["top_words"] is None


def test_a_partly_scored_batch_counts_what_it_has(half_scored: Batch) -> None:
    totals = query.compute_totals(half_scored)
    assert (totals.posts, totals.scored) == (20, 12)
    assert ids(half_scored, Filters(scored=False)) == [f"p{i}" for i in range(12, 20)]
    assert query.count_matching_posts(half_scored, Filters(scored=True)) == 12
    assert ids(half_scored, sort="confidence", descending=True)[12:] == [f"p{i}" for i in range(12, 20)]


def test_a_home_with_wildcards_in_its_name_is_read_as_it_is_written(tmp_path: Path) -> None:
    folder = tmp_path / "posts [2026] *"
    folder.mkdir()
    assert query.compute_totals(score(new_batch(folder))).scored == 20


def test_scores_of_an_older_version_or_a_smaller_model_still_answer(tmp_path: Path) -> None:
    batch = without_digests(new_batch(tmp_path, part_posts=6))
    newer = ["emotion", "p_anger", "p_joy", *(f"p_{tone}" for tone in default_marks())]
    score(batch, range(1, 2))
    for index in (0, 2):  # as another version would have written them
        older = (
            scores_of(batch.posts())
            .iloc[batch.part_rows(index)]
            .drop(columns=[*newer, "language", "in_language"])
        )
        older.to_parquet(batch.folder / "scores" / f"part-{index:05d}.parquet", index=False)
    assert query.compute_totals(batch).scored == 18
    assert set(ids(batch, Filters(tones=default_marks()))) <= {f"p{i}" for i in range(6, 12)}
    assert set(ids(batch, Filters(emotions=("joy",)))) <= {f"p{i}" for i in range(6, 12)}
    assert set(ids(batch, Filters(other_language=True))) <= {f"p{i}" for i in range(6, 12)}
    (batch.folder / "scores" / "part-00001.parquet").unlink()
    assert query.count_by(batch, EVERY_POST, "emotion").empty
    assert query.count_tones(batch).empty
    assert query.count_matching_posts(batch, Filters(emotions=("joy",))) == 0
    assert query.read_post(batch, "p0")["p_irony"] is None
    assert not {"emotion", "p_irony"} & set(query.list_sortable_columns(batch))


def test_a_damaged_part_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    batch = score(new_batch(tmp_path))
    (batch.folder / "scores" / "part-00000.parquet").write_bytes(b"PAR1 no more")
    with pytest.raises(WorkspaceError, match="Score it again"):
        query.compute_totals(batch)


def test_half_written_files_are_not_read(tmp_path: Path) -> None:
    batch = score(new_batch(tmp_path, part_posts=6), range(1))
    (batch.folder / "scores" / ".part-00001.parquet-1234").write_bytes(b"PAR1")
    assert query.compute_totals(batch).scored == 6


def test_posts_with_one_modality_only_fit_together_with_the_others(tmp_path: Path) -> None:
    texts_first = (
        some_posts().sort_values("images", key=lambda images: images.str.len()).reset_index(drop=True)
    )
    batch = score(new_batch(tmp_path, texts_first, part_posts=5))
    assert query.compute_totals(batch).both == 10
