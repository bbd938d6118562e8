"""Columns of the analyst's tables as filters: any name and value, without SQL injection."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analysis import query
from analysis.query import Filters
from analysis.workspace import Batch, Workspace
from tests.scored import checked, media_with_image, score, some_posts

NAMES = ('st/ate~1 "x"', "'); DROP TABLE summary; --")


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    folder: Path = tmp_path_factory.mktemp("own")
    posts = some_posts(8)
    values = [{NAMES[0]: "North" if place % 2 else "South", NAMES[1]: f"$own_{place}"} for place in range(7)]
    posts["extra"] = [*map(json.dumps, values), "{}"]
    workspace = Workspace(folder / "home")
    media = media_with_image(folder / "media")
    return score(workspace.create(checked(posts), media, "Own", batch_id="own", kept=NAMES))


def test_values_are_counted_the_most_frequent_first(batch: Batch) -> None:
    assert query.count_own_values(batch, 0, 10) == {"South": 4, "North": 3}
    assert len(query.count_own_values(batch, 1, 5)) == 5


def test_posts_are_filtered_by_them(batch: Batch) -> None:
    assert query.count_matching_posts(batch, Filters(own_0=("North",))) == 3
    assert query.count_matching_posts(batch, Filters(own_0=("North",), own_1=("$own_3",))) == 1
    assert query.count_matching_posts(batch, Filters(own_0=("'; --",))) == 0


def test_sentiments_are_counted_by_them(batch: Batch) -> None:
    counts = query.count_by(batch, Filters(), "own_0", "sentiment")
    assert counts.groupby("own_0")["posts"].sum().to_dict() == {"North": 3, "South": 4}


def test_no_post_matches_the_filter_of_a_column_that_was_not_kept(batch: Batch) -> None:
    assert query.count_matching_posts(batch, Filters(own_7=("North",))) == 0
    with pytest.raises(ValueError, match="posts are counted by"):
        query.count_by(batch, Filters(), "own_7")


def test_a_narrower_filter_follows_from_a_bar_of_the_chart(batch: Batch) -> None:
    with_selection = Filters().with_selection(("own_0", "North", "sentiments", "positive"))
    assert with_selection.chosen("own_0") == ("North",)


def test_kept_names_are_read_again_from_the_manifest(batch: Batch) -> None:
    opened = Workspace(batch.folder.parents[1]).open("own")
    assert opened.manifest.kept == NAMES
