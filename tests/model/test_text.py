from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.model.text import clean_text


def words_of(text: str) -> list[str]:
    return [text[word.start : word.end] for word in clean_text(text).words]


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("@ann said {@Coach Satterfield@} won", "@user said Coach Satterfield won"),
        ("{{USERNAME}} see {{URL}}", "@user see http"),
        ("look https://t.co/abc?d=1 now", "look http now"),
        ("love it 😍😍", "love it smiling face with heart-eyes smiling face with heart-eyes"),
        ("Tom &amp; Jerry", "Tom & Jerry"),
        ("  two\n\nlines\t", "two lines"),
        ("mail a@b.com", "mail a@b.com"),
        ("", ""),
    ],
)
def test_text_is_brought_to_the_form_the_encoder_reads(text: str, clean: str) -> None:
    assert clean_text(text).clean == clean


def test_hashtags_names_links_and_emoji_are_one_word_each() -> None:
    text = "So #happy! @ann 👩‍👩‍👧 don't http://x.org/y"
    assert words_of(text) == ["So", "#happy", "!", "@ann", "👩‍👩‍👧", "don't", "http://x.org/y"]


def test_emoji_do_not_melt_into_their_neighbours() -> None:
    assert clean_text("good❤️day").clean == "good red heart day"


def test_text_of_white_space_codes_only_still_has_a_word() -> None:
    assert words_of("&nbsp;") == ["&nbsp;"]


@given(st.text())
def test_words_lie_in_order_in_both_texts_and_cover_every_letter(text: str) -> None:
    cleaned = clean_text(text)
    places = [(word.start, word.end, word.clean_start, word.clean_end) for word in cleaned.words]
    for before, after in pairwise(places):
        assert before[1] <= after[0]
        assert before[3] <= after[2]
    assert all(0 <= place[2] < place[3] <= len(cleaned.clean) for place in places)
    covered = "".join(text[place[0] : place[1]] for place in places)
    if not any(mark in text for mark in ("&", "{")):
        assert [sign for sign in covered if sign.isalnum()] == [sign for sign in text if sign.isalnum()]


@given(st.text())
def test_a_piece_of_the_clean_text_is_found_in_its_word(text: str) -> None:
    cleaned = clean_text(text)
    for number, word in enumerate(cleaned.words):
        assert cleaned.word_of_piece(word.clean_start, word.clean_end) == number
    assert cleaned.word_of_piece(0, 0) is None
