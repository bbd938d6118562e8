"""A manifest may come from anywhere: whatever is wrong in it is a plain error."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.reproduction.conftest import MadeReport


def set_value(*path: str | int, value: object) -> Callable[[dict[str, Any]], None]:
    """Return a function that sets a value in a manifest; without a value, it is removed."""

    def change(content: Any) -> None:
        for key in path[:-1]:
            content = content[key]
        content[path[-1]] = value

    return change


def filters(**values: object) -> Callable[[dict[str, Any]], None]:
    return set_value("choices", "filters", value={"values": values})


CHANGES: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "newer": (set_value("manifest_format", value=2), "its format is 2"),
    "no format": (set_value("manifest_format", value="1"), "it has no manifest_format"),
    "unknown field": (set_value("surprise", value=1), "surprise is not known"),
    "wrong type": (set_value("report", "posts", value="2"), "report.posts must be a whole number"),
    "flag for number": (set_value("report", "posts", value=True), "report.posts must be a whole number"),
    "object for list": (set_value("input", "files", value={}), "input.files must be a list"),
    "list for object": (set_value("counts", value=[]), "counts must be an object"),
    "time": (set_value("made_at", value="yesterday"), "made_at must be a time with a zone"),
    "hash": (set_value("input", "files", 0, "sha256", value="../x"), "does not have 64 hexadecimal digits"),
    "report hash": (set_value("report", "sha256", value=""), "report.sha256 must have 64"),
    "zone": (set_value("input", "tables", 0, "timezone", value="Mars/North"), "is not known"),
    "encoding": (set_value("input", "options", value={"encoding": "no such"}), "'no such' is not known"),
    "importer": (set_value("input", "options", value={"format": "exe"}), "exe"),
    "source": (set_value("input", "options", value={"source": "nobody"}), "nobody"),
    "separator": (set_value("input", "options", value={"delimiter": "ab"}), "is not one character"),
    "quote as separator": (
        set_value("input", "options", value={"delimiter": '"'}),
        "is not one character that can separate fields",
    ),
    "half a surrogate pair": (
        set_value("input", "files", 0, "name", value="a\ud800"),
        "input.files[0].name is not valid Unicode",
    ),
    "half a surrogate pair in a filter": (
        filters(search="\ud800"),
        "choices.filters.values.search is not valid Unicode",
    ),
    "malformed search": (
        set_value("choices", "filters", value={"search": "(rain"}),
        "an opening parenthesis that is not closed",
    ),
    "header row": (set_value("input", "options", value={"header_row": -1}), "is negative"),
    "report format": (set_value("choices", "format", value="exe"), "choices.format must be one of"),
    "privacy": (set_value("choices", "privacy", value="none"), "choices.privacy must be one of"),
    "a column twice": (set_value("choices", "columns", value=["text", "text"]), "has a column twice"),
    "no columns": (set_value("choices", "columns", value=[]), "choices.columns has no column"),
    "filter": (filters(surprise=["x"]), "The filter 'surprise' is not known"),
    "filter options": (filters(sentiments="positive"), "sentiments must be a list of texts"),
    "filter flag": (filters(uncertain="yes"), "uncertain must be true or false"),
    "filter range": (filters(valence=[0, "1"]), "valence must be a list of two numbers"),
    "filter number": (filters(valence=[0, 10**400]), "valence must be a list of two numbers"),
    "filter infinity": (filters(valence=[0, 1e999]), "Infinity is not a number"),
    "control character": (set_value("\x1b[2J", value=1), "\ufffd[2J is not known"),
    "time zone": (set_value("choices", "timezone", value="Mars/Olympus"), "'Mars/Olympus' is not known"),
    "filter day": (filters(since="1st of May"), "since must be a day"),
    "no engine": (set_value("engines", value=[]), "engines has no entry"),
    "threads": (set_value("engines", 0, "threads", value=10**9), "threads of an engine must be 1 to"),
    "kept": (set_value("input", "kept", value=["x"] * 99), "input.kept has more than"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_wrong_in_a_manifest_is_named(made: MadeReport, name: str) -> None:
    change, message = CHANGES[name]
    made.edit(change)
    done = made.reproduce()
    assert done.exit_code == 1, done.output
    assert "manifest.json is not a valid manifest: " in done.output
    assert message in done.output


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"{", b"[" * 100_000, b"1" * 10_000])
def test_what_is_no_json_is_refused(made: MadeReport, content: bytes) -> None:
    made.manifest.write_bytes(content)
    done = made.reproduce()
    assert done.exit_code == 1
    assert "Error: manifest.json is not JSON, so it is not a manifest" in done.output


def test_numbers_that_json_does_not_have_are_refused(made: MadeReport) -> None:
    made.edit(set_value("settings", "topic_from", value=float("nan")))
    assert "NaN is not a number" in made.reproduce().output


@pytest.mark.slow
def test_a_column_that_does_not_exist_is_named(made: MadeReport) -> None:
    made.edit(set_value("choices", "columns", value=["post_id", "password"]))
    done = made.reproduce()
    assert done.exit_code == 1
    assert "report: the column password cannot be made from this input" in done.stdout
    made.edit(set_value("choices", "columns", value=["password"]))
    done = made.reproduce()
    assert done.exit_code == 1


def test_custom_topics_that_are_not_valid_are_named(made: MadeReport) -> None:
    made.edit(lambda content: content["choices"].update(custom_topics=["rain; hail"]))
    done = made.reproduce()
    assert done.exit_code == 1
    assert "The topic “rain; hail” has a semicolon" in done.output


def test_names_in_a_manifest_are_never_opened_as_paths(made: MadeReport) -> None:
    secret = made.source.with_name("secret.csv")
    secret.write_text("text\nsecret\n", encoding="utf-8")
    files = json.loads(made.manifest.read_bytes())["input"]["files"]
    for path in (str(secret), "../secret.csv"):
        made.edit(
            set_value("input", "files", value=[*files, {"name": path, "sha256": "0" * 64, "is_nearby": True}])
        )
        done = made.reproduce(source=made.source / "posts.csv")
        assert f"input: {path} is missing" in done.stdout
