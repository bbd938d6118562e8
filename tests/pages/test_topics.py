"""The page Topics: topics of the workspace, thresholds, examples, and the taxonomy file."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from analysis.custom_topics import NO_TOPIC, CustomTopic, TopicExample
from analysis.model import Bundle
from analysis.scoring.pipeline import score_batch
from analysis.search import find_custom_topics
from analysis.workspace import Batch
from pages.shared import places
from pages.shared.engine import workspace
from tests.pages.conftest import Open, captions, open_filters
from tests.scored import new_batch

pytestmark = pytest.mark.slow


@pytest.fixture
def scored(batch: Batch, tiny_bundle: Bundle) -> Batch:
    """The batch, scored with the model that the pages load."""
    score_batch(batch, tiny_bundle)
    return batch


def saved() -> list[CustomTopic]:
    return list(workspace().topics.read().topics)


def open_topic(open_page: Open, scored: Batch, name: str = "rain") -> AppTest:
    return open_page(places.TOPICS, batch=scored.id, topic_shown=name)


def test_topics_are_added_and_hold_for_every_batch(
    open_page: Open, scored: Batch, tiny_bundle: Bundle
) -> None:
    app = open_page(places.TOPICS, batch=scored.id)
    app.text_input(key="new_topics").set_value("rain, good day, Rain").run()
    assert not app.exception
    assert [topic.name for topic in saved()] == ["rain", "good day"]
    assert app.toggle(key="on_rain").value
    other = new_batch(workspace().folder.parents[1], batch_id="autumn")
    score_batch(other, tiny_bundle)
    app = open_page(places.BREAKDOWN, batch=other.id, by="own_topics")
    assert app.selectbox(key="by").value == "own_topics"


def test_a_topic_that_is_switched_off_leaves_the_columns_and_the_filter(
    open_page: Open, scored: Batch
) -> None:
    workspace().topics.add([CustomTopic("rain"), CustomTopic("prices")])
    app = open_page(places.TOPICS, batch=scored.id, own_topic=["rain", NO_TOPIC])
    app.toggle(key="on_rain").set_value(False).run()
    assert app.query_params["own_topic"] == NO_TOPIC
    app = open_filters(open_page(places.POSTS, batch=scored.id))
    assert app.multiselect(key="filter_own_topic").options == ["prices", NO_TOPIC]


def test_a_topic_in_the_address_is_saved_on_request(open_page: Open, scored: Batch) -> None:
    app = open_page(places.TOPICS, batch=scored.id, own_topics="rain")
    assert saved() == []
    app.button(key="save_rain").click().run()
    assert saved() == [CustomTopic("rain")]


def test_a_name_in_the_address_means_the_saved_topic(open_page: Open, scored: Batch) -> None:
    workspace().topics.add([CustomTopic("rain", threshold=-1.0)])
    workspace().topics.switch("rain", is_on=False)
    app = open_page(places.POSTS, batch=scored.id, own_topics="RAIN", own_topic="rain")
    assert "**20 of 20 posts**" in captions(app)


def test_topics_beyond_the_limits_are_not_dropped_in_silence(open_page: Open, scored: Batch) -> None:
    names = ", ".join([*(f"topic {number}" for number in range(21)), "x" * 500])
    app = open_page(places.TOPICS, batch=scored.id, own_topics=names)
    assert any("2 topics are left out" in each.value for each in app.warning)


def test_the_slider_sets_the_threshold_everywhere(
    open_page: Open, scored: Batch, tiny_bundle: Bundle
) -> None:
    workspace().topics.add([CustomTopic("rain")])
    similarity = find_custom_topics(scored, tiny_bundle, ["rain"]).similarity[0]
    threshold = round(float(sorted(similarity)[-3]) - 0.006, 2)
    expected = int((similarity >= threshold).sum())
    app = open_topic(open_page, scored)
    app.slider(key="threshold").set_value(threshold).run()
    assert not app.exception
    assert saved() == [CustomTopic("rain", threshold=threshold)]
    assert any(each.value.startswith(f"**{expected} of 20 posts**") for each in app.markdown)
    posts = open_page(places.POSTS, batch=scored.id, own_topic="rain")
    assert f"**{expected} of 20 posts**" in captions(posts)
    columns = posts.switch_page(places.DICTIONARY).run().table[0].value
    plain = columns.map(lambda value: str(value).replace("\u2060", "").replace("\\", ""))
    (meaning,) = plain.loc[plain["Title"] == "Similarity: rain", "Meaning"]
    assert f"from {threshold:g} on" in meaning
    app.button(key="use_default").click().run()
    assert saved() == [CustomTopic("rain")]


def test_marked_posts_become_examples_and_move_the_topic(open_page: Open, scored: Batch) -> None:
    workspace().topics.add([CustomTopic("rain")])
    app = open_topic(open_page, scored)
    right, wrong = (
        [each for each in app.button if each.key.startswith(name)] for name in ("Right_", "Wrong_")
    )
    keys = [right[0].key, wrong[1].key]
    for key in keys:
        app.button(key=key).click().run()
        assert not app.exception
    (topic,) = saved()
    assert [example.belongs for example in topic.examples] == [True, False]
    assert all(example.vectors and example.bundle == scored.manifest.bundle for example in topic.examples)
    assert not {keys[0], keys[1].replace("Wrong", "Right")} & {each.key for each in app.button}
    app.button(key="remove_example_0").click().run()
    assert [example.belongs for example in saved()[0].examples] == [False]


def test_a_text_becomes_an_example_of_the_chosen_kind(
    open_page: Open, scored: Batch, tiny_bundle: Bundle
) -> None:
    workspace().topics.add([CustomTopic("rain")])
    app = open_topic(open_page, scored)
    app.segmented_control(key="example_kind").set_value("Wrong").run()
    app.text_input(key="example_text").set_value(" sunshine <b> ").run()
    (example,) = saved()[0].examples
    assert (example.text, example.belongs, example.bundle) == ("sunshine <b>", False, tiny_bundle.id)
    assert "sunshine <b>" in [each.value for each in app.text]


def test_enough_marks_suggest_a_threshold(open_page: Open, scored: Batch) -> None:
    examples = [
        TopicExample(f"{text} {number}", text == "rain") for text in ("rain", "bread") for number in range(5)
    ]
    workspace().topics.add([CustomTopic("rain", examples=tuple(examples[:9]))])
    app = open_topic(open_page, scored)
    assert "there are 5 and 4" in captions(app)
    workspace().topics.change("rain", lambda topic: replace(topic, examples=tuple(examples)))
    app.run()
    app.button(key="use_suggestion").click().run()
    assert saved()[0].threshold is not None
    assert "separates your 5 right and 5 wrong examples best" in captions(app)


def test_a_renamed_topic_keeps_its_page_and_its_filter(open_page: Open, scored: Batch) -> None:
    workspace().topics.add([CustomTopic("rain"), CustomTopic("prices")])
    app = open_page(places.TOPICS, batch=scored.id, topic_shown="rain", own_topic="rain")
    app.text_input(key="topic_name").set_value(" wet  weather ").run()
    assert not app.exception
    assert [topic.name for topic in saved()] == ["wet weather", "prices"]
    assert app.query_params["topic_shown"] == app.query_params["own_topic"] == "wet weather"
    app.text_input(key="topic_description").set_value("rain, fog, snow").run()
    assert saved()[0].description == "rain, fog, snow"
    app.text_input(key="topic_name").set_value("Prices").run()
    assert "is the name of another topic" in app.error[0].value
    app.button(key="delete_topic").click().run()
    assert [topic.name for topic in saved()] == ["prices"]
    assert "topic_shown" not in app.query_params


def test_a_topic_with_examples_of_another_model_says_what_to_do(open_page: Open, scored: Batch) -> None:
    workspace().topics.add([CustomTopic("rain")])
    app = open_topic(open_page, scored)
    app.button(key=next(each.key for each in app.button if each.key.startswith("Right_"))).click().run()
    workspace().topics.change(
        "rain",
        lambda topic: replace(topic, examples=(replace(topic.examples[0], text="", bundle="other@1"),)),
    )
    app.run()
    assert not app.exception
    assert "read by the model other@1" in app.error[0].value
    app.button(key="remove_example_0").click().run()
    assert not app.error


def test_a_damaged_file_of_topics_is_an_error_with_its_path(open_page: Open, scored: Batch) -> None:
    workspace().topics.path.write_text("{")
    app = open_page(places.TOPICS, batch=scored.id)
    assert not app.exception
    assert "topics.json is not JSON" in app.error[0].value.replace("\\", "")
    assert not open_page(places.POSTS, batch=scored.id).error
