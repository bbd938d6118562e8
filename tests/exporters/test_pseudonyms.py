"""Names in texts and tables are found in all their forms, and replaced by stable pseudonyms."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from analysis.exporters.pseudonyms import Pseudonyms
from analysis.importers.matching import is_column_of_people
from analysis.model.text import preprocess_text
from tests.exporters.private_posts import (
    SALT,
    USER,
)


def test_a_person_has_one_pseudonym_and_another_salt_another() -> None:
    names = Pseudonyms(SALT)
    user = names.user("@Ann_Smith")
    assert USER.fullmatch(user)
    assert user == names.user("ann_smith") == names.user(" ANN_SMITH ")
    assert names.text("Hi @ANN_smith, see https://x.com/Ann_Smith/status/12 and ann_smith", "Ann_Smith") == (
        f"Hi @{user}, see https://x.com/{user} and {user}"
    )
    assert names.own_value("@ann_smith", "any", None, None) == f"@{user}"
    assert names.own_value("Ann_Smith", "any", "@ann_smith", None) == user
    assert names.own_value("Ann_Smith", "username", "@bob", None) == user
    assert names.own_value("Ann_Smith", "mood", "@bob", None) == "Ann_Smith"
    other = Pseudonyms(SALT[::-1])
    assert other.user("ann_smith") != user
    assert other.post("1234567") != names.post("1234567")
    assert names.post("ann_smith") != names.file("ann_smith") != user


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no names: a@ b, and/or 50% @ 3 / 4 u / x", "no names: a@ b, and/or 50% @ 3 / 4 u / x"),
        ("@ann@bob", "@[ann]@[bob]"),
        ("@ann.smith's @ann.", "@[ann.smith]'s @[ann]."),
        ("@आदित्य नमस्ते", "@[आदित्य] नमस्ते"),
        ("你好@人民日报：今天", "你好@[人民日报]：今天"),
        ("https://www.instagram.com/p/Abc12/ x", "https://www.instagram.com/p x"),
        ("https://t.co/AbC123 https://example.org/a/b", "https://t.co/… https://example.org/a/b"),
        ("https://mastodon.social/@ann/109, @ann@mastodon.social",
         "https://mastodon.social/@[ann], @[ann@mastodon.social]"),
        ("netflix.com/ann my-x.com/ann", "netflix.com/ann my-x.com/ann"),
        ("https://linkedin.com/in/andr%C3%A9-b/", "https://linkedin.com/in/[andré-b]"),
        ("I am Ann Smith (@Ann Smith), not Annabel", "I am [ann smith] (@[ann smith]), not Annabel"),
    ],
)  # fmt: skip
def test_names_are_found_in_all_their_forms(text: str, expected: str) -> None:
    names = Pseudonyms(SALT)
    wanted = re.sub(r"\[([^\]]+)\]", lambda found: names.user(found[1]), expected)
    assert names.text(text, "Ann Smith") == wanted


def test_top_words_do_not_show_parts_of_names() -> None:
    text = "so sad, @ann.smith and t.me/ann_b say annual rain"
    names = Pseudonyms(SALT)
    words = [(text[word.start : word.end], 0.1) for word in preprocess_text(text).words]
    shown = [word for word, _ in names.top_words(words, text, None)]
    assert {"sad", "annual", "rain"} <= set(shown)
    assert not {"@ann", "ann", "smith", "ann_b"} & set(shown)
    assert names.user("ann_b") in shown


def test_nested_and_strange_values_of_own_columns() -> None:
    names = Pseudonyms(SALT)
    value = {
        "user": {"screen_name": "Bob", "followers_count": 12, "id": 99},
        "entities": [{"text": "hi @bob"}],
    }
    bob = names.user("bob")
    expected = {
        "user": {"screen_name": bob, "followers_count": 12, "id": names.user("99")},
        "entities": [{"text": f"hi @{bob}"}],
    }
    assert names.own_value(value, "tweet", None, None) == expected
    assert json.loads(names.own_value(json.dumps(value), "tweet", None, None)) == expected
    assert (
        names.own_value("https://a.org/post/1234567", "link", None, "1234567")
        == f"https://a.org/post/{names.post('1234567')}"
    )
    assert [names.own_value(each, "x", "5", "1") for each in (None, True, 7, 0.5, "", "1", "[1,  2]")] == [
        None, True, 7, 0.5, "", "1", "[1,  2]",
    ]  # fmt: skip
    assert names.own_value(5, "x", "5", None) == names.user("5")
    deep: Any = "x"
    for _ in range(5_000):
        deep = [deep]
    assert names.own_value(deep, "x", None, None) == "…"


@pytest.mark.parametrize(
    "column", ["username", "in_reply_to_screen_name", "user.id", "E-mail", "mentioned_users"]
)
def test_columns_of_people_are_known_by_name(column: str) -> None:
    assert is_column_of_people(column)


@pytest.mark.parametrize(
    "column", ["campaign", "user_followers_count", "author.fans", "id", "name", "user_created_at"]
)
def test_columns_of_other_things_are_not(column: str) -> None:
    assert not is_column_of_people(column)
