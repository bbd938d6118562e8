"""Encodings: byte order marks and UTF-8 first, then legacy encodings that are certain, then cp1252."""

from __future__ import annotations

import time

import pytest

from analysis.importers.decoding import decode

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
    assert decode(table.encode("cp1252")) == (table, "cp1252")


@pytest.mark.parametrize(("codec", "texts"), OTHER_SCRIPTS)
def test_legacy_encodings_of_other_scripts_are_recognised_and_marked_as_guessed(
    codec: str, texts: list[str]
) -> None:
    table = "id,text\n" + "".join(f"{row},{text}\n" for row, text in enumerate(texts * 10))
    assert decode(table.encode(codec)) == (table, f"{codec}, guessed")


def test_a_large_file_with_late_non_ascii_text_is_decoded_quickly() -> None:
    table = "id,text\n" + "1,hello\n" * 1_000_000 + "2,Привет мир как дела сегодня хорошая погода\n" * 20
    start = time.monotonic()
    assert decode(table.encode("cp1251"))[1] == "cp1251, guessed"
    assert time.monotonic() - start < 5
