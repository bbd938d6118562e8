"""Searches by words: the grammar, the posts they find, and what is said about malformed ones."""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from analysis import query
from analysis.errors import SearchError
from analysis.posts import post_frame
from analysis.query import Filters
from analysis.query.search_syntax import And, Node, Not, Or, Term, parse_search, quote_search
from analysis.settings import Settings
from analysis.workspace import Batch
from tests.query.compared import ids
from tests.scored import new_batch

TEXTS = {
    "train": "The train is late",
    "rain": "Heavy  rain\nagain, so awful!",
    "rainy": "A rainy day in the CAFÉ",
    "nfd": unicodedata.normalize("NFD", "Le café été"),
    "plain": "le cafe ete",
    "japanese": "今日は大雨が降る",
    "thai": "วันนี้ฝนตกหนัก",
    "emoji": "so good ❤️👍🏽 don’t stop :)",
    "signs": "100% (really) a-b -5 $posts '; DROP TABLE posts; --",
    "german": "Straße und schön",
}


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """Posts whose ids say what their texts are, by two authors and one without a name."""
    authors = {"train": "@ann", "rain": "@ann", "rainy": "Rain Man"}
    posts = [{"post_id": name, "text": text, "author": authors.get(name)} for name, text in TEXTS.items()]
    return new_batch(tmp_path_factory.mktemp("texts"), post_frame(posts))


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("RAIN", ["train", "rain", "rainy"]),
        ("text:rain", ["train", "rain", "rainy"]),
        ("rain late", ["train"]),
        ("rain AND late", ["train"]),
        ("late OR awful", ["train", "rain"]),
        ("text:rain -late", ["rain", "rainy"]),
        ("text:rain NOT late", ["rain", "rainy"]),
        ("rain -(late OR day)", ["rain"]),
        ("late OR rain awful", ["train", "rain"]),  # AND binds more closely than OR
        ("(late OR rain) awful", ["rain"]),
        ("text:rain*", ["rain", "rainy"]),
        ('text:"rain"', ["rain"]),
        ('"heavy rain"', ["rain"]),
        ("“heavy rain again”", ["rain"]),
        ('"rain heavy"', []),
        ("author:ann", ["train", "rain"]),
        ("author:(ann OR man)", ["train", "rain", "rainy"]),
        ('author:"rain man"', ["rainy"]),
        ("AUTHOR:ann -id:train", ["rain"]),
        ("-author:ann text:rain", ["rainy"]),  # a post without an author is not left out by -author
        ("-author:ann 100%", ["signs"]),
        ("cafe", ["rainy", "nfd", "plain"]),
        ("café", ["rainy", "nfd"]),
        ("cafe\u0301", ["rainy", "nfd"]),
        ('"cafe"', ["rainy", "nfd", "plain"]),
        ("schon", ["german"]),
        ("schön", ["german"]),
        ("STRASSE", []),
        ("雨", ["japanese"]),
        ('"雨"', ["japanese"]),
        ("雨*", ["japanese"]),
        ("ฝน -雨", ["thai"]),
        ('"ฝนตก"', ["thai"]),
        ("❤", ["emoji"]),
        ("❤️", ["emoji"]),
        ("👍", ["emoji"]),
        ("-👍 good", []),
        ("don't", ["emoji"]),
        ('":)"', ["emoji"]),
        ('"(really)"', ["signs"]),
        ("(really)", ["signs"]),
        ("a-b", ["signs"]),
        ('"-5"', ["signs"]),
        ("--", ["signs"]),
        ("$posts", ["signs"]),
        ("'; DROP", ["signs"]),
        ("%", ["signs"]),
        ("_", []),
        ("*", []),
        ("or and", []),  # operators are in capitals
        ("is and", []),
        ("https:", []),  # only known fields are fields
        ("12:30", []),
    ],
)
def test_a_search_finds(texts: Batch, search: str, found: list[str]) -> None:
    assert ids(texts, Filters(search=search)) == found


@pytest.mark.parametrize(
    ("search", "problem"),
    [
        ('"heavy rain', "quotation mark that is not closed, before “heavy rain”"),
        ('rain "', "quotation mark that is not closed"),
        ('""', "nothing between two quotation marks"),
        ("(rain OR snow", "opening parenthesis that is not closed"),
        ("rain (", "opening parenthesis that is not closed"),
        ("rain)", "closing parenthesis without an opening one"),
        (":)", "closing parenthesis without an opening one"),
        (")", "closing parenthesis without an opening one"),
        ("()", "nothing between parentheses"),
        ("rain OR", "nothing after OR"),
        ("AND rain", "nothing before AND"),
        ("rain OR OR snow", "nothing after OR"),
        ("(rain NOT)", "nothing after NOT"),
        ("NOT", "nothing after NOT"),
        ("author:", "nothing after “author:”"),
        ("author: ann", "nothing after “author:”"),
        ("x" * 1_001, "1,001 characters; the limit is 1,000"),
        ("x " * 31, "31 words and phrases; the limit is 30"),
        ("(" * 30 + "x" + ")" * 30, "more than 20 levels"),
        ("NOT " * 100 + "x", "more than 20 levels"),
        ("\ud800", "not valid Unicode"),
    ],
)
def test_a_malformed_search_is_an_error_that_says_what_is_wrong(
    texts: Batch, search: str, problem: str
) -> None:
    with pytest.raises(SearchError) as error:
        ids(texts, Filters(search=search))
    assert problem in str(error.value)
    assert query.count_matching_posts(texts) == len(TEXTS)  # other queries still work


@pytest.mark.parametrize(
    ("search", "text"),
    [
        ("\u8516", "\U0002f9aa"),  # a Han character for compatibility and its usual form
        ("\u03c9", "\u2126"),  # omega and the Ohm sign
        ("\u0915\u093c", "\u0958"),  # a letter of Hindi that is one character or two
        ("\ufb2a", "\u05e9\u05c1"),  # a letter of Hebrew
        (";", "\u037e"),
    ],
)
def test_equal_characters_are_found_however_they_are_encoded(tmp_path: Path, search: str, text: str) -> None:
    posts = [{"post_id": name, "text": f"a{each}b"} for name, each in (("typed", search), ("other", text))]
    batch = new_batch(tmp_path, post_frame(posts))
    for each in (search, text):
        assert ids(batch, Filters(search=f"A{each}B")) == ["typed", "other"]


CHARS = st.sampled_from("aàAeé\u0301ßıİkK雨ฝ👍\ufe0f_1 \"()-*:%\\$'’\n\x00")
WORDS = st.sampled_from(["a", "ee", "author:", "AND", "OR", "NOT", "-", "(", ")", '"', "*", "雨", "é", " "])


@pytest.mark.slow
@given(st.text(max_size=40) | st.lists(WORDS, max_size=12).map(" ".join) | st.text(CHARS, max_size=12))
@settings(max_examples=300, deadline=None)
def test_any_search_is_parsed_or_gives_a_hint(search: str) -> None:
    with suppress(SearchError):
        assert parse_search(search, Settings())


def is_match(node: Node, text: str) -> bool:
    """Evaluate a search over a text in plain Python, character by character."""
    if isinstance(node, Not):
        return not is_match(node.part, text)
    if isinstance(node, And | Or):
        return (all if isinstance(node, And) else any)(is_match(part, text) for part in node.parts)
    return any(ends for place in range(len(text) + 1) if (ends := match_at(node, text, place)))


def match_at(term: Term, text: str, place: int) -> bool:
    if term.kind != "word" and joins(text, place):
        return False
    for char in term.text:
        if place >= len(text) or not equals(char, text[place]):
            return False
        place += 1
    return term.kind != "phrase" or not joins(text, place)


def joins(text: str, place: int) -> bool:
    """Whether the characters before and after a place belong to one word."""
    around = text[place - 1 : place + 1] if place else ""
    return len(around) == 2 and all(each in "aáAkK\u212aeéÉ_1" for each in around)


def equals(typed: str, char: str) -> bool:
    same = {"a": "aáA", "k": "kK\u212a", "e": "eéÉ", "é": "éÉ"}
    return char in same.get(typed, typed)


TERMS = st.builds(
    Term, st.text("aeké雨👍_1%", min_size=1, max_size=2), st.sampled_from(["word", "prefix", "phrase"])
)
NODES = st.recursive(
    TERMS,
    lambda node: (
        node.map(Not)
        | st.lists(node, min_size=2, max_size=3).map(lambda parts: And(tuple(parts)))
        | st.lists(node, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts)))
    ),
    max_leaves=5,
)


def write(node: Node) -> str:
    """Write a search with all parentheses."""
    if isinstance(node, Not):
        return f"NOT {write(node.part)}"
    if isinstance(node, Term):
        kinds = {"word": "text:{}", "prefix": "text:{}*", "phrase": 'text:"{}"'}
        return kinds[node.kind].format(node.text)
    return f"({(' AND ' if isinstance(node, And) else ' OR ').join(map(write, node.parts))})"


@pytest.fixture(scope="module")
def random_texts(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    chars = "aáAkK\u212aeéÉ雨👍_1% \n"
    texts = [chars[i % 15] + chars[i // 15 % 15] + chars[i * 7 % 15] + chars[i * 11 % 13] for i in range(600)]
    posts = [{"post_id": f"p{number}", "text": text} for number, text in enumerate(texts)]
    return new_batch(tmp_path_factory.mktemp("random"), post_frame(posts))


@pytest.mark.slow
@given(NODES)
@example(Not(Not(Term("雨", "phrase"))))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_search_agrees_with_an_evaluation_in_python(random_texts: Batch, node: Node) -> None:
    posts = random_texts.posts()
    expected = [post.post_id for post in posts.itertuples() if is_match(node, post.text)]
    found = Filters(search=write(node))
    assert query.count_matching_posts(random_texts, found) == len(expected)
    assert ids(random_texts, found)[:100] == expected[:100]


@pytest.mark.parametrize(
    "word", ["rain", "雨", "-5", "OR", ":)", "author:ann", "rain*", 'say "hi"', '"', "a b"]
)
def test_a_quoted_word_is_searched_for_as_it_is(word: str) -> None:
    node = parse_search(quote_search(word), Settings()) if word != '"' else None
    expected = word.replace('"', " ").strip()
    assert node is None or node == Term(expected, "word" if word in ("rain", "雨") else "phrase")


@pytest.mark.slow
def test_the_longest_words_are_searched_for(tmp_path: Path) -> None:
    batch = new_batch(tmp_path, post_frame([{"post_id": "long", "text": "é" * 2_000}]))
    assert ids(batch, Filters(search="e" * 1_000)) == ["long"]
    assert ids(batch, Filters(search="é" * 1_000)) == ["long"]
    assert ids(batch, Filters(search='"' + "e" * 998 + '"')) == []
