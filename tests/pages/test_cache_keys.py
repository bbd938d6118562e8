"""Results that pages keep are computed again when the posts that match may be others."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from analysis import query
from analysis.custom_topics import CustomTopic
from analysis.query import Filters
from analysis.settings import Settings
from analysis.workspace import Batch, CustomTopics, Label, Workspace
from pages.review.post_lists import list_ranked
from pages.shared.cache_keys import make_cache_key


def reopened(batch: Batch) -> Batch:
    return Workspace(batch.folder.parents[1]).open(batch.id)


def label(home: Path, batch: Batch, *places: int) -> None:
    Workspace(home).reviews.save_labels(
        batch.id, "Ann", [Label(each, "sentiment", "neutral") for each in places]
    )


def test_the_key_of_filters_by_labels_changes_with_every_label(home: Path, batch: Batch) -> None:
    labelled, every = Filters(review=("agreed",)), Filters()
    before = [make_cache_key(batch, each) for each in (labelled, every)]
    label(home, batch, 3)
    after = [make_cache_key(reopened(batch), each) for each in (labelled, every)]
    assert before[0] != after[0]
    assert before[1] == after[1]


def test_the_key_changes_with_the_time_zone_and_the_filters(batch: Batch) -> None:
    keys = {
        make_cache_key(each, filters)
        for each in (batch, batch.with_timezone("Asia/Tokyo"))
        for filters in (Filters(), Filters(search="rain"))
    }
    assert len(keys) == 4


def test_the_key_changes_with_the_threshold_of_a_topic(batch: Batch) -> None:
    similarity = np.zeros((1, 20), np.float32)
    keys = {
        make_cache_key(
            batch.with_custom_topics(
                CustomTopics((CustomTopic("rain", threshold=each),), similarity, Settings())
            ),
            Filters(),
        )
        for each in (None, 0.3, 0.4)
    }
    assert len(keys) == 3


def test_similar_posts_are_ranked_again_when_labels_or_the_time_zone_change(
    home: Path, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    similar = SimpleNamespace(key=("a",), make_target=lambda: None)

    def count_ranked(opened: Batch, filters: Filters) -> int:
        frame = pd.DataFrame({"similarity": [1.0] * query.count_matching_posts(opened, filters)})
        monkeypatch.setattr("analysis.search.rank_posts", lambda *_: frame)
        return list_ranked([(opened, filters)], similar)[0].total  # type: ignore[arg-type]

    labelled, day = Filters(review=("agreed",)), Filters(until=date(2026, 3, 3))
    label(home, batch, 3)
    assert count_ranked(reopened(batch), labelled) == 1
    label(home, batch, 4, 5)
    assert count_ranked(reopened(batch), labelled) == 3
    assert count_ranked(batch, day) == 1
    assert count_ranked(batch.with_timezone("Pacific/Pago_Pago"), day) == 2
