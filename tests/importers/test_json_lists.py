"""The lists of a JSON document that can be chosen as the posts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from analysis.importers import ImportOptions, RefusedError
from analysis.importers.json_lists import WHOLE, list_json_paths, select_json_list
from analysis.intake import InputFile, Table, parse_table

THREADS = {
    "export": {
        "threads": [
            {"title": "one", "replies": [{"say": "a"}, {"say": "b"}]},
            {"title": "two"},
            {"title": "three", "replies": [{"say": "c"}]},
        ],
        "by id": {"x1": {"say": "d"}, "x2": {"say": "e"}},
        "words": ["first text", "second text"],
        "numbers": [1, 2],
    }
}


def read(document: Any, list_path: str | None = None) -> Table:
    content = json.dumps(document).encode()
    return parse_table(InputFile("posts.json", content), options=ImportOptions(list_path=list_path))


def test_lists_of_objects_and_texts_and_objects_of_objects_have_paths() -> None:
    assert list(list_json_paths(THREADS)) == [
        "export.threads",
        "export.threads[].replies",
        "export.by id.*",
        "export.words",
    ]
    assert list(list_json_paths([{"a": 1}])) == [WHOLE]
    assert list(list_json_paths({"a": {"b": 1}, "c": {"b": 2}})) == ["*"]
    assert list(list_json_paths({"meta": {"made": 1}, "user": {"name": 2}})) == []
    assert list(list_json_paths({"text": "a"})) == list(list_json_paths("a")) == []


@pytest.mark.parametrize(
    ("name", "elements"),
    [
        ("export.threads[].replies", [{"say": "a"}, {"say": "b"}, {"say": "c"}]),
        ("export.by id.*", [{"say": "d"}, {"say": "e"}]),
        ("export.words", [{"text": "first text"}, {"text": "second text"}]),
    ],
)
def test_the_elements_of_a_list_are_those_in_all_places_of_its_path(
    name: str, elements: list[dict[str, str]]
) -> None:
    assert select_json_list(THREADS, name) == elements


def test_the_chosen_list_is_read_and_the_others_stay_choices() -> None:
    table = read(THREADS, "export.by id.*")
    assert table.rows["say"].tolist() == ["d", "e"]
    assert table.notes[-1] == "JSON, the list 'export.by id.*', chosen"
    assert table.lists == tuple(list_json_paths(THREADS))


def test_a_document_without_a_list_of_objects_names_what_can_be_chosen() -> None:
    table = read({"all": {"n1": {"say": "a"}, "n2": {"say": "b"}}})
    assert table.rows.shape == (1, 2)
    assert table.notes[-1] == "JSON object; lists in it that can be chosen: all.*"


def test_a_list_that_does_not_exist_is_refused_with_the_lists_there_are() -> None:
    with pytest.raises(RefusedError, match="has no list 'posts'") as caught:
        read(THREADS, "posts")
    assert caught.value.choices == tuple(list_json_paths(THREADS))
    assert "export.threads" in caught.value.remedy


def test_a_list_of_texts_is_refused_with_itself_as_the_choice() -> None:
    with pytest.raises(RefusedError, match="contains no JSON objects") as caught:
        read(["good day", "bad rain"])
    assert caught.value.choices == (WHOLE,)
    assert read(["good day", "bad rain"], WHOLE).rows["text"].tolist() == ["good day", "bad rain"]


def test_a_document_of_many_lists_has_few_choices() -> None:
    wide = {f"list {number}": [{"a": 1}] for number in range(1_000)}
    assert len(list_json_paths(wide)) == 50
    deep: Any = [{"a": 1}]
    for _ in range(200):
        deep = {"a": deep}
    assert list(list_json_paths(deep)) == []
