"""The page Custom topics: topics of the workspace, thresholds, examples, and the taxonomy file."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from analysis.custom_topics import NO_TOPIC, CustomTopic, TopicExample
from analysis.model import Bundle
from analysis.scoring.pipeline import score_batch
from analysis.search import find_custom_topics
from analysis.taxonomy import export_taxonomy, parse_taxonomy
from analysis.workspace import Batch
from pages.review.topic_page import find_limits
from pages.shared import places
from pages.shared.engine import workspace
from pages.shared.messages import plain
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
    assert [each.value for each in app.warning] == [
        "1 topic is left out. Up to 20 topics are counted at once. Switch some off.",
        "1 topic of the link is left out: a name can have up to 120 characters.",
    ]


def test_a_switch_beyond_the_limit_shows_its_state(open_page: Open, scored: Batch) -> None:
    workspace().topics.add([CustomTopic(f"topic {number}") for number in range(21)])
    app = open_page(places.TOPICS, batch=scored.id)
    assert app.toggle(key="on_topic 20").value
    assert "1 topic is left out. Up to 20 topics are counted at once" in app.warning[0].value
    assert "left out" in captions(app)
    app.toggle(key="on_topic 0").set_value(False).run()
    assert app.toggle(key="on_topic 20").value
    assert not app.warning
    assert "left out" not in captions(app)


@pytest.mark.parametrize(
    ("similarity", "threshold", "limits"),
    [
        ([0.02, 0.31], 0.3, (0.0, 0.35)),
        ([0.02, 0.31], 0.35, (0.0, 0.35)),
        ([-0.02, 1.0000001], 0.3, (-0.05, 1.0)),
        ([-1.0, 1.0], 1.0, (-1.0, 1.0)),
        ([0.2, 0.3], 0.6, (0.2, 0.6)),
        ([0.25, 0.25], 0.25, (0.25, 0.3)),
        ([1.0, 1.0], 1.0, (0.95, 1.0)),
    ],
)
def test_the_ends_of_the_slider_are_valid_and_do_not_grow(
    similarity: list[float], threshold: float, limits: tuple[float, float]
) -> None:
    found = np.array(similarity, np.float32)
    assert find_limits(found, threshold) == limits
    assert find_limits(found, limits[1]) == limits


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


def test_counts_and_posts_to_check_stay_within_the_filters(open_page: Open, scored: Batch) -> None:
    workspace().topics.add([CustomTopic("**rain** <b>", threshold=-1.0)])
    app = open_page(places.TOPICS, batch=scored.id, topic_shown="**rain** <b>", inputs="text")
    assert any(each.value.startswith("**5 of 5 posts**") for each in app.markdown)
    assert app.header[0].value == plain("**rain** <b>")
    marked = {int(each.key.removeprefix("Right_")) for each in app.button if each.key.startswith("Right_")}
    assert marked
    assert marked <= {0, 4, 8, 12, 16}
    workspace().topics.switch("**rain** <b>", is_on=False)
    assert any(each.value.startswith("**5 of 5 posts**") for each in app.run().markdown)


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
    assert "There are 5 right and 4 wrong." in captions(app)
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


def test_the_name_in_the_address_may_be_written_otherwise(open_page: Open, scored: Batch) -> None:
    workspace().topics.add([CustomTopic("Café", threshold=-1.0)])
    app = open_page(places.TOPICS, batch=scored.id, topic_shown="CAFE\u0301", own_topic="cafe\u0301")
    assert app.header[0].value == "Café"
    assert not app.warning
    assert "**20 of 20 posts**" in captions(app)
    app.text_input(key="topic_name").set_value("tea").run()
    assert app.query_params["topic_shown"] == app.query_params["own_topic"] == "tea"


def test_a_change_of_a_topic_that_another_tab_renamed_can_be_saved_as_a_new_one(
    open_page: Open, scored: Batch
) -> None:
    workspace().topics.add([CustomTopic("rain", threshold=0.4)])
    app = open_topic(open_page, scored)
    workspace().topics.change("rain", lambda topic: replace(topic, name="*weather*"))
    app.text_input(key="topic_description").set_value("it pours").run()
    assert not app.exception
    assert "“rain” was renamed or deleted meanwhile" in app.error[0].value
    assert saved() == [CustomTopic("*weather*", threshold=0.4)]
    assert app.text_input(key="unsaved_description").value == "it pours"
    app.text_input(key="unsaved_name").set_value("*Weather*").run()
    app.button(key="save_unsaved").click().run()
    assert "is the name of another topic" in app.error[0].value
    app.text_input(key="unsaved_name").set_value("wet").run()
    app.button(key="save_unsaved").click().run()
    assert not app.error
    assert saved()[1:] == [CustomTopic("wet", "it pours", 0.4)]
    assert app.query_params["topic_shown"] == "wet"


def test_an_example_for_a_topic_that_another_tab_deleted_is_not_lost(open_page: Open, scored: Batch) -> None:
    workspace().topics.add([CustomTopic("rain")])
    app = open_topic(open_page, scored)
    workspace().topics.delete("rain")
    app.text_input(key="example_text").set_value("it pours").run()
    assert "1 example." in captions(app)
    app.switch_page(places.OVERVIEW).run()
    app.switch_page(places.TOPICS).run()
    assert app.text_input(key="unsaved_name").value == "rain"
    app.button(key="save_unsaved").click().run()
    assert [example.text for example in saved()[0].examples] == ["it pours"]


def test_the_address_of_a_topic_that_is_gone_says_so(open_page: Open, scored: Batch) -> None:
    app = open_topic(open_page, scored, "*rain*")
    assert "There is no topic “*rain*”" in app.info[0].value.replace("\\", "")


def test_topics_can_be_edited_while_no_posts_match(open_page: Open, scored: Batch) -> None:
    workspace().topics.add([CustomTopic("rain")])
    app = open_page(places.TOPICS, batch=scored.id, search="nowhere")
    assert "No posts match these filters." in [each.value for each in app.info]
    assert app.toggle(key="on_rain").value
    app.button(key="open_rain").click().run()
    assert not app.exception
    assert "No posts match these filters." in [each.value for each in app.info]
    app.text_input(key="topic_description").set_value("wet weather").run()
    assert saved() == [CustomTopic("rain", "wet weather")]
    assert not app.slider


def test_topics_can_be_edited_before_posts_are_scored(open_page: Open, batch: Batch) -> None:
    other = new_batch(workspace().folder.parents[1], batch_id="autumn")
    workspace().topics.add([CustomTopic("rain")])
    app = open_page(places.TOPICS, batch=other.id)
    assert "None of these posts has been scored yet." in [each.value for each in app.info]
    assert app.toggle(key="on_rain").value


def test_a_filter_by_a_topic_that_is_off_or_gone_says_why(open_page: Open, scored: Batch) -> None:
    workspace().topics.add([CustomTopic("rain", threshold=-1.0)])
    workspace().topics.switch("rain", is_on=False)
    app = open_page(places.POSTS, batch=scored.id, own_topic=["rain", "*gone*", NO_TOPIC])
    (warning,) = (each.value.replace("\\", "") for each in app.warning)
    assert "A topic of the filter is switched off: “rain”." in warning
    assert "A topic of the filter was renamed or deleted: “*gone*”." in warning
    assert f"“{NO_TOPIC}” needs at least one topic" in warning
    app.button(key="switch_on_filtered").click().run()
    assert "**20 of 20 posts**" in captions(app)
    assert "switched off" not in app.warning[0].value
    app.button(key="remove_missing_topics").click().run()
    assert not app.warning
    assert app.query_params["own_topic"] == ["rain", NO_TOPIC]


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


def test_topics_are_added_from_a_taxonomy_file(open_page: Open, scored: Batch) -> None:
    workspace().topics.add([CustomTopic("rain"), CustomTopic("prices")])
    described = CustomTopic("Rain", "wet weather", 0.2, (TopicExample("it pours"),))
    app = open_page(places.TOPICS, batch=scored.id)
    app.file_uploader(key="taxonomy_0").upload(
        "t.json", export_taxonomy([described]), "application/json"
    ).run()
    assert not app.exception
    assert saved() == [described, CustomTopic("prices")]
    app.file_uploader(key="taxonomy_1").upload("*t*.json", b"{}", "application/json").run()
    assert "is not a valid taxonomy file: it has no taxonomy_format" in app.error[0].value.replace("\\", "")
    assert saved() == [described, CustomTopic("prices")]


def test_a_taxonomy_file_is_offered_with_and_without_texts(
    open_page: Open, scored: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    files: list[bytes] = []
    monkeypatch.setattr("streamlit.download_button", lambda label, data, *_, **__: files.append(data))
    workspace().topics.add([CustomTopic("rain", examples=(TopicExample("it pours"),))])
    app = open_page(places.TOPICS, batch=scored.id)
    assert "The file has texts of posts in full" in captions(app)
    app.toggle(key="with_example_texts").set_value(False).run()
    assert "works with the model" in captions(app)
    assert [b"it pours" in content for content in files] == [True, False]
    (example,) = parse_taxonomy(files[1], "t.json", workspace().settings).topics[0].examples
    assert example.vectors
    assert example.bundle == scored.manifest.bundle


def test_a_damaged_file_of_topics_is_an_error_with_its_path(open_page: Open, scored: Batch) -> None:
    workspace().topics.path.write_text("{")
    app = open_page(places.TOPICS, batch=scored.id)
    assert not app.exception
    assert "topics.json is not JSON" in app.error[0].value.replace("\\", "")
    assert not open_page(places.POSTS, batch=scored.id).error


def test_numbers_and_messages_of_a_topic_are_written_properly(open_page: Open, scored: Batch) -> None:
    workspace().topics.add([CustomTopic("rain", threshold=-0.3, examples=(TopicExample("wet"),))])
    app = open_topic(open_page, scored)
    assert any("a similarity of −0.30 or more" in each.value for each in app.markdown)
    assert "PostLens needs at least" in captions(app)
    app.text_input(key="topic_name").set_value("").run()
    assert any("needs a name" in each.value for each in app.error)
    app = open_page(places.TOPICS, batch=scored.id)
    assert "from −0.30" in captions(app)
    assert app.toggle(key="with_example_texts").label == "With the texts of 1 example"
