"""The language of a post: named only if recognized, and never from users, links, tags or emoji."""

from __future__ import annotations

import pytest

from analysis.columns import LANGUAGES
from analysis.model.language import detect_languages
from analysis.model.text import extract_language_text

POSTS = {
    "en": "What a lovely evening with all of you, thank you so much for coming!",
    "es": "@ana me encanta Roma y la comida de aquí 😍 #viajes https://t.co/x",
    "de": "Heute war der Zug schon wieder zwanzig Minuten zu spät, danke dafür",
    "pt": "Não acredito que o jogo já acabou, que noite incrível com vocês",
    "hi": "नमस्ते दुनिया आज बहुत अच्छा है",
    "ja": "これは本当に素晴らしい一日でした",
    "ar": "هذا يوم جميل جدا مع الأصدقاء",
}


def test_languages_are_recognized() -> None:
    assert detect_languages(list(POSTS.values()), likely=0.7) == list(POSTS)


@pytest.mark.parametrize(
    "text", ["", "  ", "ok", "lol", "😍😍", "@user http", "https://example.org/la-casa", "12:30"]
)
def test_an_unrecognized_language_is_not_named(text: str) -> None:
    assert detect_languages([text], likely=0.7) == [None]


def test_plain_text_keeps_only_what_was_written_in_a_language() -> None:
    assert (
        extract_language_text("RT @ana: {{URL}} {@Roma@} #viajes &amp; más 😍 www.x.org\nhttp")
        == "RT : Roma viajes & más"
    )
    assert extract_language_text("नमस्ते") == "नमस्ते"


def test_languages_of_a_bundle_are_recognized_and_unknown_codes_ignored() -> None:
    welsh = "Mae hi'n bwrw glaw eto heddiw ac mae'r bws yn hwyr unwaith eto"
    assert "cy" not in LANGUAGES
    assert detect_languages([welsh], likely=0.7, also=("cy", "xx")) == ["cy"]


def test_the_model_of_languages_is_loaded_once_for_all_sets_of_languages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert detect_languages([POSTS["de"]], likely=0.7) == ["de"]
    monkeypatch.setattr(
        "py3langid.langid.LanguageIdentifier.from_model_file", lambda *_, **__: pytest.fail("again")
    )
    rare = "Wer dat net gleeft, soll emol op Lëtzebuerg kommen an et selwer kucken"
    assert detect_languages([rare], likely=0.7, also=["lb"]) == ["lb"]
    assert detect_languages([rare, POSTS["es"]], likely=0.7)[1] == "es"
    assert detect_languages([rare], likely=0.7)[0] != "lb"
