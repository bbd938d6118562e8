"""Chats that WhatsApp exports as text: `[06.08.24, 13:25:44] Name: words`, in the forms of several languages.

A message may have several lines. Notices of the system, deleted messages, and media that were left out of the export
are listed, not posts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from analysis.importers.decoding import decode_file_text
from analysis.importers.heartbeat import with_heartbeats
from analysis.importers.importer import ImportedRows, Importer, RefusedRow
from analysis.importers.limits import check_refused_rows, check_table_shape
from analysis.importers.refused import RefusedError
from analysis.settings import Settings

COLUMNS = ("chat author", "chat time", "chat text", "chat files")
_MARKS = (
    "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"  # of the direction of writing
)
_START = re.compile(
    r"[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]*\[?"
    r"(?P<first>\d{1,4})(?P<sign>[./-])[ ]?(?P<second>\d{1,2})[./-][ ]?(?P<third>\d{1,4})\.?"
    r"(?:[,،]|[ ](?:à|às|um|at|a las|alle|om))?[\s]"
    r"(?P<before>上午|下午|오전|오후|午前|午後)?[\s]?"
    r"(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<seconds>\d{2}))?"
    r"(?:\s?(?P<half>[AaPp]\.?\s?[Mm]\.?))?"
    r"(?:\]|\s[-–])\s?(?P<rest>.*)"
)
_AUTHOR = re.compile(r'([^:\n"“„«]{1,80}): ?(.*)', re.DOTALL)
_AFTERNOON = ("下午", "오후", "午後")
_ATTACHED = re.compile(r"<[^<>:\n]{3,30}:\s?([^<>\n/\\]{1,200}\.\w{2,5})>")
_FILE = re.compile(
    r"^\u200f?([^\n<>()/\\:]{1,200}\.\w{2,5}) \((?:[^()\n]{0,40}(?:attached|angehängt|joint|adjunto|anexado|"
    r"allegato|bijgevoegd|załączono|прикреплен|ekli|添付|附件|첨부)[^()\n]{0,40})\)$",
    re.MULTILINE | re.IGNORECASE,
)
_NAMED_FILE = re.compile(
    r"^\u200f?((?:IMG|VID|PTT|AUD|STK|DOC)-\d{8}-WA\d{1,9}\.\w{2,5}) \([^()\n]{3,40}\)$", re.MULTILINE
)
_EDITED = re.compile(
    r"\s{0,3}<[^<>\n]{3,60}(?:edited|bearbeitet|modifié|editó|editad[ao]|modificato|bewerkt)\.?>$"
)
_LEFT_OUT = re.compile(
    r"<[^<>\n]{0,60}(?:omitted|ausgeschlossen|weggelassen|omis|omitid[oa]|ocult[oa]|omess[oi]|weggelaten|pominięto|"
    r"без медиафайлов|файл пропущен|dahil edilmedi)[^<>\n]{0,60}>"
    r"|\w[\w -]{0,20} (?:omitted|weggelassen|absente?|omitid[oa]|ocultad[oa]|omess[oa]|weggelaten)",
    re.IGNORECASE,
)
_DELETED = re.compile(
    r"(?:this message was deleted|you deleted this message|diese nachricht wurde gelöscht|"
    r"du hast diese nachricht gelöscht|ce message a été supprimé|vous avez supprimé ce message|"
    r"se eliminó este mensaje|eliminaste este mensaje|(?:essa )?mensagem (?:foi )?apagada|você apagou esta mensagem|"
    r"questo messaggio è stato eliminato|hai eliminato questo messaggio|dit bericht is verwijderd|"
    r"данное сообщение удалено)\.?",
    re.IGNORECASE,
)
_HEAD_LINES = 20


@dataclass
class _Message:
    start: re.Match[str]
    lines: list[str]


def read_chat(content: bytes, settings: Settings) -> ImportedRows:
    """Read a chat.

    Args:
        content: The file.
        settings: Limits.

    Raises:
        RefusedError: If it holds no message, or is over a limit.
    """
    text, encoding = decode_file_text(content)
    messages: list[_Message] = []
    for line in with_heartbeats(text.split("\n")):
        line = line.rstrip("\r")
        if start := _START.match(line):
            messages.append(_Message(start, [start["rest"]]))
        elif messages:
            messages[-1].lines.append(line)
    if not messages:
        raise RefusedError("holds no message of a chat", "Export the chat again.")
    check_table_shape(len(messages), len(COLUMNS), len(content), settings)
    order = _find_order([message.start for message in messages])
    rows: dict[int, Sequence[str]] = {}
    refused: list[RefusedRow] = []
    for number, message in enumerate(with_heartbeats(messages), start=1):
        words = "\n".join(message.lines).strip()
        try:
            author, message_text, files = _read_words(words)
            time = _read_time(message.start, order)
        except RefusedError as error:
            refused.append(RefusedRow(number, error.reason, error.remedy, words[: settings.max_text_chars]))
            check_refused_rows(refused, settings)
            continue
        rows[number] = (author, time, message_text, "|".join(files))
    names = {"dmy": "day first", "mdy": "month first", "ymd": "year first"}
    return ImportedRows(COLUMNS, rows, refused, (encoding, "WhatsApp chat", f"dates with the {names[order]}"))


def _read_words(words: str) -> tuple[str, str, list[str]]:
    """Return the author, the text and the attached files of a message."""
    named = _AUTHOR.fullmatch(words)
    if named is None:
        raise _notice()
    author, text = named[1].strip(_MARKS + " "), named[2]
    marked = text.startswith("\u200e")  # iOS puts this before what it writes itself
    text = text.replace("\u200e", "")
    files: list[str] = []
    for form in (_ATTACHED, _FILE, _NAMED_FILE):
        files += form.findall(text)
        text = form.sub("", text)
    text = _EDITED.sub("", text).strip()
    plain = text.strip(_MARKS + " \n")
    if _DELETED.fullmatch(plain):
        raise RefusedError("is a message that was deleted", "Nothing to do.")
    if _LEFT_OUT.fullmatch(plain):
        raise RefusedError(
            "is a message whose media was left out of the chat", "Export the chat again, with its media."
        )
    if not files and (marked or not plain):
        raise _notice()
    return author, plain, files


def _find_order(starts: Sequence[re.Match[str]]) -> str:
    """Settle the order of day, month and year over the whole chat, whose messages are in the order of time."""
    if any(len(start["first"]) > 2 for start in starts):
        return "ymd"
    if any(int(start["first"]) > 12 for start in starts):
        return "dmy"
    if any(int(start["second"]) > 12 for start in starts):
        return "mdy"
    backwards = {}
    for order in ("dmy", "mdy"):
        days = [_date_parts(start, order) for start in starts]
        backwards[order] = sum(after < before for before, after in pairwise(days))
    if backwards["dmy"] != backwards["mdy"]:
        return min(backwards, key=lambda order: backwards[order])
    american = starts[0]["sign"] == "/" and starts[0]["half"] in ("AM", "PM")  # others write a.m. or am
    return "mdy" if american else "dmy"


def _date_parts(start: re.Match[str], order: str) -> tuple[int, int, int]:
    """Return year, month and day."""
    parts = dict(zip(order, (int(start["first"]), int(start["second"]), int(start["third"])), strict=True))
    return parts["y"] + (2000 if parts["y"] < 100 else 0), parts["m"], parts["d"]


def _read_time(start: re.Match[str], order: str) -> str:
    hour = int(start["hour"])
    half = (start["half"] or "").lower()[:1]
    if half or start["before"]:
        hour = hour % 12 + (12 if half == "p" or start["before"] in _AFTERNOON else 0)
    try:
        time = datetime(*_date_parts(start, order), hour, int(start["minute"]), int(start["seconds"] or 0))
    except ValueError as error:
        raise RefusedError("has a date that does not exist", "Correct it in the file.") from error
    return time.isoformat()


def _notice() -> RefusedError:
    return RefusedError("is a WhatsApp system message", "Nothing to do.")


def _sniff_chat(head: bytes) -> float:
    """Recognise a chat by its first line, or by two of its first lines."""
    lines = [line for line in head.decode("utf-8", "ignore").split("\n")[:_HEAD_LINES] if line.strip()]
    n_starts = sum(bool(_START.match(line)) for line in lines)
    return 0.9 if n_starts > 1 or (lines and _START.match(lines[0])) else 0.0


IMPORTER = Importer(
    name="whatsapp", label="WhatsApp chats", suffixes=frozenset(), read=read_chat, sniff=_sniff_chat
)
