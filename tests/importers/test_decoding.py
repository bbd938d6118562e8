"""Encodings: byte order marks and UTF-8 first, then legacy encodings that are certain, then cp1252."""

from __future__ import annotations

import time

import pytest

from analysis.importers.decoding import decode_file_text

WESTERN = [
    "Café",
    "naïve résumé",
    "Ça va très bien, à bientôt",
    "ÄÖÜ",
    "ÉTÉ À PARIS",
    "São João",
    "“quoted” – text…",
    "it’s",
    "10 €",
    "£20",
    "50°C",
    "© 2020 ACME®",
    "«Bonjour»",
    "É",
    "ÑÑÑ",
    "ÄÄÄÄÄÄH!!!",
    "Það er gott að búa á Íslandi, þökk sé þér",
    "ÀÉÈÙ ÇA Það er gott að búa á Íslandi, þökk sé þér ÄÄÄÄÄÄH!!! A ação não é só razão, coração e emoção",
]
"""Texts that charset-normalizer alone takes for another encoding, or that are close to one."""

OTHER_SCRIPTS = [
    ("cp1251", ["Привет мир как дела", "Сегодня хорошая погода в Москве", "Я люблю этот город"]),
    ("cp1253", ["Καλημέρα σας", "Σήμερα ο καιρός είναι πολύ καλός"]),
    ("cp1255", ["שלום לכולם", "מזג האוויר יפה היום בעיר"]),
    ("cp1256", ["صباح الخير يا أصدقاء", "الطقس جميل اليوم في المدينة"]),
    (
        "gb18030",
        ["id,text,time", "今日天气真好，出门走走", "这个城市非常美丽，我喜欢这里的人", "今天天气很好"],
    ),
]


@pytest.mark.parametrize("text", WESTERN)
@pytest.mark.parametrize("rows", [1, 5, 50])
def test_western_text_in_cp1252_is_never_taken_for_another_encoding(text: str, rows: int) -> None:
    table = "id,text\n" + "".join(f"{row},{text}\n" for row in range(rows))
    assert decode_file_text(table.encode("cp1252")) == (table, "cp1252")


@pytest.mark.parametrize(("codec", "texts"), OTHER_SCRIPTS)
def test_legacy_encodings_of_other_scripts_are_recognised_and_marked_as_guessed(
    codec: str, texts: list[str]
) -> None:
    table = "id,text\n" + "".join(f"{row},{text}\n" for row, text in enumerate(texts * 10))
    assert decode_file_text(table.encode(codec)) == (table, f"{codec}, guessed")


SHORT = [
    ("cp1251", "Доброе утро"),
    ("cp1251", "Я люблю этот город"),
    ("koi8_r", "Доброе утро всем"),
    ("cp866", "Доброе утро всем"),
    ("cp1253", "Καλημέρα σας"),
    ("cp1256", "صباح الخير"),
    ("mac_roman", "Café “crowded” – never again’s naïve"),
    ("mac_roman", "It’s over"),
    ("cp1250", "Příliš žluťoučký kůň"),
    ("cp1250", "Zażółć gęślą jaźń"),
    ("cp1254", "Günaydın arkadaşlar, nasılsınız"),
    ("gb18030", "早安，今天天气很好"),
    ("big5", "今天天氣很好"),
    ("cp932", "おはようございます"),
    ("euc_jp", "今日は天気がいい"),
    ("cp949", "오늘 날씨가 정말 좋네요"),
]


@pytest.mark.parametrize(("codec", "text"), SHORT)
def test_one_short_line_in_a_legacy_encoding_is_enough(codec: str, text: str) -> None:
    table = f"id,text\n1,{text}\n"
    decoded, encoding = decode_file_text(table.encode(codec))
    assert decoded == table
    assert encoding.endswith(", guessed")


@pytest.mark.parametrize(
    "text", ["L’été à Châlons", "El niño está aquí", "São Paulo não pára", "Ångström", "McDonald’s öffnet"]
)
def test_one_short_western_line_stays_cp1252(text: str) -> None:
    assert decode_file_text(f"id,text\n1,{text}\n".encode("cp1252")) == (f"id,text\n1,{text}\n", "cp1252")


def test_what_is_plausible_in_no_encoding_says_so() -> None:
    text, encoding = decode_file_text("id,text\n1,a¤b¦c¬d¯e¸f¼g½h¾i\n".encode("cp1252"))
    assert "¤" in text
    assert encoding.startswith("cp1252, guessed; if texts look wrong")


def test_a_large_file_with_late_non_ascii_text_is_decoded_quickly() -> None:
    table = "id,text\n" + "1,hello\n" * 1_000_000 + "2,Привет мир как дела сегодня хорошая погода\n" * 20
    start = time.monotonic()
    assert decode_file_text(table.encode("cp1251"))[1] == "cp1251, guessed"
    assert time.monotonic() - start < 5
