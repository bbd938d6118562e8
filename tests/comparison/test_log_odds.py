"""Typical words: z-scores equal those of the published equations, computed word by word."""

from __future__ import annotations

from math import log, sqrt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.comparison import TypicalWord, filter_word, find_typical_words
from analysis.comparison.log_odds import compute_log_odds
from analysis.posts import post_frame
from analysis.query import (
    EVERY_POST,
    Filters,
    Segment,
    count_matching_posts,
    count_segment_words,
    find_members,
)
from tests.scored import new_batch, score

INSIDE = {"rain": 30, "the": 100, "sun": 2}
OUTSIDE = {"rain": 5, "the": 95, "sun": 25}


def z_of(word: str) -> float:
    """Equations 16, 20 and 22 of Monroe, Colaresi & Quinn (2008), with all counts together as the prior."""
    prior = {each: INSIDE[each] + OUTSIDE[each] for each in INSIDE}
    a, a0 = prior[word], sum(prior.values())
    y, n = INSIDE[word], sum(INSIDE.values())
    other, others = OUTSIDE[word], sum(OUTSIDE.values())
    delta = log((y + a) / (n + a0 - y - a)) - log((other + a) / (others + a0 - other - a))
    return delta / sqrt(1 / (y + a) + 1 / (other + a))


def test_scores_are_those_of_the_equations() -> None:
    counts = [np.array([each[word] for word in INSIDE], float) for each in (INSIDE, OUTSIDE)]
    scores = compute_log_odds(*counts, counts[0] + counts[1])
    assert scores.tolist() == pytest.approx([z_of(word) for word in INSIDE])


def test_words_of_each_segment_are_listed_and_words_of_all_are_not() -> None:
    rows = [(word, 1, posts) for word, posts in INSIDE.items()] + [
        (word, 2, posts) for word, posts in OUTSIDE.items()
    ]
    table = pd.DataFrame(rows, columns=["key", "members", "posts"])
    table["title"] = table["key"].str.upper()
    table["kind"] = "words"
    first, second = find_typical_words(table, 2, 10)
    assert [(word.key, word.title, word.posts) for word in first] == [("rain", "RAIN", 30)]
    assert first[0].z == pytest.approx(z_of("rain"))
    assert [word.key for word in second] == ["sun"]


def test_posts_of_both_segments_count_in_both_and_not_as_others() -> None:
    rows = [("both", 3, 40), ("first", 1, 40), ("second", 2, 40)]
    table = pd.DataFrame(rows, columns=["key", "members", "posts"]).assign(title="x", kind="words")
    first, second = find_typical_words(table, 2, 10)
    assert {word.key: word.posts for word in first} == {"first": 40, "both": 40}
    assert {word.key: word.posts for word in second} == {"second": 40, "both": 40}


def test_without_posts_outside_a_segment_no_word_is_typical() -> None:
    table = pd.DataFrame({"key": ["a"], "members": [3], "posts": [9], "title": ["a"], "kind": ["words"]})
    assert find_typical_words(table, 2, 10) == [[], []]
    assert find_typical_words(table.iloc[:0], 2, 10) == [[], []]


def test_the_most_typical_words_and_emoji_are_listed_each() -> None:
    words = [(f"w{number}", 1, 100 + number, "words") for number in range(5)]
    rows = [*words, ("😂", 1, 40, "emoji"), ("other", 2, 600, "words")]
    table = pd.DataFrame(rows, columns=["key", "members", "posts", "kind"]).assign(title="x")
    first, _ = find_typical_words(table, 2, 2)
    assert [word.key for word in first] == ["w4", "w3", "😂"]


def test_a_typical_word_opens_the_posts_of_its_segment_that_have_it() -> None:
    word, tag = (TypicalWord(kind, "rain", "Rain", 3, 9.0) for kind in ("words", "hashtags"))
    searched = Filters(search="a OR b")
    assert filter_word(searched, word) == Filters(search="a OR b", words=("rain",))
    assert filter_word(searched, tag) == Filters(search="a OR b", hashtags=("rain",))
    of_rain, of_sun = Filters(words=("rain",)), Filters(words=("sun",))
    assert filter_word(of_rain, word) == of_rain
    assert filter_word(of_sun, word) == of_sun.replace(search='text:"rain"')
    assert filter_word(of_sun.replace(search="a OR b"), word).search == '(a OR b) text:"rain"'


def test_a_word_that_is_also_a_hashtag_is_counted_once_and_opens_as_many_posts(tmp_path: Path) -> None:
    texts = [
        *["#Rain"] * 4,
        *["rain"] * 2,
        *["sun's", "#sun", "SUN"] * 2,
        *["the 21st st", "the 30th. It’s ours", "nothing"] * 2,
    ]
    batch = score(
        new_batch(tmp_path, post_frame([{"post_id": f"p{n}", "text": t} for n, t in enumerate(texts)]))
    )
    segments = [Segment("all", batch, EVERY_POST), Segment("none", batch, Filters(search="nothing"))]
    table = count_segment_words(find_members(segments), 1000).table
    found = {(row.kind, row.key): row.posts for row in table.itertuples() if row.kind != "emoji"}
    assert found == {("hashtags", "rain"): 4, ("words", "sun"): 6}
    for (kind, key), posts in found.items():
        assert count_matching_posts(batch, Filters(**{kind: (key,)})) == posts
