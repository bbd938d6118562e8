"""Tables in JSON: arrays, single objects, lists within objects, and JSON lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analysis.importers.json_shapes import convert_object_to_records
from analysis.importers.sources import open_source_document
from analysis.intake import Counts, InputFile, check_batch, read_inputs
from tests.intake.tables import cells, refusal, table


def test_a_json_array_keeps_exact_numbers_and_flattens_objects() -> None:
    posts = [
        {
            "id": 12345678901234567890,
            "text": "a",
            "author": {"name": "x", "at": {"city": "Linz"}},
            "tags": ["ä", 1],
        },
        {"id": 2, "text": None, "likes": 1.5, "pinned": True},
    ]
    read = table(json.dumps(posts), "posts.json")
    assert read.columns == ("id", "text", "author.name", "author.at.city", "tags", "likes", "pinned")
    assert cells(read) == [
        ["12345678901234567890", "a", "x", "Linz", '["ä", 1]', "", ""],
        ["2", "", "", "", "", "1.5", "true"],
    ]


@pytest.mark.parametrize(
    "content",
    [
        '[{"id": "1", "text": "a"}]',
        '{"meta": {"n": 1}, "posts": [{"id": "1", "text": "a"}], "tags": ["x"]}',
        '{"id": "1", "text": "a"}',
        '\n{"id": "1", "text": "a"}\n\n',
    ],
)
def test_an_array_a_list_in_an_object_and_a_single_object_are_read(content: str) -> None:
    assert cells(table(content, "posts.json")) == [["1", "a"]]


def test_a_single_post_that_holds_a_list_of_objects_stays_one_post() -> None:
    read = table('{"id": "1", "text": "a", "links": [{"to": "b"}]}', "posts.json")
    assert cells(read) == [["1", "a", '[{"to": "b"}]']]


def test_of_several_lists_the_one_with_texts_is_read_and_the_others_are_rejected(tmp_path: Path) -> None:
    content = b'{"users": [{"name": "b"}], "posts": [{"id": "1", "text": "a"}]}'
    inputs = read_inputs([InputFile("x.json", content)], tmp_path)
    assert inputs.tables[0].notes[-1] == "JSON, the list 'posts'"
    checked = check_batch(inputs)
    assert list(checked.posts["text"]) == ["a"]
    assert checked.counts["sheet"] == Counts(2, 1, 1)
    assert list(checked.rejected["reason"]) == ["has a list 'users' that was not read (1 object)"]
    assert "--list" in checked.rejected["remedy"][0]


def test_malformed_json_lines_are_rejected_each_and_the_rest_proceeds() -> None:
    read = table(
        '{"id": "1", "text": "a"}\n{"id": "2", "te\n\n[1]\n{"id": "3", "text": "c"}\n', "posts.ndjson"
    )
    assert cells(read) == [["1", "a"], ["3", "c"]]
    assert list(read.rows.index) == [1, 4]
    broken, other = read.rejected
    assert broken.reason.startswith("row 2 is not JSON: line 2")
    assert json.loads(broken.raw) == {"line": '{"id": "2", "te'}
    assert other.reason == "row 3 is not a JSON object"


def test_a_line_separator_within_a_json_text_does_not_end_the_line() -> None:
    assert cells(table('{"text": "a\u2028b\u0085c"}\n{"text": "d"}', "p.jsonl")) == [
        ["a\u2028b\u0085c"],
        ["d"],
    ]


def test_lone_surrogates_and_nul_in_json_do_not_reach_the_table() -> None:
    read = table('[{"te\\u0000xt": "a\\ud83d b\\u0000 \\ud83d\\ude00"}]', "p.json")
    assert cells(read) == [["a\ufffd b 😀"]]
    assert read.columns == ("text",)


@pytest.mark.parametrize("content", ["[" * 100_000, "[1, 2]", '"text"', "no json", '[{"id": 1},', "{"])
def test_json_without_any_object_is_refused(content: str) -> None:
    assert "JSON" in refusal(content, "posts.json")


def test_an_endless_number_is_refused_with_its_line_only() -> None:
    read = table('{"text": "a"}\n{"text": ' + "9" * 5_000 + "}\n", "p.ndjson")
    assert cells(read) == [["a"]]
    assert len(read.rejected) == 1


def test_of_an_archive_of_x_only_the_posts_of_its_owner_are_read() -> None:
    post = '{"tweet": {"id_str": "1", "full_text": "a b"}}'
    assert len(table(f"window.YTD.tweets.part0 = [{post}]", "tweets.js").rows) == 1
    like = '{"like": {"tweetId": "2", "fullText": "liked by me"}}'
    manifest = 'window.__THAR_CONFIG = {"userInfo": {"text": "a fine day"}}'
    assert "the part 'manifest' of an archive of X" in refusal(manifest, "manifest.js")
    reason = refusal(f"window.YTD.like.part0 = [{like}]", "like.js")
    assert reason == "is the part 'like' of an archive of X, which has no posts of its owner"


def test_lists_in_the_records_of_a_known_source_are_not_opened_as_pages() -> None:
    note = {
        "display_title": "Plum cake for the whole street",
        "interact_info": {"liked_count": "4"},
        "corner_tag_info": [{"type": "publish_time", "text": "2024-03-05"}],
    }
    lines = [{"item_id": n, "timestamp_collected": 1, "data": {"note_card": note}} for n in "12"]
    read = table("\n".join(map(json.dumps, lines)), "posts.ndjson")
    assert read.source == "Zeeschuimer, RedNote (Xiaohongshu)"
    assert read.rows["item_id"].tolist() == ["1", "2"]


@pytest.mark.parametrize(
    "document", [{"kind": "Listing", "data": {}}, [{"kind": "t1"}], {"kind": "t3", "data": []}]
)
def test_a_listing_without_posts_is_none(document: object) -> None:
    assert open_source_document(document) is None


@pytest.mark.parametrize(
    "content",
    [
        '{"id": {"0": "1", "1": "2"}, "text": {"0": "a b", "1": "c d"}}',
        '{"columns": ["id", "text"], "index": [0, 1], "data": [["1", "a b"], ["2", "c d"]]}',
        '{"id": ["1", "2"], "text": ["a b", "c d"]}',
        '{"1": {"text": "a b", "likes": 3}, "2": {"text": "c d", "likes": 4}}',
        '{"posts": {"1": {"text": "a b", "likes": 3}, "2": {"text": "c d", "likes": 4}}}',
        '{\n"id": "1",\n"text": "a b"\n}\n{\n"id": "2",\n"text": "c d"\n}\n',
        '{"id": "1", "text": "a b"},\n{"id": "2", "text": "c d"},\n',
        '[\n{"id": "1", "text": "a b"},\n{"id": "2", "te\n{"id": "2", "text": "c d"}\n]\n',
    ],
)
def test_objects_by_id_columns_of_pandas_and_objects_in_sequence_are_rows(content: str) -> None:
    read = table(content, "posts.json")
    assert [row[:2] for row in cells(read)] == [["1", "a b"], ["2", "c d"]]


@pytest.mark.parametrize(
    "content",
    [
        '{"author": {"id": "1", "name": "x"}, "post": {"id": "2", "words": "y"}}',
        '{"likes": {"count": 1}, "shares": {"count": 2}}',
        '{"from": ["a", "b"], "size": [1, 2]}',
    ],
)
def test_an_object_of_other_objects_stays_one_row(content: str) -> None:
    assert len(table(content, "posts.json").rows) == 1


@pytest.mark.parametrize(
    "value", [{"columns": [1], "data": [[1, 2]]}, {"a": [1], "b": [1, 2]}, {"a": {}, "b": {}}, {}]
)
def test_objects_of_unequal_parts_are_in_no_other_shape(value: dict[str, object]) -> None:
    assert convert_object_to_records(value) is None
