from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.attribution import Output, encode_post, explain_post
from analysis.attribution.what_if import remove_words
from analysis.bench.texts import HOSTILE
from analysis.model.bundle import Bundle
from analysis.model.encoding import batch_token_ids, encode_texts
from analysis.model.language import detect_languages
from analysis.model.text import READ_WORDS, extract_language_text, preprocess_text
from analysis.scoring.copies import compute_text_copy_key
from analysis.settings import Settings

CHARS = Settings().max_text_chars


def words_of(text: str) -> list[str]:
    return [text[word.start : word.end] for word in preprocess_text(text).words]


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
def test_text_is_normalized_for_the_encoder(text: str, clean: str) -> None:
    assert preprocess_text(text).clean == clean


def test_hashtags_names_links_and_emoji_are_one_word_each() -> None:
    text = "So #happy! @ann 👩‍👩‍👧 don't http://x.org/y"
    assert words_of(text) == ["So", "#happy", "!", "@ann", "👩‍👩‍👧", "don't", "http://x.org/y"]


def test_adjacent_emoji_and_words_are_separated() -> None:
    assert preprocess_text("good❤️day").clean == "good red heart day"


def test_text_of_white_space_codes_only_still_has_a_word() -> None:
    assert words_of("&nbsp;") == ["&nbsp;"]


@given(st.text())
def test_word_positions_are_ordered_and_cover_every_letter(text: str) -> None:
    cleaned = preprocess_text(text)
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
    cleaned = preprocess_text(text)
    for number, word in enumerate(cleaned.words):
        assert cleaned.word_of_piece(word.clean_start, word.clean_end) == number
    assert cleaned.word_of_piece(0, 0) is None


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
def test_a_long_text_of_anything_is_read_without_delay(piece: str) -> None:
    text = (piece * CHARS)[: CHARS - 5] + " good"
    cleaned = preprocess_text(text)
    assert 0 < len(cleaned.words) <= READ_WORDS
    assert cleaned.clean.strip()
    assert all(0 <= word.start < word.end <= len(text) for word in cleaned.words)
    assert [word.end for word in cleaned.words] == sorted(word.end for word in cleaned.words)
    assert len(extract_language_text(text)) <= CHARS
    assert len(detect_languages([text], likely=0.7)) == 1
    assert compute_text_copy_key(text, images=True)


@pytest.mark.parametrize("blank", [" ", "\n", "\u00a0", "&nbsp;"])
def test_a_word_after_much_white_space_is_found(blank: str) -> None:
    assert preprocess_text(blank * 1_000 + "good").clean == "good"
    assert preprocess_text(blank * 10_000 + "good").words


def test_unclosed_html_entities_are_read_as_written() -> None:
    assert words_of("{@Ann {@Coach Lee@} won @}") == ["{", "@Ann", "{@Coach Lee@}", "won", "@", "}"]
    assert words_of("{@@}") == ["{", "@", "@", "}"]
    assert words_of("{@a\nb@}") == ["{", "@a", "b", "@", "}"]


def test_more_words_than_any_encoder_reads_change_nothing(tiny_bundle: Bundle) -> None:
    longest = Settings().max_encoder_tokens
    assert longest < READ_WORDS
    text = "good bad awful lovely " * 1_000
    cleaned = preprocess_text(text)
    assert len(cleaned.words) == READ_WORDS
    tokens = tiny_bundle.tokenizer([cleaned.clean, text], truncation=True, max_length=longest)["input_ids"]
    assert len(tokens[0]) == longest
    assert tokens[0] == tokens[1]
    whole, start = encode_texts(tiny_bundle, [text, text[:400]])
    assert whole.equal(start)
    assert list(batch_token_ids(tiny_bundle, [cleaned.clean], 1))


def test_words_that_are_not_read_are_not_listed(tiny_bundle: Bundle) -> None:
    text = "good bad awful lovely " * 1_000
    ledger = explain_post(tiny_bundle, encode_post(tiny_bundle, text, []), Output("sentiment", "positive"))
    assert [word.text for word in ledger.words[:4]] == ["good", "bad", "awful", "lovely"]
    assert len(ledger.words) == tiny_bundle.config.encoders["text"].max_tokens - 2
    assert remove_words(preprocess_text(text), [0]).startswith(" bad awful")
    assert remove_words(preprocess_text(text), [0]).endswith("lovely ")


def test_a_long_run_of_emoji_is_read_emoji_by_emoji() -> None:
    each = ["😂", "👩‍👩‍👧", "👍🏽", "🇬🇧", "1️⃣", "❤️", "©"]
    text = "".join(each * 30)
    assert words_of(text) == each * 30
    assert extract_language_text(f"so {text} good") == "so good"


def test_near_copies_are_compared_by_their_full_text() -> None:
    text = "a good day " * 5_000
    assert compute_text_copy_key(text + "one") != compute_text_copy_key(text + "two")
