"""The Themes page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.custom_topics import CustomTopic
from analysis.model import Bundle
from analysis.workspace import Batch
from pages.review.theme_card import ShownTheme, describe_author
from pages.review.theme_table import ORDERS
from pages.shared import places
from pages.shared.engine import workspace
from tests.pages.conftest import Open, app_at, captions, open_filters, wait_for_job
from tests.planted_themes import EACH, planted_batch, store_planted_themes


@pytest.fixture
def planted(home: Path) -> Batch:
    batch = planted_batch(home.parent)
    store_planted_themes(batch)
    return batch


@pytest.mark.slow
def test_shows_stored_themes_and_makes_a_topic_of_one(planted: Batch) -> None:
    app = app_at(places.THEMES)
    app.query_params["batch"] = planted.id
    app.run()
    assert not app.exception
    names = [each.value for each in app.subheader]
    assert names[:4] == ["coffee · espresso", "goal · match", "regen · zug", "雨天 · 電車"]
    assert "4 themes" in app.markdown[0].value + "".join(each.value for each in app.markdown)
    assert "23.3 % of these posts (17.6 to 30.1 %)." in captions(app)
    open_filters(app)
    assert app.multiselect(key="filter_theme").options[-1] == "no theme"
    app.button(key="promote_1").click().run()
    assert app.title[0].value == "Custom topics"
    assert app.query_params["topic_shown"] == "goal, match"
    (topic,) = workspace().topics.read().topics
    assert (topic.name, [example.belongs for example in topic.examples]) == ("goal, match", [True] * 3)
    assert app.switch_page(places.THEMES).run().button(key="promote_1").disabled


@pytest.mark.slow
def test_a_topic_of_a_theme_has_about_as_many_posts_and_says_if_it_is_left_out(
    home: Path, tiny_bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = planted_batch(home.parent)
    batch.set_bundle(tiny_bundle.id)
    store_planted_themes(batch)
    vector = np.eye(16, dtype=np.float32)[3]  # the axis of the second group
    monkeypatch.setattr("analysis.search.topics.compute_topic_vector", lambda *_: vector)
    monkeypatch.setattr("analysis.search.topics.embed_examples", lambda _, topic: topic)
    workspace().topics.add([CustomTopic(f"topic {number}") for number in range(20)])
    app = app_at(places.THEMES)
    app.query_params["batch"] = batch.id
    app.run().button(key="promote_1").click().run()
    assert not app.exception
    threshold = workspace().topics.read().topics[-1].threshold
    assert threshold is not None
    assert threshold > workspace().settings.custom_topic_from
    made = app.success[0].value
    assert f"which has {EACH} posts. " in made
    posts = int(made.split(". ")[1].split()[0])
    assert abs(posts - EACH) < EACH / 4
    shown = "".join(each.value for each in app.markdown)
    assert f"**{posts} of 172 posts** have a similarity of {threshold:.2f} or more" in shown
    assert "This topic is left out" in app.warning[0].value
    assert "Up to 20 topics are counted at once. Switch some off." in app.warning[0].value
    app.slider(key="threshold").set_value(0.3).run()
    assert not app.success


def test_a_theme_is_a_filter_of_posts(planted: Batch) -> None:
    app = app_at(places.POSTS)
    app.query_params["batch"] = planted.id
    app.query_params["theme"] = "goal · match"
    app.run()
    assert not app.exception
    assert f"**{EACH} of 172 posts**" in captions(app)


@pytest.mark.slow
def test_a_table_lists_all_themes_in_the_chosen_order(planted: Batch) -> None:
    app = app_at(places.THEMES)
    app.query_params["batch"] = planted.id
    table = app.run().dataframe[0].value
    assert list(table["name"]) == ["coffee · espresso", "goal · match", "regen · zug", "雨天 · 電車"]
    assert set(table["posts"]) == {EACH}
    assert table["interval"][0] == "17.6 to 30.1 %"
    app.selectbox(key="theme_order").set_value("name").run()
    app.text_input(key="theme_search_spring").set_value("ESPR").run()
    assert list(app.dataframe[0].value["name"]) == ["coffee · espresso"]
    assert app.subheader[0].value == "coffee · espresso"
    app.text_input(key="theme_search_spring").set_value("tea").run()
    assert not app.exception
    assert "No theme has “tea” in its terms" in app.info[0].value


def test_small_themes_do_not_come_first_by_chance() -> None:
    counts = pd.DataFrame(
        {
            "name": ["small", "large", "even"],
            "posts": [2, 50, 90],
            "closeness": [0.5, 0.9, 0.1],
            "dated": [2, 50, 0],
            "later": [2, 40, 0],
            "negative": [2, 45, 0],
            "positive": [0, 0, 90],
        }
    )
    first = {name: counts["name"][order(counts).idxmin()] for name, (_, order) in ORDERS.items()}
    assert first == {
        "posts": "even", "later": "large", "alike": "large", "negative": "large", "positive": "even", "name": "even",
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("page", [places.THEMES, places.POSTS, places.TRENDS])
def test_a_link_with_a_theme_of_earlier_says_that_it_is_lost(planted: Batch, page: str) -> None:
    app = app_at(page)
    app.query_params["batch"] = planted.id
    app.query_params["theme"] = ["tea · cup", "goal · match"]
    app.run()
    assert not app.exception
    assert f"**{EACH} of 172 posts**" in captions(app)
    warning = app.warning[0].value.replace("\\", "").replace("\u2060", "")
    assert (
        "Themes were found again on 3 Nov 2026, 14:05 UTC, so this link's theme “tea · cup” no longer exists"
        in warning
    )
    app.button(key="drop_lost_themes").click().run()
    assert not app.warning
    assert app.query_params["theme"] == "goal · match"


def test_a_link_with_a_theme_shows_all_posts_of_a_batch_without_themes(open_page: Open, batch: Batch) -> None:
    app = open_page(places.POSTS, batch=batch.id, theme="tea · cup")
    assert "All 20 posts" in captions(app)
    assert "have not been found yet" in app.warning[0].value


@pytest.mark.slow
def test_themes_are_found_in_the_background_and_kept(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = planted_batch(home.parent)
    found = []

    def find(batch: Batch, step: object) -> object:
        found.append(step("reading"))  # type: ignore[operator]
        return store_planted_themes(batch)

    monkeypatch.setattr("analysis.search.find_themes", find)
    monkeypatch.setattr("pages.review.find.is_offered", lambda _: True)
    app = app_at(places.THEMES)
    app.query_params["batch"] = batch.id
    app.run().button(key="find_themes").click().run()
    wait_for_job(batch.id)
    app.run()
    assert not app.exception
    assert app.subheader[0].value == "coffee · espresso"
    assert found == [True]


def test_the_card_of_a_theme_of_one_author_names_the_author() -> None:
    typical = pd.DataFrame({"author": ["@ann", "@ann"]})
    counts = pd.Series({"posts": 2})
    terms = ("voucher", "draw", "prize", "win")
    one = ShownTheme(0, "voucher · draw · prize (one author)", terms, counts, 9, [], "day", typical)
    assert describe_author(one) == "All by @ann."
    assert describe_author(replace(one, name="voucher · draw · prize")) == ""
    assert describe_author(replace(one, typical=typical.iloc[:0])) == ""
