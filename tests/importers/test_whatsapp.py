"""Chats of WhatsApp in the forms of several languages."""

from __future__ import annotations

import pytest

from analysis.importers.refused import RefusedError
from analysis.importers.registry import find_importer, is_table_by_content
from analysis.importers.whatsapp import read_chat
from analysis.intake import InputFile, parse_table
from analysis.settings import Settings


def rows(chat: str) -> list[tuple[str, ...]]:
    return [tuple(cells) for cells in read_chat(chat.encode(), Settings()).rows.values()]


def refused(chat: str) -> list[str]:
    return [row.reason for row in read_chat(chat.encode(), Settings()).refused]


@pytest.mark.parametrize(
    "line",
    [
        "[06.08.24, 13:05:09] Anka: Hallo",
        "\u200e[06/08/2024, 13:05:09] Anka: Hallo",
        "[13/8/24, 1:05:09\u202fPM] Anka: Hallo",
        "06/08/24, 13:05 - Anka: Hallo",
        "06/08/2024, 1:05 p. m. - Anka: Hallo",
        "06.08.24, 13:05 - Anka: Hallo",
        "06/08/2024 13:05 - Anka: Hallo",
        "06/08/2024 à 13:05 - Anka: Hallo",
        "06-08-24 13:05 - Anka: Hallo",
        "2024-08-06, 13:05 - Anka: Hallo",
        "2024/8/6 下午1:05 - Anka: Hallo",
    ],
)
def test_a_line_of_any_language_is_a_message(line: str) -> None:
    ((author, time, text, files),) = rows(line)
    assert (author, text, files) == ("Anka", "Hallo", "")
    assert (time[:8], time[11:16]) == ("2024-08-", "13:05")
    assert is_table_by_content(line.encode())


def test_a_message_may_have_several_lines() -> None:
    chat = "06/08/24, 13:05 - Anka: one\r\n\r\ntwo: three\r\n06/08/24, 13:06 - Brock: four\r\n"
    assert [row[2] for row in rows(chat)] == ["one\n\ntwo: three", "four"]


@pytest.mark.parametrize(
    ("dates", "days"),
    [
        (("13/08/24", "14/08/24"), ["2024-08-13", "2024-08-14"]),
        (("08/13/24", "08/14/24"), ["2024-08-13", "2024-08-14"]),
        (("01/02/24", "13/02/24"), ["2024-02-01", "2024-02-13"]),
        (("01/02/24", "02/01/24", "03/01/24"), ["2024-01-02", "2024-02-01", "2024-03-01"]),
        (("01/02/24", "02/02/24", "01/03/24"), ["2024-02-01", "2024-02-02", "2024-03-01"]),
    ],
)
def test_the_order_of_day_and_month_is_settled_over_the_whole_chat(
    dates: tuple[str, ...], days: list[str]
) -> None:
    chat = "\n".join(f"{date}, 13:05 - Anka: hello" for date in dates)
    assert [row[1][:10] for row in rows(chat)] == days


@pytest.mark.parametrize(
    ("said", "file", "text"),
    [
        ("\u200e<attached: 00012-PHOTO.jpg>", "00012-PHOTO.jpg", ""),
        ("Look! \u200e<Anhang: 00012-PHOTO.jpg>", "00012-PHOTO.jpg", "Look!"),
        ("<pièce jointe : 00012-PHOTO.jpg>", "00012-PHOTO.jpg", ""),
        ("IMG-20240806-WA0001.jpg (file attached)\nLook!", "IMG-20240806-WA0001.jpg", "Look!"),
        ("\u200eIMG-20240806-WA0001.jpg (Datei angehängt)", "IMG-20240806-WA0001.jpg", ""),
        ("IMG-20240806-WA0001.jpg (tiedosto liitetty)", "IMG-20240806-WA0001.jpg", ""),
        ("my tram.jpg (archivo adjunto)", "my tram.jpg", ""),
        ("tram.jpg (my photo of it)", "", "tram.jpg (my photo of it)"),
    ],
)
def test_an_attached_file_is_bound_and_not_words(said: str, file: str, text: str) -> None:
    ((_, _, found, files),) = rows(f"06/08/24, 13:05 - Anka: {said}")
    assert (files, found) == (file, text)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("Messages and calls are end-to-end encrypted.", "a WhatsApp system message"),
        ("City Group: \u200eMessages and calls are end-to-end encrypted.", "a WhatsApp system message"),
        ('Anka changed the group name to "City: news"', "a WhatsApp system message"),
        ("Anka: <Media omitted>", "left out of the chat"),
        ("Anka: \u200eBild weggelassen", "left out of the chat"),
        ("Anka: <Multimedia omitido>", "left out of the chat"),
        ("Anka: This message was deleted", "was deleted"),
        ("Anka: \u200eDiese Nachricht wurde gelöscht.", "was deleted"),
    ],
)
def test_what_is_no_message_is_listed(words: str, reason: str) -> None:
    chat = f"06/08/24, 13:05 - {words}\n06/08/24, 13:06 - Anka: hello"
    (found,) = refused(chat)
    assert reason in found
    assert [row[2] for row in rows(chat)] == ["hello"]


def test_the_mark_of_an_edited_message_is_not_words() -> None:
    ((_, _, text, _),) = rows("06/08/24, 13:05 - Anka: hello \u200e<This message was edited>")
    assert text == "hello"


def test_a_date_that_does_not_exist_is_listed() -> None:
    assert refused("31/02/24, 13:05 - Anka: hello") == ["has a date that does not exist"]


def test_other_texts_are_no_chats() -> None:
    assert find_importer(".txt", b"hello\nworld") is None
    assert not is_table_by_content(b"On 06/08/24, 13:05 - Anka: hello")
    with pytest.raises(RefusedError, match="no message"):
        read_chat(b"hello", Settings())


def test_a_chat_is_recognised_and_mapped_whatever_its_name() -> None:
    table = parse_table(InputFile("_chat.txt", b"06/08/24, 13:05 - Anka: hello\n"))
    assert (table.source, table.guess_mapping().author) == ("WhatsApp", "chat author")


@pytest.mark.parametrize("words", ["<", "\t", "a.jpg (", "omitted ", "<omitted", "x\u200e", "<a: b.jpg"])
def test_no_message_takes_long(words: str) -> None:
    assert len(rows(f"06/08/24, 13:05 - Anka: {words * 50_000}x")) == 1
