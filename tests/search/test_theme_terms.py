"""Terms of posts, and the names of themes that are made of them."""

from __future__ import annotations

import unicodedata

import numpy as np
import pandas as pd
import pytest

from analysis.search.theme_terms import (
    choose_different,
    choose_names,
    find_themes_of_one_author,
    find_typical_terms,
    split_posts,
    split_terms,
)


def test_terms_are_words_hashtags_and_emoji_of_any_language() -> None:
    text = (
        "@ann {{USERNAME}} The CAFÉ's #Latte ☕ at https://a.example/x bit.ly/y {@Some Team@} is 12 big_ann"
    )
    assert split_terms(text) == ["the", "café", "#latte", "☕"]
    assert split_terms("電車が") == ["電車", "車が"]
    decomposed = unicodedata.normalize("NFD", "Amélie #München")
    assert split_terms(decomposed) == ["amélie", "#münchen"]


def test_stop_words_of_the_language_and_words_of_chats_are_left_out() -> None:
    assert split_terms("RT the coffee &amp; and lol hahaha don't dont", ("en",)) == ["coffee"]
    assert split_terms("der Kaffee und the war", ("de",)) == ["kaffee", "the"]
    assert split_terms("que l'espresso est très bon", ("fr",)) == ["espresso"]
    assert split_terms("und que", ("zz",)) == ["und", "que"]


def test_names_are_different() -> None:
    names = choose_names([["music", "band", "gig", "song"], ["music", "band", "gig"], []], [False] * 3)
    assert names == ["music · band · gig", "music · band · gig (2)", "Posts without common words"]


@pytest.mark.slow
def test_a_theme_of_one_author_is_named_by_what_the_author_says() -> None:
    pytest.importorskip("bertopic")
    texts = ["win a voucher", "voucher prize draw", "last voucher draw", "rain today", "rain again"]
    posts = posts_of(texts, ["pat", "pat", "pat", "ann", None], ["en"] * 5)
    themes = np.array([0, 0, 0, 1, 1])
    terms = find_terms(posts, themes, 2, 3)
    is_of_one = find_themes_of_one_author(posts["author"], themes, 2)
    assert is_of_one == [True, False]
    assert terms[0][:2] == ["voucher", "draw"]
    assert choose_names(terms, is_of_one)[0].endswith(" (one author)")
    assert find_themes_of_one_author(pd.Series([None, None]), np.array([0, 0]), 1) == [False]


def test_terms_are_not_forms_of_earlier_ones() -> None:
    assert choose_different(["music", "#music", "musical", "band", "bandwagon", "gig"], 4) == [
        "music", "band", "bandwagon", "gig",
    ]  # fmt: skip


def posts_of(texts: list[str], authors: list[str | None], languages: list[str | None]) -> pd.DataFrame:
    return pd.DataFrame({"text": texts, "author": authors, "language": languages}, dtype=object)


def find_terms(posts: pd.DataFrame, themes: np.ndarray, n_themes: int, most: int) -> list[list[str]]:
    return find_typical_terms(split_posts(posts), posts["author"], themes, n_themes, most)


@pytest.mark.slow
def test_a_repeated_post_and_a_busy_author_do_not_name_a_theme() -> None:
    pytest.importorskip("bertopic")
    texts = [f"espresso beans {word}" for word in ("dark", "fresh", "cheap")]
    texts += ["buy crypto now"] * 20 + [f"crypto coins {number}x" for number in range(20)]
    authors = ["ann", "ben", "cem", *[f"bot{number}" for number in range(20)], *["dan"] * 20]
    others = [f"rain day {word}" for word in ("wet", "grey", "cold")]
    posts = posts_of([*texts, *others], [*authors, "eve", "fay", "gus"], ["en"] * (len(texts) + 3))
    themes = np.array([0] * len(texts) + [1] * 3)
    first, second = find_terms(posts, themes, 2, 10)
    assert set(first[:2]) == {"espresso", "beans"}
    assert set(second) == {"rain", "day"}


def test_terms_have_no_stop_words_of_the_main_language_or_of_the_post() -> None:
    pytest.importorskip("bertopic")
    texts = [
        "the coffee machine",
        "the coffee is cold",
        "der Kaffee und die Tasse",
        "the Kaffee und Kuchen",
        "the und coffee",
    ]
    posts = posts_of(texts, [None] * 5, ["en", "en", "de", "de", None])
    assert sorted(find_terms(posts, np.zeros(5, int), 1, 10)[0]) == ["coffee", "kaffee"]


def test_a_batch_of_pictures_has_themes_without_terms() -> None:
    pytest.importorskip("bertopic")
    posts = posts_of(["", ""], [None, None], [None, None])
    assert find_terms(posts, np.array([0, 0]), 1, 10) == [[]]
