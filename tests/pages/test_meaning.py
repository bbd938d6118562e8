"""Search by meaning, posts like one, and topics of the analyst's own, on pages."""

from __future__ import annotations

import pytest

from analysis.model import Bundle
from analysis.scoring.pipeline import score_batch
from analysis.search import NO_TOPIC, find_similar_posts, search_custom_topics, search_posts
from analysis.workspace import Batch
from pages.shared import places
from tests.pages.conftest import Open, captions

pytestmark = pytest.mark.slow


@pytest.fixture
def scored(batch: Batch, tiny_bundle: Bundle) -> Batch:
    """The batch, scored with the model that the pages load."""
    score_batch(batch, tiny_bundle)
    return batch


def test_posts_similar_to_a_query_are_sorted_by_similarity(
    open_page: Open, scored: Batch, tiny_bundle: Bundle
) -> None:
    app = open_page(places.POSTS, batch=scored.id)
    app.text_input(key="meaning").set_value("lovely rain").run()
    assert not app.exception
    assert app.query_params["meaning"] == "lovely rain"
    expected = search_posts(scored, tiny_bundle, "lovely rain", 20)
    assert list(app.dataframe[0].value["post_id"]) == list(expected["post_id"])
    app.button(key="drop_near").click().run()
    assert "meaning" not in app.query_params
    assert list(app.dataframe[0].value["post_id"]) == [f"p{i}" for i in range(20)]


def test_a_search_by_meaning_stays_within_the_filters_and_in_links(open_page: Open, scored: Batch) -> None:
    app = open_page(places.POSTS, batch=scored.id, meaning="rain", inputs="text")
    assert set(app.dataframe[0].value["post_id"]) == {"p0", "p4", "p8", "p12", "p16"}
    assert "**5 posts**, most similar first" in captions(app)
    app.text_input(key="filter_search").set_value("SUNSHINE").run()
    assert app.query_params["meaning"] == "rain"
    assert set(app.dataframe[0].value["post_id"]) == {"p0", "p12"}


def test_posts_like_one_are_shown(open_page: Open, batch: Batch) -> None:
    app = open_page(places.POSTS, batch=batch.id, like="p3")
    assert list(app.dataframe[0].value["post_id"]) == list(find_similar_posts(batch, "p3", 20)["post_id"])


def test_custom_topics_are_counted_and_open_their_posts(
    open_page: Open, scored: Batch, tiny_bundle: Bundle
) -> None:
    app = open_page(places.OVERVIEW, batch=scored.id)
    app.text_input(key="own_topics").set_value(" rain,  good day,, rain").run()
    assert not app.exception
    assert "Posts by custom topic" in [title.value for title in app.subheader]
    found = search_custom_topics(scored, tiny_bundle, ["rain", "good day"])
    for name in ("rain", "good day", NO_TOPIC):
        app = open_page(places.POSTS, batch=scored.id, own_topics="rain, good day", own_topic=name)
        expected = set(found.loc[found["topic"] == name, "post_id"])
        assert (set(app.dataframe[0].value["post_id"]) if expected else set()) == expected
        assert f"**{len(expected)} post" in captions(app)


def test_a_batch_without_embeddings_offers_to_be_scored_again(open_page: Open, batch: Batch) -> None:
    batch.clear("embeddings")
    for page in (places.POSTS, places.OVERVIEW):
        app = open_page(page, batch=batch.id, meaning="rain")
        assert not app.exception
        assert not app.error
        assert app.button(key="score_again")


def test_searching_a_batch_of_another_model_shows_a_message(open_page: Open, batch: Batch) -> None:
    app = open_page(places.POSTS, batch=batch.id, meaning="rain")
    assert not app.exception
    assert "was scored with another model" in app.error[0].value
