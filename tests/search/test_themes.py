"""Themes: groups of similar posts, found without being asked for."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from analysis import query
from analysis.columns import report_columns
from analysis.columns.modalities import TEXT_AND_IMAGE
from analysis.columns.themes import THEME_COLUMN
from analysis.errors import ScoringError, WorkspaceError
from analysis.exporters.headline import Group
from analysis.exporters.privacy import Privacy, PrivacyLevel, protect_post
from analysis.exporters.summary import summarise_batch
from analysis.query import Filters
from analysis.search import find_themes
from analysis.search.theme_terms import (
    split_terms,
)
from analysis.workspace import Batch, Workspace, write_themes
from tests.planted_themes import (
    EACH,
    N_POSTS,
    NOISE,
    PLANTED,
    planted_batch,
    planted_group,
    store_planted_themes,
)
from tests.scored import HEADS, new_batch, score

CONFIG = SimpleNamespace(heads=HEADS, modalities=TEXT_AND_IMAGE, languages=())


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """Four groups of 40 posts, and twelve posts of none."""
    return planted_batch(tmp_path_factory.mktemp("themes"))


def reopen(batch: Batch) -> Batch:
    return Workspace(batch.folder.parents[1], batch.settings).open(batch.id)


@pytest.mark.slow
def test_finds_planted_themes_and_the_same_ones_again(batch: Batch) -> None:
    pytest.importorskip("bertopic")
    found, again = find_themes(batch, seed=3), find_themes(batch, seed=3)
    assert found
    assert again
    assert len(found.names) == len(PLANTED)
    for number, terms in enumerate(found.terms):
        positions = np.flatnonzero(found.theme == number)
        groups = [group for position in positions if (group := planted_group(position)) < len(PLANTED)]
        most = max(set(groups), key=groups.count)
        assert groups.count(most) >= 0.9 * EACH
        assert set(groups) == {most}  # besides posts of no group, some of which are near one
        assert set(split_terms(PLANTED[most])) <= set(terms[:4])
    assert (found.names, found.terms) == (again.names, again.terms)
    assert found.theme.tolist() == again.theme.tolist()
    assert np.array_equal(found.x, again.x, equal_nan=True)


@pytest.mark.slow
def test_posts_that_were_not_drawn_get_the_nearest_theme(tmp_path: Path) -> None:
    pytest.importorskip("bertopic")
    batch = planted_batch(tmp_path, theme_posts=120)
    found = find_themes(batch)
    assert found
    assert found.fitted == 120
    for group in range(len(PLANTED)):
        themes = [
            found.theme[position] for position in range(N_POSTS - NOISE) if planted_group(position) == group
        ]
        most = max(set(themes), key=themes.count)
        assert most < len(found.names)
        assert themes.count(most) >= 0.75 * EACH


def test_a_step_can_stop_the_work(batch: Batch) -> None:
    begun: list[str] = []
    assert find_themes(batch, step=lambda name: begun.append(name) or name != "grouping") is None
    assert begun == ["reading", "grouping"]


def test_a_missing_package_is_named_with_its_extra(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bertopic", None)
    with pytest.raises(ScoringError, match=r"pip install postlens\[themes\]"):
        find_themes(batch)


def test_few_posts_have_no_themes(tmp_path: Path) -> None:
    with pytest.raises(ScoringError, match="has 20 scored posts; themes need 30 or more"):
        find_themes(score(new_batch(tmp_path)))


def test_stored_themes_are_read_again(batch: Batch) -> None:
    stored, read = store_planted_themes(batch), reopen(batch).themes
    assert read
    assert (read.names, read.terms, read.fitted, read.seed) == (stored.names, stored.terms, N_POSTS, 0)
    assert read.found == stored.found == "2026-11-03T14:05:00+00:00"
    for name in ("theme", "closeness", "x", "y"):
        assert np.array_equal(getattr(read, name), getattr(stored, name), equal_nan=name != "theme")


def test_themes_of_another_model_do_not_count(tmp_path: Path) -> None:
    batch = score(new_batch(tmp_path))
    store_planted_themes(batch)
    batch.set_bundle("other@1")
    assert reopen(batch).themes is None


def test_damaged_themes_are_refused(tmp_path: Path) -> None:
    batch = score(new_batch(tmp_path))
    write_themes(batch, store_planted_themes(batch))
    path = batch.folder / "themes.parquet"
    path.write_bytes(path.read_bytes()[:-20] + b"x" * 20)
    with pytest.raises(WorkspaceError, match="has damaged themes"):
        _ = reopen(batch).themes


def test_posts_are_counted_and_filtered_by_theme(batch: Batch) -> None:
    store_planted_themes(batch)
    opened = reopen(batch)
    counts = query.count_themes(opened).set_index("theme")
    assert counts["posts"].to_dict() == {0: EACH, 1: EACH, 2: EACH, 3: EACH, 4: NOISE}
    assert counts.loc[:3, "closeness"].between(0.5, 0.9).all()
    assert (counts["later"] <= counts["dated"]).all()
    assert counts["dated"].sum() / 3 < counts["later"].sum() < counts["dated"].sum() / 2 + 1
    assert (counts[["negative", "neutral", "positive"]].sum(axis=1) == counts["posts"]).all()
    only = Filters(theme=("goal · match", "no theme"))
    assert query.count_matching_posts(opened, only) == EACH + NOISE
    assert query.count_matching_posts(opened, Filters(theme=("unknown",))) == 0
    assert list(query.count_themes(opened, Filters(theme=("goal · match",)))["theme"]) == [1]


def test_no_post_has_a_theme_before_they_are_found(tmp_path: Path) -> None:
    assert query.count_matching_posts(score(new_batch(tmp_path)), Filters(theme=("no theme",))) == 0


def test_typical_posts_are_the_nearest_to_their_theme(batch: Batch) -> None:
    store_planted_themes(batch)
    typical = query.read_typical_posts(reopen(batch), Filters(), [2, 0], each=3)
    assert {number: list(posts["post_id"]) for number, posts in typical.items()} == {
        2: ["p2", "p6", "p10"],
        0: ["p0", "p4", "p8"],
    }


def test_periods_of_themes_add_up(batch: Batch) -> None:
    store_planted_themes(batch)
    unit, periods = query.count_theme_periods(reopen(batch), Filters(), [1])
    assert unit == "day"
    assert set(periods["theme"]) == {1}
    assert periods["amount"].sum() == EACH


def test_the_map_has_the_matching_posts(batch: Batch) -> None:
    store_planted_themes(batch)
    posts = query.read_theme_map(reopen(batch), Filters(theme=("goal · match",)))
    assert list(posts["post_id"][:2]) == ["p1", "p5"]
    assert len(posts) == EACH


def test_a_theme_is_a_column_of_posts_and_reports(batch: Batch) -> None:
    store_planted_themes(batch)
    opened = reopen(batch)
    page = query.read_page(opened, limit=N_POSTS)
    assert list(page["theme"][:3]) == ["coffee · espresso", "goal · match", "regen · zug"]
    assert page["theme"].value_counts()["no theme"] == NOISE
    assert query.read_post(opened, "p1")["theme"] == "goal · match"
    assert "theme" in {column.name for column in report_columns(HEADS, has_themes=True)}
    assert "theme" not in {column.name for column in report_columns(HEADS)}


def test_posts_are_broken_down_by_theme(batch: Batch) -> None:
    store_planted_themes(batch)
    found = query.count_values(reopen(batch), Filters(), THEME_COLUMN)
    expected = dict.fromkeys(("coffee · espresso", "goal · match", "regen · zug", "雨天 · 電車"), EACH)
    assert dict(zip(found.table["key"], found.table["posts"], strict=True)) == {**expected, "no theme": NOISE}
    _, periods = query.count_value_periods(reopen(batch), Filters(), THEME_COLUMN, ["goal · match"])
    assert periods["amount"].sum() == EACH


@pytest.mark.slow
def test_the_summary_counts_themes_unless_only_scores_are_published(batch: Batch) -> None:
    store_planted_themes(batch)
    opened = reopen(batch)

    def count_groups(privacy: Privacy) -> dict[str, Group]:
        return {each.title: each for each in summarise_batch(opened, Filters(), CONFIG, None, privacy).groups}

    rows = count_groups(Privacy())["Themes"].rows
    assert rows[-1].title == "No theme"
    assert sum(sum(row.posts.values()) for row in rows) == N_POSTS
    private = Privacy(PrivacyLevel.SCORES_ONLY, b"salt" * 8)
    assert "Themes" not in count_groups(private)
    assert "theme" not in protect_post(query.read_post(opened, "p1"), private)
