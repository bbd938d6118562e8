"""A head that a configuration has shows up wherever the default heads do, named as its entry says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analysis import query
from analysis.api.model import Model
from analysis.columns import UNCLEAR, ColumnOptions, Scored, all_columns, report_columns
from analysis.errors import PostLensError
from analysis.model.bundle import SHIPPED, Bundle, load_config, load_model
from analysis.model.config import FusionConfig, Head
from analysis.model.presets import HEADS, default_options
from analysis.query import EVERY_POST, Filters
from analysis.scoring.pipeline import score_batch
from analysis.settings import Settings
from analysis.workspace import Batch, Workspace
from pages.shared import engine, places
from tests.columns.test_catalogue import opened
from tests.pages.conftest import open_filters
from tests.scored import new_batch

STANCE = Head("stance", ("against", "for"), ("Against", "In favour"), reads=("text",))
SARCASM = Head("sarcasm", ("not_sarcasm", "sarcasm"), ("Not sarcastic", "Sarcastic"), reads=("text",))
OPTIONS = ColumnOptions(
    filter_name="stances",
    chart_title="Stances",
    icon=":material/gavel:",
    width=130,
    unclear_title="Undecided",
    has_orders=True,
)


@pytest.fixture
def bundle_with_heads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bundle:
    """A tiny model with two further heads, each of them one entry of its configuration."""
    from tests import tiny

    plain = tiny.tiny_config

    def config(fusion: FusionConfig, space: bool = True) -> object:
        found = plain(fusion, space)
        return replace(found, heads={**found.heads, "stance": STANCE, "sarcasm": SARCASM})

    monkeypatch.setattr(tiny, "tiny_config", config)
    return load_model(tiny.write_tiny_bundle(tmp_path / "bundle", FusionConfig(8, 8)))


@pytest.fixture
def as_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """The head "stance" is one of the default heads."""
    monkeypatch.setitem(HEADS, "stance", replace(STANCE, column_options=OPTIONS))


def scored_batch(home: Path, monkeypatch: pytest.MonkeyPatch, bundle: Bundle) -> Batch:
    """Score a batch with the model for the pages, so that each class and mark counts however unlikely it is."""
    monkeypatch.setenv("POSTLENS_MODEL", str(bundle.folder))
    engine.forget_model()
    settings = Settings(class_from=0.0, likely_from=0.0)
    batch = Workspace(home / "home", settings).open(new_batch(home).id)
    score_batch(batch, bundle, settings=settings)
    return batch


def badges(batch: Batch, post_id: str) -> list[str]:
    """Return the badges of a post on the Explain page, as Markdown."""
    app = opened(places.EXPLAIN, batch=batch.id, post=post_id)
    return [text.value for text in app.markdown if "badge[" in text.value]


@pytest.mark.slow
def test_a_head_of_a_bundle_shows_up_in_filters_overview_badges_and_report(
    home: Path, monkeypatch: pytest.MonkeyPatch, bundle_with_heads: Bundle
) -> None:
    batch = scored_batch(home, monkeypatch, bundle_with_heads)
    posts = query.read_page(batch)
    sides = posts["stance"].value_counts()
    assert sides.sum() == (posts["inputs_used"] != "image").sum()
    side = sides.index[0]

    assert query.count_matching_posts(batch, Filters(head_stance=(side,))) == sides[side]
    assert query.count_matching_posts(batch, Filters(tones=("sarcasm",))) == posts["p_sarcasm"].notna().sum()
    assert dict(query.count_by(batch, EVERY_POST, "stance").itertuples(index=False)) == sides.to_dict()
    assert query.count_tones(batch, EVERY_POST, ["sarcasm"])["tone"].tolist() == ["sarcasm"]
    assert {"stance", "p_sarcasm"} <= set(query.list_sortable_columns(batch))

    title = STANCE.title(side)
    app = open_filters(opened(places.OVERVIEW, batch=batch.id))
    assert "Stance" in [title.value for title in app.subheader]
    assert any(link.proto.label.startswith("Sarcastic **") for link in app.get("page_link"))
    assert app.multiselect(key="filter_head_stance").options == ["Against", "In favour", "No clear stance"]
    assert "Sarcastic" in app.pills(key="filter_tones").options
    app = opened(places.POSTS, batch=batch.id, head_stance=side)
    assert f"**{sides[side]} of 20 posts**" in "\n".join(caption.value for caption in app.caption)
    assert app.button(key="drop_head_stance").label == title
    assert set(app.dataframe[0].value["stance"]) == {title}
    orders = app.selectbox(key="order").options
    assert "Most sarcastic first" in orders
    assert f"{title} first" not in orders
    post_id = posts.loc[posts["stance"] == side, "post_id"].iloc[0]
    assert any(f":material/label: {title}]" in badge for badge in badges(batch, post_id))
    shown = opened(places.DICTIONARY).table[0].value
    assert {"Stance", "P\\(sarcastic\\)"} <= set(shown["Title"])
    names = {"stance", "p_for", "p_against", "p_sarcasm"}
    assert names <= {column.name for column in report_columns(bundle_with_heads.heads)}


@pytest.mark.slow
@pytest.mark.usefixtures("as_default")
def test_the_entry_of_a_default_head_names_its_filter_chart_badge_and_orders(
    home: Path, monkeypatch: pytest.MonkeyPatch, bundle_with_heads: Bundle
) -> None:
    assert bundle_with_heads.heads["stance"].column_options == OPTIONS
    batch = scored_batch(home, monkeypatch, bundle_with_heads)
    posts = query.read_page(batch)
    side = posts["stance"].value_counts().index[0]
    matching, title = posts[posts["stance"] == side], STANCE.title(side)
    for name in ("stances", "head_stance"):  # addresses from before it was a default head still work
        assert query.count_matching_posts(batch, Filters().with_values({name: (side,)})) == len(matching) > 0

    app = open_filters(opened(places.OVERVIEW, batch=batch.id))
    assert "Stances" in [title.value for title in app.subheader]
    assert app.multiselect(key="filter_stances").options == ["Against", "In favour", "Undecided"]
    app = opened(places.POSTS, batch=batch.id, stances=side)
    assert app.button(key="drop_stances").label == title
    assert set(app.dataframe[0].value["stance"]) == {title}
    assert '"width": 130' in app.dataframe[0].proto.columns
    assert f"{title} first" in app.selectbox(key="order").options
    assert any(f":material/gavel: {title}]" in badge for badge in badges(batch, matching["post_id"].iloc[0]))


@pytest.mark.usefixtures("as_default")
def test_a_batch_whose_model_lacks_a_default_head_has_its_column_without_values(tmp_path: Path) -> None:
    batch = new_batch(tmp_path)
    assert query.count_matching_posts(batch, Filters(stances=("for",))) == 0
    assert query.count_by(batch, EVERY_POST, "stance").empty
    assert "stance" not in query.list_sortable_columns(batch)


def test_a_chart_of_scores_in_memory_counts_any_head(bundle_with_heads: Bundle) -> None:
    plot = Model(bundle_with_heads).score(["lovely day", "awful rain"]).plot
    (bars,) = plot.classes("stance").data
    assert sum(bars.x) == 2
    assert set(bars.y) <= {"Against", "In favour", "No clear stance"}
    for name in ("sarcasm", "text", "nothing"):
        with pytest.raises(PostLensError, match=name):
            plot.classes(name)


def test_heads_of_the_shipped_bundle_are_shown_as_the_default_heads() -> None:
    assert "column_options" not in (SHIPPED / "compact" / "config.json").read_text()
    shipped = load_config().heads
    assert {name: head.column_options for name, head in shipped.items()} == {
        name: head.column_options for name, head in HEADS.items()
    }
    columns = {column.name: column for column in all_columns(shipped)}
    assert columns["topic"].filter.name == "topics"
    assert columns["topic"].titles[UNCLEAR] == "No clear topic"
    assert columns["emotion"].badge.hidden == (UNCLEAR,)


def test_options_are_no_part_of_a_bundle(bundle_with_heads: Bundle) -> None:
    config = bundle_with_heads.config
    named = {**config.heads, "stance": replace(STANCE, column_options=OPTIONS)}
    values = replace(config, heads=named).to_json()
    assert "column_options" not in values["heads"]["stance"]
    assert config.from_json(values).heads["stance"].column_options == default_options("stance")


def test_a_class_is_unclear_without_a_modality_that_the_head_needs_and_empty_without_any_it_reads() -> None:
    named = {
        "a": Head("a", ("x", "y"), ("X", "Y"), needs=("text",)),
        "b": Head("b", ("x", "y"), ("X", "Y"), reads=("text",)),
    }
    rows = 3
    scored = Scored(
        model="tiny@1a2b3c4d",
        heads=named,
        settings=Settings(),
        has={"text": np.array([True, True, False]), "image": np.array([False, True, True])},
        probabilities={name: np.tile([0.2, 0.8], (rows, 1)) for name in named},
        alone={},
        phi={},
        interaction={},
        match=np.full(rows, np.nan),
    )
    columns = {column.name: column for column in all_columns(named)}
    assert list(columns["a"].compute(scored)) == ["y", "y", UNCLEAR]
    assert list(columns["b"].compute(scored)) == ["y", "y", None]
