"""The catalogue: one entry adds a column, which shows up wherever columns are used."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from analysis import query
from analysis.api.model import Model
from analysis.bench.synthetic_scores import generate_synthetic_scores
from analysis.columns import (
    COLUMNS,
    Column,
    Order,
    Preset,
    Range,
    Scored,
    Values,
    View,
    all_columns,
    catalogue,
    filters_of,
    report_columns,
    stored_columns,
    summary_columns,
)
from analysis.errors import WorkspaceError
from analysis.exporters import write_csv
from analysis.model.bundle import Bundle
from analysis.model.presets import HEADS as DEFAULT_HEADS
from analysis.query import EVERY_POST, Filters
from analysis.scoring.pipeline import score_batch
from analysis.settings import Settings
from analysis.workspace import Batch, Workspace, list_part_columns
from pages.shared import places
from tests.pages.conftest import app_at, open_filters
from tests.scored import HEADS, new_batch, score, scores_of, some_posts


def pull_of(scored: Scored) -> Values:
    """How strongly the modalities pull towards the topic or away from it."""
    return np.sum([np.abs(values) for values in scored.phi["topic"].values()], axis=0)


PULL = Column(
    "pull",
    "sentiment",
    "scores",
    pa.float64(),
    label="Pull",
    meaning="The weights for the topic without their signs, counted from {likely_from:g}.",
    unit="logits",
    filter=Range(name="pull", label="Pull", low=0.0, high=1.0, help="The weights for the topic."),
    sort=True,
    orders=(Order("Strongest pull first", descending=True),),
    summary=True,
    export=Preset.BASIC,
    view=View(width=80, format="%.2f"),
    compute=pull_of,
)
"""The single entry that adds a stored column."""


def declare(monkeypatch: pytest.MonkeyPatch, column: Column) -> None:
    """Add a column to those that every model has, which are listed once for each model."""
    monkeypatch.setattr(catalogue, "COLUMNS", (*COLUMNS, column))
    monkeypatch.setattr(catalogue, "_list_columns", catalogue._list_columns.__wrapped__)


@pytest.fixture
def with_pull(monkeypatch: pytest.MonkeyPatch) -> None:
    declare(monkeypatch, PULL)


def expected_pulls(batch: Batch) -> pd.Series:
    """The pulls of a batch's posts by post, the largest first, from their stored weights."""
    posts = query.read_page(batch).set_index("post_id")
    pulls = posts["phi_text_topic"].abs() + posts["phi_image_topic"].abs()
    return pulls.sort_values(ascending=False, kind="stable")


def opened(page: str, **address: str) -> AppTest:
    app = app_at(page)
    for key, value in address.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception
    return app


def report_of(batch: Batch, columns: tuple[Column, ...]) -> pd.DataFrame:
    target = io.BytesIO()
    write_csv(batch, EVERY_POST, columns, target)
    return pd.read_csv(io.BytesIO(target.getvalue()))


@pytest.mark.slow
@pytest.mark.usefixtures("with_pull")
def test_one_entry_adds_a_stored_column_to_scores_storage_queries_and_the_report(
    tmp_path: Path, tiny_bundle: Bundle
) -> None:
    assert list_part_columns("scores")["pull"] == pa.float64()
    batch = new_batch(tmp_path)
    with pytest.raises(ValueError, match="pull"):
        batch.write_part("scores", 0, scores_of(batch.posts()).drop(columns="pull"))
    score_batch(batch, tiny_bundle)
    ((_, scores),) = batch.read_parts("scores")
    pulls = expected_pulls(batch)
    assert scores["pull"].to_pylist() == pulls[scores["post_id"].to_pylist()].tolist()
    assert "pull" in query.list_sortable_columns(batch)
    found = query.read_page(batch, Filters(pull=(0.1, 0.51)), "pull", descending=True)
    assert list(found["post_id"]) == list(pulls[pulls.between(0.1, 0.51)].index)
    assert 0 < len(found) < 20
    names = [column.name for column in report_columns(HEADS)]
    assert names.index("pull") < names.index("topic")
    report = report_of(batch, report_columns(tiny_bundle.heads)).set_index("post_id")
    pd.testing.assert_series_equal(report["pull"][pulls.index], pulls, atol=1e-3, check_names=False)


@pytest.mark.usefixtures("with_pull")
def test_one_entry_adds_a_stored_column_to_scores_in_memory_and_to_benchmarks(tiny_bundle: Bundle) -> None:
    table = Model(tiny_bundle).score(["lovely day", "awful rain"]).to_pandas()
    assert table["pull"].gt(0).all()
    assert list(table).index("pull") < list(table).index("topic")
    assert generate_synthetic_scores(some_posts(), tiny_bundle.heads, seed=0)["pull"].gt(0).all()


@pytest.mark.slow
@pytest.mark.usefixtures("with_pull")
def test_one_entry_adds_a_stored_column_to_filters_address_posts_orders_and_dictionary(
    home: Path, tiny_bundle: Bundle
) -> None:
    batch = new_batch(home)
    score_batch(batch, tiny_bundle)
    pulls = expected_pulls(batch)
    app = open_filters(
        opened(places.POSTS, batch=batch.id, pull="0.10~0.50", sort="pull", order="descending")
    )
    assert app.slider(key="filter_pull").value == (0.1, 0.5)
    assert app.button(key="drop_pull").label == "Pull 0.10 to 0.50"
    assert "Strongest pull first" in app.selectbox(key="order").options
    shown = list(app.dataframe[0].value["post_id"])
    assert shown == list(pulls[pulls.between(0.1, 0.5)].index)
    assert 0 < len(shown) < 20
    assert "pull" in app.dataframe[0].proto.column_order
    app.slider(key="filter_pull").set_value((0.1, 1.0)).run()
    assert app.query_params["pull"] == "0.10~1.00"
    app.button(key="drop_pull").click().run()
    assert "pull" not in app.query_params
    app.switch_page(places.REPORT).run().segmented_control(key="selection").set_value("Custom").run()
    assert "pull" in app.pills(key="columns").options
    shown = app.switch_page(places.DICTIONARY).run().table[0].value
    (row,) = shown[shown["Title"] == "Pull"].to_dict("records")
    assert row["Meaning"].replace("\\", "").endswith("counted from 0.75.")


def test_only_the_language_of_a_post_is_scored_outside_the_catalogue() -> None:
    scored = {column.name for column in all_columns(HEADS) if column.table == "scores" and not column.compute}
    assert scored == {"language", "in_language"}


@pytest.mark.slow
def test_a_computed_column_takes_no_more_than_its_expression(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gap = Column(
        "gap",
        "sentiment",
        "derived",
        pa.float64(),
        label="Gap",
        meaning="Distance of the two valences.",
        filter=Range(name="gap", label="Gap", low=0.0, high=2.0),
        sort=True,
        summary=True,
        export=Preset.FULL,
        sql="abs(text_valence - image_valence)",
        inputs=("text_valence", "image_valence"),
    )
    declare(monkeypatch, gap)
    batch = score(new_batch(tmp_path))
    posts = query.read_page(batch)
    expected = (posts["text_valence"] - posts["image_valence"]).abs()
    pd.testing.assert_series_equal(posts["gap"], expected, check_names=False)
    assert query.count_matching_posts(batch, Filters(gap=(0.5, 2.0))) == (expected >= 0.5).sum() > 0
    assert list(query.read_page(batch, sort="gap")["gap"].dropna()) == sorted(expected.dropna())
    assert report_of(batch, report_columns(HEADS))["gap"].count() == expected.count()


def test_a_changed_threshold_changes_dictionary_filters_and_labels_alike(tmp_path: Path) -> None:
    settings = Settings(
        uncertain_below=0.4, topic_from=0.35, class_from=0.45, likely_from=0.9, disagree_below=0.8
    )
    columns = {column.name: column for column in all_columns(HEADS, settings)}
    for name, limit in (
        ("uncertain", "0.4"),
        ("topic", "0.35"),
        ("emotion", "0.45"),
        ("p_irony", "0.9"),
        ("disagree", "0.8"),
    ):
        column = columns[name]
        assert limit in column.filter.help
        assert not column.meaning or f" {limit}" in column.meaning
    batch = score(new_batch(tmp_path, **vars(settings)))
    posts = query.read_page(batch)
    assert query.count_matching_posts(batch, Filters(uncertain=True)) == (posts["confidence"] < 0.4).sum() > 0
    assert list(posts["uncertain"]) == list(posts["confidence"] < 0.4)
    assert query.count_matching_posts(batch, Filters(disagree=True)) == (posts["agreement"] < 0.8).sum() > 0
    assert query.count_matching_posts(batch, Filters(tones=("irony",))) == (posts["p_irony"] > 0.9).sum() > 0
    assert query.count_tones(batch, EVERY_POST, ["irony"])["posts"].tolist() == [
        (posts["p_irony"] > 0.9).sum()
    ]
    usual = Workspace(tmp_path / "home").open(batch.id)
    assert query.count_matching_posts(usual, Filters(uncertain=True)) == (posts["confidence"] < 0.5).sum()
    assert query.count_matching_posts(batch, Filters(uncertain=True)) == (posts["confidence"] < 0.4).sum()


def test_every_column_is_declared_once_and_every_filter_has_a_name_of_its_own() -> None:
    columns = all_columns(HEADS)
    assert len({column.name for column in columns}) == len(columns)
    filters = filters_of(columns)
    names = [name for each in filters.values() for name in each[0].filter.names]
    assert len(set(names)) == len(names)
    assert all(column.label for column in columns)
    assert all(column.name in stored_columns(column.table) for column in COLUMNS if not column.sql)
    assert {"sentiment", "topic", "emotion", "day"} <= {
        column.name for column in summary_columns(DEFAULT_HEADS)
    }


@pytest.mark.parametrize("name", ["sentimnts", "topic", "head_", "limit"])
def test_a_filter_that_does_not_exist_is_refused(name: str) -> None:
    with pytest.raises(TypeError, match=name):
        Filters(**{name: ("x",)})


def test_a_filter_of_a_head_that_the_batch_lacks_matches_no_post(tmp_path: Path) -> None:
    batch = score(new_batch(tmp_path))
    for name in ("head_nothing", "head_valence", "head_p_joy", "head_uncertain"):
        assert query.count_matching_posts(batch, Filters().with_values({name: ("x",)})) == 0
    assert query.count_matching_posts(batch, Filters(tones=("nothing",))) == 0
    with pytest.raises(WorkspaceError):
        query.read_page(batch, sort="nothing")
