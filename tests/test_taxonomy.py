"""Custom topics and their taxonomy files: strict reading, limits, texts of examples left out."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis.custom_topics import (
    CustomTopic,
    TopicExample,
    decode_vector,
    encode_vector,
    parse_topic_names,
)
from analysis.errors import PostLensError, ScoringError, WorkspaceError
from analysis.settings import Settings
from analysis.taxonomy import export_taxonomy, parse_taxonomy, read_topics_file
from analysis.workspace import Workspace

VECTOR = encode_vector(np.array([0.6, 0.8]))
DELIVERY = CustomTopic(
    "delivery",
    "late or lost parcels",
    0.31,
    (TopicExample("my parcel ☂", True, (VECTOR,), "m@1"), TopicExample("what a speech", False)),
)


def parse(content: dict[str, Any], **changed: Any) -> tuple[CustomTopic, ...]:
    return parse_taxonomy(json.dumps(content).encode(), "t.json", Settings(**changed)).topics


def test_a_taxonomy_file_has_everything_of_its_topics() -> None:
    topics = (DELIVERY, CustomTopic("prices, fees"))
    content = export_taxonomy(topics)
    assert parse_taxonomy(content, "t.json", Settings()).topics == topics
    assert "my parcel ☂".encode() in content  # people read it


def test_names_alone_are_a_taxonomy() -> None:
    assert parse({"taxonomy_format": 1, "topics": [{"name": "rain"}]}) == (CustomTopic("rain"),)


def test_a_file_of_names_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "names.txt"
    path.write_text("prices, fees\n\nrain\n", encoding="utf-8-sig")
    assert read_topics_file(path, Settings()) == [CustomTopic("prices, fees"), CustomTopic("rain")]
    path.write_bytes(b"\xef\xbb\xbf" + export_taxonomy([DELIVERY]))
    assert read_topics_file(path, Settings()) == [DELIVERY]
    with pytest.raises(PostLensError, match="cannot be read"):
        read_topics_file(tmp_path / "none.json", Settings())
    path.write_text('["delivery", "prices"]')  # JSON of another kind is no list of names
    with pytest.raises(PostLensError, match="is not a valid taxonomy file"):
        read_topics_file(path, Settings())


def test_examples_without_texts_keep_their_vectors() -> None:
    assert DELIVERY.without_texts().examples[0] == TopicExample("", True, (VECTOR,), "m@1")
    assert np.allclose(decode_vector(VECTOR), [0.6, 0.8], atol=1e-3)


def with_example(**values: Any) -> dict[str, Any]:
    return {"name": "rain", "examples": [values]}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"\xff{", "is not JSON in UTF-8"),
        (b"[" * 100_000, "is not JSON in UTF-8"),
        (b"[]", "it has no taxonomy_format"),
        (b'{"taxonomy_format": 2}', "its format is 2"),
        (b'{"taxonomy_format": 1, "topics": [{"name": "x", "threshold": NaN}]}', "NaN is not a number"),
        ({"name": 3}, "must be text"),
        ({"nam": "x"}, "topics\\[0\\].nam is not known"),
        ({"name": " "}, "“ ”, is empty"),
        ({"name": "None of these"}, "these”, is reserved"),
        ({"name": "a  b"}, "has a space at an end or two in a row"),
        ({"name": "a\u202eb"}, "characters that cannot be shown"),
        ({"name": "a;b"}, "has a semicolon"),
        ({"name": "x" * 121}, "has 121 characters"),
        ({"name": "x", "description": "y" * 501}, "a description of 501 characters"),
        ({"name": "x", "threshold": 1.5}, "has the threshold 1.5"),
        ({"name": "x", "examples": [{"text": "y"}] * 51}, "has 51 examples; the limit is 50"),
        (with_example(), "has neither a text nor vectors"),
        (with_example(text="\u202e\x00"), "has neither a text nor vectors"),
        (with_example(text="y" * 2_001), "has 2,001 characters"),
        (with_example(vectors=["!"], bundle="m@1"), "is not base64"),
        (with_example(vectors=[encode_vector(np.array([3.0]))], bundle="m@1"), "does not have the length 1"),
        (
            with_example(vectors=[encode_vector(np.array([np.nan]))], bundle="m@1"),
            "does not have the length 1",
        ),
        (with_example(vectors=[VECTOR] * 5, bundle="m@1"), "has 5 vectors; the limit is 4"),
        (with_example(vectors=[VECTOR]), "both vectors and the model"),
    ],
)
def test_a_file_that_is_not_valid_is_refused(content: bytes | dict[str, Any], problem: str) -> None:
    if isinstance(content, dict):
        content = json.dumps({"taxonomy_format": 1, "topics": [content]}).encode()
    with pytest.raises(PostLensError, match=problem) as caught:
        parse_taxonomy(content, "t.json", Settings())
    assert caught.value.thing == "t.json"
    assert caught.value.remedy


def test_a_file_has_limits_and_no_topic_twice() -> None:
    with pytest.raises(PostLensError, match="has more than 10 bytes"):
        parse_taxonomy(export_taxonomy([DELIVERY]), "t.json", Settings(max_taxonomy_bytes=10))
    two = {"taxonomy_format": 1, "topics": [{"name": "rain"}, {"name": "Rain"}]}
    with pytest.raises(PostLensError, match="“Rain”, is used twice: upper and lower case make no difference"):
        parse(two)
    with pytest.raises(PostLensError, match="more than 1 topics"):
        parse(two, max_saved_topics=1)


def test_topics_of_a_workspace_are_added_changed_switched_and_deleted(tmp_path: Path) -> None:
    topics = Workspace(tmp_path / "home").topics
    assert topics.read().topics == ()
    topics.add([DELIVERY, CustomTopic(" prices  and fees ")])
    topics.add([CustomTopic("Delivery")])
    topics.switch("prices and fees", is_on=False)
    taxonomy = Workspace(tmp_path / "home").topics.read()
    assert [topic.name for topic in taxonomy.topics] == ["Delivery", "prices and fees"]
    assert taxonomy.off == ("prices and fees",)
    topics.change("delivery", lambda _: DELIVERY)
    assert topics.read().topics[0] == DELIVERY
    topics.change("prices and fees", lambda _: CustomTopic("Fees"))
    assert topics.read().off == ("Fees",)
    topics.delete("delivery")
    topics.delete("delivery")
    assert topics.read().topics == (CustomTopic("Fees"),)
    assert topics.path.stat().st_mode & 0o077 == 0


def test_a_change_of_a_topic_that_is_gone_is_an_error(tmp_path: Path) -> None:
    topics = Workspace(tmp_path).topics
    topics.add([DELIVERY])
    topics.change("delivery", lambda topic: replace(topic, name="parcels"))
    for edit in (
        lambda: topics.change("delivery", lambda _: DELIVERY),
        lambda: topics.switch("delivery", False),
    ):
        with pytest.raises(ScoringError, match="The topic “delivery” was renamed or deleted meanwhile"):
            edit()
    assert [topic.name for topic in topics.read().topics] == ["parcels"]


@pytest.mark.parametrize("name", ["👩‍👩‍👧 family", "🏳️‍🌈 pride", "می‌خواهم", "क्‍ष", "Zoë’s café – 50 %"])
def test_names_keep_joined_emoji_and_letters(name: str) -> None:
    assert parse_topic_names(name) == [name]
    assert parse({"taxonomy_format": 1, "topics": [{"name": name}]}) == (CustomTopic(name),)


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("a\u202eb\u2066c", "abc"),
        ("\u200drain\u200d \u200cx", "rain x"),
        ("a\u200d\u200db", "ab"),
        ("de\xadlivery\u200b", "delivery"),
        ("a\x00b\tc", "a b c"),
        ("x\ud83dy", "x?y"),
        ("e\u200b\u0301", "é"),
    ],
)
def test_names_have_no_hidden_characters(name: str, cleaned: str) -> None:
    assert parse_topic_names(name) == [cleaned]
    assert parse_topic_names(cleaned) == [cleaned]


def test_names_that_look_equal_are_one_topic(tmp_path: Path) -> None:
    assert parse_topic_names("Café, Cafe\u0301, CAFE\u0301, ra\u200cin, rain") == ["Café", "ra\u200cin"]
    topics = Workspace(tmp_path).topics
    topics.add([CustomTopic("Café")])
    topics.change("cafe\u0301", lambda topic: replace(topic, description="coffee"))
    topics.add([CustomTopic("cafe\u0301", "tea")])
    assert topics.read().topics == (CustomTopic("café", "tea"),)


def test_a_file_of_an_earlier_version_with_decomposed_names_still_opens(tmp_path: Path) -> None:
    topics = Workspace(tmp_path).topics
    names = ["cafe\u0301", "café", "Zoe\u0308"]
    topics.path.write_bytes(
        export_taxonomy([CustomTopic(name) for name in names], off=["cafe\u0301", names[2]])
    )
    assert [topic.name for topic in topics.read().topics] == ["café", "café (2)", "Zoë"]
    assert [topic.name for topic in topics.read().on] == ["café (2)"]
    topics.switch("zoe\u0308", is_on=True)
    assert [topic.name for topic in topics.read().on] == ["café (2)", "Zoë"]


def test_descriptions_and_examples_of_a_file_have_no_hidden_characters() -> None:
    example = {"text": "My parcel\x00 is\r\n\u202elate 👩\u200d💻\u200d"}
    (topic,) = parse(
        {
            "taxonomy_format": 1,
            "topics": [{"name": "x", "description": "late\u2066 or\x00\nlost", "examples": [example]}],
        }
    )
    assert topic.description == "late or lost"
    assert topic.examples == (TopicExample("My parcel is\nlate 👩\u200d💻"),)


def test_topics_of_a_workspace_have_limits(tmp_path: Path) -> None:
    topics = Workspace(tmp_path, Settings(max_saved_topics=2)).topics
    topics.add([CustomTopic("a"), CustomTopic("b")])
    with pytest.raises(ScoringError, match="would be 3; the limit is 2"):
        topics.add([CustomTopic("c")])
    with pytest.raises(ScoringError, match="is the name of another topic"):
        topics.change("a", lambda _: CustomTopic("B"))
    with pytest.raises(ScoringError, match="has a semicolon"):
        topics.change("a", lambda _: CustomTopic("x;y"))
    assert [topic.name for topic in topics.read().topics] == ["a", "b"]
    topics.path.write_text("[]")
    with pytest.raises(WorkspaceError, match=r"topics\.json is not a valid taxonomy file"):
        topics.add([CustomTopic("c")])
    assert topics.path.read_text() == "[]"
