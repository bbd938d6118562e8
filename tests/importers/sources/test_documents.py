"""JSON documents in forms of their own, and documents that only look like them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from analysis.importers.json_files import read_json
from analysis.importers.sources import find_source, list_sources, open_source_document
from analysis.settings import Settings

POST = {"id": 1, "type": "message", "date": "2024-03-05", "text": "hello"}
UNUSUAL: list[Any] = [
    None,
    5,
    "text",
    [],
    [1],
    {},
    {"messages": [1]},
    {"messages": []},
    {"messages": [POST, 2, None]},
    {"chats": {"list": [5, {"messages": 3}]}},
    {"chats": [5]},
    {"participants": 1, "messages": [{"sender_name": 1, "timestamp_ms": None}, 7]},
    {"feed": [1, {"post": 2}, {"post": {"uri": 3, "record": {}}}]},
    {"posts": {"uri": 1}},
    {"photos": [1]},
    {"photos": [{"uri": None, "creation_timestamp": {}}, 4]},
    {"extractor": 1, "webpage_url": 2, "entries": [1, None], "comments": 4},
    {"extractor": 1, "webpage_url": 2, "comments": [1, {"id": 2}]},
    {"__import_meta": 1},
    {"__import_meta": {}},
    {"data": [1, {"attachments": [1], "referenced_tweets": 3, "author_id": []}], "includes": {"users": 5}},
    {"data": {"attachments": {"media_keys": [{}]}, "referenced_tweets": [1]}, "includes": {"media": [2]}},
    {"data": None, "includes": {}, "meta": []},
    {"data": 1, "meta": {"result_count": 1}, "includes": 3},
]


@pytest.mark.parametrize("document", UNUSUAL, ids=repr)
def test_an_unusual_document_is_opened_as_a_list_or_not_at_all(document: Any) -> None:
    for source in list_sources():
        if source.open is not None:
            records = source.open(document)
            assert records is None or isinstance(records, list)


def test_every_message_of_every_chat_is_kept() -> None:
    document = {
        "chats": {"list": [{"id": 7, "name": "A", "messages": [POST, 5]}]},
        "left_chats": {"list": []},
    }
    records, source = open_source_document(document) or ([], None)
    assert source is not None
    assert source.name == "telegram"
    assert [record if record == 5 else record["post_id"] for record in records] == ["7_1", 5]


def test_an_entry_of_a_feed_that_is_no_post_is_kept_for_the_list_of_rejected_rows() -> None:
    post = {"uri": "at://a/1", "record": {"text": "hello"}}
    records, _ = open_source_document({"feed": [{"post": post, "reason": {"by": "b"}}, {"other": 1}, 5]}) or (
        [],
        None,
    )
    assert [record if record == 5 else record.get("uri") for record in records] == ["at://a/1", None, 5]


def test_the_files_of_a_video_are_left_out_and_its_comments_are_posts() -> None:
    video = {
        "id": "v",
        "extractor": "a",
        "webpage_url": "b",
        "formats": [1],
        "comments": [{"id": "c", "text": "d"}],
    }
    records, _ = open_source_document(video) or ([], None)
    assert records == [
        {"id": "v", "extractor": "a", "webpage_url": "b", "video_id": "v"},
        {"id": "c", "text": "d", "extractor": "a", "video_id": "v"},
    ]


def test_columns_that_a_source_reads_are_kept_where_there_are_too_many() -> None:
    post = {"id_str": "1", "created_at": "2024-03-05", "text": "hel…", "user": {"screen_name": "marlow"}}
    lines = [post | {f"field {line} {number}": "x" for number in range(20)} for line in range(4)]
    lines[3]["extended_tweet"] = {"full_text": "hello"}
    content = "\n".join(map(json.dumps, lines)).encode()
    (imported,) = read_json(content, Settings(max_columns=10)).tables
    source = find_source(imported)
    assert source is not None
    imported, mapping = source.map(imported)
    texts = [row[list(imported.columns).index(str(mapping.text))] for row in imported.rows.values()]
    assert texts == ["hel…", "hel…", "hel…", "hello"]
