"""Words and names of posts: what counts as one, and that a row opens exactly the posts that it counts."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from analysis import query
from analysis.posts import post_frame
from analysis.query import EVERY_POST, Filters, capitals, find_value_rows
from analysis.workspace import Batch
from tests.query.compared import ids
from tests.scored import new_batch, score

BRAND = (
    "I got a Nordic Bean coffee today, it was fine",
    "we went to NORDIC BEAN again",
    "why is nordic bean closed",
    "the new Nordic Bean's menu is long",
    "you should try Nordic Bean on the way",
    "a bean and another bean",
)


def frame(*texts: str, language: str | None = None) -> pd.DataFrame:
    rows = [{"post_id": f"p{row}", "text": text} for row, text in enumerate(texts)]
    return post_frame(rows).assign(language=language)


def posts_by_title(column: str, *texts: str, language: str | None = None) -> dict[str, list[int]]:
    rows = find_value_rows(frame(*texts, language=language), column)
    return {str(title): each["position"].tolist() for title, each in rows.groupby("title")}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the Acme shop and THE acme shop", {"acme", "shop"}),
        ("#acme, acme's, ACME’s, l’acme; @acme acme@host.org https://acme.example", {"acme"}),
        ("don't, DON’T, it's, 12, &amp; rt lol hahaha", set()),
        ("Straße cafe\u0301 cafés x", {"straße", "café", "cafés"}),
        ("東京タワーへ", {"東京", "タワー"}),
        ("7groves 5pm 12:30pm 3,000km 2019-20 trakk42 #7groves", {"7groves", "trakk42"}),
        ("red\ntree\tlake\u00a0rain", {"red", "tree", "lake", "rain"}),
        ("", set()),
    ],
)
def test_words(text: str, expected: set[str]) -> None:
    assert set(find_value_rows(frame(text), "words")["key"]) == expected


def test_a_word_is_shown_in_its_most_frequent_spelling() -> None:
    assert posts_by_title("words", "acme", "Acme", "Acme", "#ACME")["Acme"] == [0, 1, 2, 3]


def test_stop_words_are_those_of_the_languages_of_the_posts() -> None:
    texts = ("und nicht Regen", "the rain")
    assert {"und", "nicht"} <= set(find_value_rows(frame(*texts, language="en"), "words")["key"])
    assert not {"und", "nicht", "the"} & set(find_value_rows(frame(*texts, language="de"), "words")["key"])


def test_a_stop_word_that_is_written_like_a_name_counts() -> None:
    texts = [f"they use Microsoft on {number} computers" for number in ("two", "ten", "six")]
    assert posts_by_title("words", *texts)["Microsoft"] == [0, 1, 2]


def test_a_name_is_written_with_a_capital_inside_sentences() -> None:
    first = [f"Rain again, it is {kind}" for kind in ("bad", "wet", "cold", "late")]
    inside = [f"they say Acme is {kind}" for kind in ("bad", "good", "late")]
    loud = [f"THIS STORM IS {kind} NEWS" for kind in ("BAD", "GOOD", "LATE")]
    assert posts_by_title("names", *first, *inside, *loud, "acme, no", "buy #acme") == {
        "Acme": [4, 5, 6, 10, 11]
    }


def test_a_word_that_is_mostly_written_without_a_capital_is_no_name() -> None:
    texts = ["we love Rain a lot", "is it the Rain again", "all this Rain at once"]
    assert posts_by_title("names", *texts, *["more rain for us"] * 2) == {"Rain": [0, 1, 2, 3, 4]}
    assert posts_by_title("names", *texts, *["More rain for us"] * 3) == {}


def test_a_name_may_have_its_capital_inside() -> None:
    texts = [f"{name} is back in the shop" for name in ("iKodo", "iKodo", "ikodo", "iKodo")]
    assert posts_by_title("names", *texts) == {"iKodo": [0, 1, 2, 3]}


def test_posts_without_capitals_do_not_say_what_is_a_name() -> None:
    texts = [f"they say Acme is {kind}" for kind in ("bad", "good", "late")]
    assert posts_by_title("names", *texts, *["why is acme closed"] * 9)["Acme"] == list(range(12))


@pytest.mark.parametrize(
    "texts",
    [
        ("we had 7Groves again", "I like 7Groves", "7Groves is late", "Why is 7groves late"),
        ("we had Trakk42 again", "I like TRAKK42", "So, Trakk42 is late", "Why is trakk42 late"),
        ("Купил «Кваркино» и чай", "Это «Кваркино» опять тут", "Мы любим Кваркино", "Где кваркино"),
    ],
)
def test_names_may_have_digits_or_quotation_marks(texts: tuple[str, ...]) -> None:
    assert list(posts_by_title("names", *texts).values()) == [[0, 1, 2, 3]]


def test_numbers_with_a_unit_are_no_names() -> None:
    assert posts_by_title("names", *["I ran the 5K at 10AM with 4G"] * 4) == {}


def test_a_hashtag_of_the_words_of_a_name_counts_for_the_name() -> None:
    tagged = ("love #NordicBean", "my NordicBean cup", "see #nordicbean, #NordicBeans")
    assert posts_by_title("names", *BRAND, *tagged) == {"Nordic Bean": [0, 1, 2, 3, 4, 6, 7, 8]}


@pytest.mark.slow
def test_a_name_of_several_words_takes_the_place_of_its_words_and_counts_in_any_case() -> None:
    assert posts_by_title("names", *BRAND) == {"Nordic Bean": [0, 1, 2, 3, 4]}
    assert "Nordic Bean" not in posts_by_title("names", *BRAND, *["at the nordic bean, you know"] * 3)


@pytest.mark.parametrize("name", ["Coca-Cola", "Johnson & Johnson", "Владимир Иванов", "Le Café"])
def test_names_of_several_words_may_be_joined_by_signs(name: str) -> None:
    texts = [f"there is {name} on the table, {number} of them" for number in ("two", "six", "ten")]
    assert name in posts_by_title("names", *texts, "nothing here")


@pytest.mark.slow
def test_german_nouns_are_no_names_but_words_with_other_capitals_are() -> None:
    texts = [f"wir haben {what} mit dem BMW und dem Regen" for what in ("heute", "gestern", "morgen")]
    assert set(posts_by_title("names", *texts, language="de")) == {"BMW"}
    assert set(posts_by_title("names", *texts, language="nl")) == {"BMW", "Regen"}


def test_days_and_months_are_no_names() -> None:
    assert (
        posts_by_title("names", *[f"see you on Monday in June, {who}" for who in ("ann", "bob", "eve")]) == {}
    )


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    folder: Path = tmp_path_factory.mktemp("words")
    return score(new_batch(folder, frame(*BRAND, *BRAND, "love #NordicBean"), part_posts=5))


@pytest.mark.slow
@pytest.mark.parametrize("column", ["words", "names"])
def test_a_row_counts_the_posts_that_its_filter_selects(batch: Batch, column: str) -> None:
    found = query.count_values(batch, EVERY_POST, column)
    assert not found.table.empty
    for row in found.table.itertuples():
        assert len(ids(batch, Filters(**{column: (row.key,)}))) == row.posts


def test_a_batch_has_the_names_that_its_posts_have_in_memory(batch: Batch) -> None:
    table = query.count_values(batch, EVERY_POST, "names").table
    assert dict(zip(table["title"], table["posts"], strict=True)) == {"Nordic Bean": 11}


@pytest.mark.slow
def test_names_that_are_found_in_a_sample_are_counted_in_all_posts(tmp_path: Path) -> None:
    texts = [f"we had {name} again" for name in ("Acme", "Nordic Bean", "Acme", "acme") * 40]
    table = query.count_values(
        score(new_batch(tmp_path, frame(*texts), named_texts=30)), EVERY_POST, "names", order="title"
    ).table
    assert dict(zip(table["title"], table["posts"], strict=True)) == {"Nordic Bean": 40, "Acme": 120}


def test_a_name_is_also_counted_in_longer_names() -> None:
    texts = [f"they love {city} a lot" for city in (*["New York"] * 4, *["New York City"] * 4)]
    assert posts_by_title("names", *texts) == {
        "New York": [0, 1, 2, 3, 4, 5, 6, 7],
        "New York City": [4, 5, 6, 7],
    }


@pytest.mark.parametrize(
    "typed", ["nordic bean", "Nordic  Bean", "NORDIC-BEAN", "Nordic Bean’s", "#NordicBean"]
)
def test_a_name_can_be_typed_in_any_form(batch: Batch, typed: str) -> None:
    assert len(ids(batch, Filters(names=(typed,)))) == 11


def test_words_of_unscored_posts_can_be_filtered(tmp_path: Path) -> None:
    assert ids(new_batch(tmp_path, frame(*BRAND)), Filters(words=("#menu",))) == ["p3"]


def test_equally_frequent_names_of_several_words_are_chosen_by_the_alphabet(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(capitals, "_MAX_PHRASES", 1)
    runs = [("Silver Oak", 3), ("Copper Lane", 3)]
    assert capitals._choose_phrases(runs) == capitals._choose_phrases(runs[::-1]) == ["copper lane"]


def test_hostile_texts_take_no_longer_than_others() -> None:
    texts = [
        unit * 25_000
        for unit in ("a", "1", "1a", "1.1a", "A ", "Aa ", "a Bb ", "'a", "a'", "#a", "! ", "東", "A&", "a-A-")
    ]
    assert find_value_rows(frame(*texts), "names") is not None
