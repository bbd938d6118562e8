"""Parses times and counts as people and platforms write them. Ambiguous values become None."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_TIME_CHARS = 80  # characters; no time is written longer
_SECONDS = re.compile(r"[0-9]{9,10}(\.[0-9]+)?")
_MILLISECONDS = re.compile(r"[0-9]{12,13}(\.[0-9]+)?")
_MICROSECONDS = re.compile(r"[0-9]{15,16}")
_NANOSECONDS = re.compile(r"[0-9]{18,19}")
_SPREADSHEET = re.compile(r"[2-5][0-9]{4}(\.[0-9]+)?")  # days since 1899-12-30, from 1954 to 2064
_SPREADSHEET_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
_ZONES = {
    "UTC": 0, "GMT": 0, "Z": 0, "EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    "AKST": -9, "AKDT": -8, "HST": -10, "CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2, "WEST": 1, "EET": 2, "EEST": 3,
    "MSK": 3, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13,
}  # fmt: skip
"""Hours from UTC of the names of time zones that have one meaning; IST, CST and BST have several."""
_MONTHS = (
    "jan янв", "feb fev fevr фев", "mar marz mrt mars marzo maart marco мар", "apr avr abr апр",
    "may mai mei mag mayo maggio maio маи мая", "jun juin giu junho junio giugno июн",
    "jul juil lug julho julio luglio июл", "aug aou ago aout agosto авг", "sep set sept сен",
    "oct okt out ott outubro ottobre окт", "nov ноя", "dec dez dic дек",
)  # fmt: skip
_MONTH_STEMS = {
    stem: month
    for month, stems in zip(
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
        _MONTHS,
        strict=True,
    )
    for stem in stems.split()
}

_DROPPED = _words(
    """
    um uhr at a as alle om de del le las les il den der h o clock klokken г
    """
)
_WEEKDAYS = _words(
    """
    mon tue tues wed thu thur thurs fri sat sun monday tuesday wednesday thursday friday saturday sunday mo di
    mi do fr sa so montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag lundi mardi mercredi
    jeudi vendredi samedi dimanche lun mer jeu ven sam dim lunes martes miercoles jueves viernes sabado domingo
    segunda terca quarta quinta sexta lunedi martedi mercoledi giovedi venerdi domenica maandag dinsdag woensdag
    donderdag vrijdag zaterdag zondag
    """
)
_UNDERSCORED = re.compile(r"(\d{4}-\d\d-\d\d)[_ ](\d\d)-(\d\d)-(\d\d)([_ ]UTC)?")
_CLOCK = re.compile(r":|[時时]|\dT\d|\d[_ ]\d\d-\d\d-\d\d")  # in values with a time of day
_IDEOGRAPHIC = re.compile(r"(\d{4})[年년]\s?(\d{1,2})[月월]\s?(\d{1,2})[日일]?")
_IDEOGRAPHIC_CLOCK = re.compile(r"(\d{1,2})[時时]\s?(\d{1,2})分(?:\s?(\d{1,2})秒)?")
_CLOCK_FIRST = re.compile(r"(\d{1,2}:\d\d(?::\d\d)?(?: ?[AaPp][Mm])?)\s{0,3}[-·,|]\s{0,3}(\S.{3,40})")
_LETTERED_MONTH = re.compile(r"\b(\d{1,2})[/-]([^\W\d_]{3,9})\.?[/-](\d{2,4})\b")
_MERIDIEM = re.compile(r"\b([AaPp])\.\s?[Mm]\.")
_ORDINAL = re.compile(r"(\d)(?:st|nd|rd|th|er|[ºª])\b", re.IGNORECASE)
_OFFSET = re.compile(r"\b(?:GMT|UTC)\s?([+-])(\d{1,2}):?(\d{2})?\b")
_ZONE_AFTER_OFFSET = re.compile(r"([+-]\d{2}:\d{2}) \([^()]{2,60}\)$")
_BRACKETED_ZONE = re.compile(r" \(([A-Za-z]{3,4})\)$")
_ZONE_OF_NAME = re.compile(r"[(\[ _]([A-Z]{3,4})[)\]]?$")
_NAMED_ZONE = re.compile(r"([A-Za-z]{3} [A-Za-z]{3} \d{1,2} \d\d:\d\d:\d\d) ([A-Z]{2,4}) (\d{4})")
_WRITTEN = re.compile(
    r"(?P<day>.*[^ ,])[ ,]+(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?"
    r"(?: ?(?P<half>[AaPp])[Mm])?(?: ?(?P<zone>[+-][0-9]{2}:?[0-9]{2}|[A-Za-z]+))?"
)
_X_TIME = "%a %b %d %H:%M:%S %z %Y"  # Wed Oct 10 20:19:24 +0000 2018
_DAY = re.compile(r"([A-Za-z]{3}, )?[A-Za-z0-9]{1,9}[-/. ][A-Za-z0-9]{1,9}[-/., ]+[0-9]{1,4}")
_DAYS = (
    "%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d.%m.%y", "%d %b %Y", "%d %b %y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y",
    "%b %d %Y", "%d-%b-%Y", "%a, %b %d, %Y", "%a, %d %b %Y",
)  # fmt: skip
_SLASHED = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/[0-9]{2,4}\b")
_MONTH_FIRST = ("%m/%d/%Y", "%m/%d/%y")
_DAY_FIRST = ("%d/%m/%Y", "%d/%m/%y")

_GROUPED = re.compile(
    r"([+-]?[0-9]{1,3}(?:([,. '’\u00a0\u202f])[0-9]{3})(?:\2[0-9]{3})*)(?:(?!\2)[.,]0{1,2})?"
)
_WHOLE = re.compile(r"([+-]?[0-9]{1,19})(?:\.0*)?")
_SCALES = {
    "k": 3, "tsd": 3, "mil": 3, "m": 6, "mn": 6, "mio": 6, "mln": 6, "million": 6, "millionen": 6, "b": 9, "bn": 9,
    "mrd": 9, "mld": 9, "万": 4, "萬": 4, "w": 4, "亿": 8, "億": 8,
}  # fmt: skip
"""Powers of ten by the word or letter after a shortened count; "mil" is a thousand in Spanish and Portuguese."""
_SHORTENED = re.compile(r"([0-9]{1,6})(?:[.,]([0-9]{1,3}))?[ \u00a0\u202f]?([^\W\d_]{1,9})\.?\+?")
_SHORT_DIGITS = 19  # digits from which a number may exceed `_MAX_COUNT`
NO_VALUES = frozenset({"", "-1", "-", "–", "—", "n/a", "na", "nan", "null", "none"})
"""In place of a count or time, in lower case: for a hidden count, or for none."""
_MAX_COUNT = 2**63 - 1  # the post table holds 64-bit integers


def read_times(values: Sequence[str], zone: tzinfo = UTC) -> list[datetime | None]:
    """Read a column of times.

    Whether 05/06/2026 is in May or June follows from the column's other dates, such as 25/06/2026; if they do not
    decide it, such dates are not read.

    Args:
        values: ISO 8601, seconds or milliseconds since 1970, or one of the usual written forms.
        zone: Of times without a zone; a date without a time of day is midnight UTC in any zone. When clocks go
            forward, a skipped time is moved by the same hour (02:30 becomes 03:30); when they go back, a time that
            occurs twice is the first one.

    Returns:
        One UTC time per value, None if blank or unreadable.
    """
    column = TimeColumn(zone)
    column.observe(values)
    return column.read(values)


class TimeColumn:
    """Reads a column of times, chunk by chunk after all chunks were observed; see `read_times`."""

    def __init__(self, zone: tzinfo = UTC) -> None:
        self._zone = zone
        self._day_first = self._month_first = False
        self._written = False  # whether a value is not blank
        self._serial = True  # whether all values may be a spreadsheet's

    def observe(self, values: Sequence[str]) -> None:
        """Note what a chunk of the column says about the order of day and month, and about spreadsheets."""
        for value in values:
            if "/" in value and (date := _SLASHED.match(value.strip())):
                self._day_first = self._day_first or int(date[1]) > 12
                self._month_first = self._month_first or int(date[2]) > 12
        if self._serial:
            for value in filter(None, map(str.strip, values)):
                self._written = True
                if not _SPREADSHEET.fullmatch(value):
                    self._serial = False
                    break

    def read(self, values: Sequence[str]) -> list[datetime | None]:
        """Read a chunk of the column; one UTC time per value, None if blank or unreadable."""
        if self._written and self._serial:
            return [_from_serial(float(value), self._zone) if value.strip() else None for value in values]
        days = (*_DAYS, *self._slash_formats())
        known: dict[str, datetime | None] = {"": None}
        times = []
        for value in values:
            value = value.strip()
            if value not in known:
                known[value] = _read_time(value, days, self._zone) if len(value) <= _MAX_TIME_CHARS else None
            times.append(known[value])
        return times

    def _slash_formats(self) -> tuple[str, ...]:
        if self._day_first == self._month_first:  # no evidence, or evidence for both
            return ()
        return _DAY_FIRST if self._day_first else _MONTH_FIRST


def find_timezone_in_column_name(column: str) -> tzinfo | None:
    """Return the zone that a column of times has in its name, such as "Date (EST)"; None for none."""
    named = _ZONE_OF_NAME.search(column)
    hours = _ZONES.get(named[1]) if named else None
    return None if hours is None else timezone(timedelta(hours=hours))


def read_count(value: str) -> int | None:
    """Read an integer, which may have thousands separators or be shortened ("1.2K", "12 Mio."); None for others."""
    value = value.strip()
    if value.isdecimal() and value.isascii() and len(value) < _SHORT_DIGITS:  # most of them
        return int(value)
    if (short := _SHORTENED.fullmatch(value)) and (power := _SCALES.get(short[3].casefold())):
        decimals = short[2] or ""
        return int(short[1] + decimals) * 10**power // 10 ** len(decimals)
    if grouped := _GROUPED.fullmatch(value):
        value = grouped[1].replace(grouped[2], "")
    whole = _WHOLE.fullmatch(value)
    count = int(whole[1]) if whole else None
    return count if count is not None and abs(count) <= _MAX_COUNT else None


def read_counts(cells: Sequence[str], hidden: bool = False) -> list[int | None]:
    """Read a column of counts.

    Args:
        cells: The column, "" where blank.
        hidden: Whether -1 stands for a hidden count if no other value is below zero, as platforms write it.
    """
    column = CountColumn(hidden)
    column.observe(cells)
    return column.read(cells)


class CountColumn:
    """Reads a column of counts, chunk by chunk after all chunks were observed; see `read_counts`."""

    def __init__(self, hidden: bool = False) -> None:
        self._hidden = hidden
        self._lowest = 0

    def observe(self, cells: Sequence[str]) -> None:
        """Note whether a chunk of the column has values below zero."""
        if self._hidden:
            negative = (read_count(cell) for cell in cells if "-" in cell)
            self._lowest = min([self._lowest, *(count for count in negative if count is not None)])

    def read(self, cells: Sequence[str]) -> list[int | None]:
        """Read a chunk of the column; one count per value, None if blank, hidden or unreadable."""
        counts = [read_count(cell) for cell in cells]
        return [None if count == -1 else count for count in counts] if self._lowest == -1 else counts


def _from_serial(days: float, zone: tzinfo) -> datetime:
    """Read a spreadsheet's time: days since 1899-12-30 in the zone of whoever wrote it, a whole number for a date."""
    time = _SPREADSHEET_EPOCH + timedelta(days=days)
    return time if days == int(days) else time.replace(tzinfo=zone).astimezone(UTC)


def _read_time(value: str, days: tuple[str, ...], zone: tzinfo) -> datetime | None:
    try:
        if value[4:5] == "-" and (iso := _parse_iso(value)) and iso.tzinfo is UTC:  # most of them
            return iso
        if _SECONDS.fullmatch(value):
            return _EPOCH + timedelta(seconds=float(value))
        if _MILLISECONDS.fullmatch(value):
            return _EPOCH + timedelta(milliseconds=float(value))
        if _MICROSECONDS.fullmatch(value):
            return _EPOCH + timedelta(microseconds=int(value))
        if _NANOSECONDS.fullmatch(value):
            return _EPOCH + timedelta(microseconds=int(value) // 1_000)
        time = _parse_iso(value) or _written(value, days) or _written(_in_english(value), days)
        if time is not None and time.tzinfo is None:
            time = time.replace(tzinfo=zone if _CLOCK.search(value) else UTC)
        return time and time.astimezone(UTC)
    except (ValueError, OverflowError):  # 25:61, or an hour that is outside the calendar in UTC
        return None


def _parse_iso(value: str) -> datetime | None:
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def _written(value: str, days: tuple[str, ...]) -> datetime | None:
    parts = _WRITTEN.fullmatch(value)
    if parts is None:
        return _parse_day(value, days) or _parse_with(value, _X_TIME)
    day, zone = _parse_day(parts["day"], days), parts["zone"] or ""
    if day is None or (zone.isalpha() and zone.upper() not in _ZONES):
        return None
    if zone.isalpha():
        hours = _ZONES[zone.upper()]
        zone = f"{'-' if hours < 0 else '+'}{abs(hours):02}:00"
    hour = int(parts["hour"])
    if parts["half"]:
        hour = hour % 12 + 12 * (parts["half"] in "Pp")
    clock = f"{hour:02}:{parts['minute']}:{parts['second'] or '00'}"
    return datetime.fromisoformat(f"{day.date()}T{clock}{zone}")


def _in_english(value: str) -> str:
    """Write a time with month names of other languages, or in another order, as `_written` reads it."""
    if parts := _UNDERSCORED.fullmatch(value):
        return f"{parts[1]} {parts[2]}:{parts[3]}:{parts[4]}{' UTC' if parts[5] else ''}"
    if (parts := _NAMED_ZONE.fullmatch(value)) and parts[2] in _ZONES:
        hours = _ZONES[parts[2]]
        return f"{parts[1]} {'-' if hours < 0 else '+'}{abs(hours):02}00 {parts[3]}"
    value = _LETTERED_MONTH.sub(r"\1 \2 \3", value)
    if parts := _CLOCK_FIRST.fullmatch(value):
        value = f"{parts[2]} {parts[1]}"
    value = _IDEOGRAPHIC.sub(r"\1-\2-\3", value)
    value = _IDEOGRAPHIC_CLOCK.sub(lambda clock: ":".join(filter(None, clock.groups())), value)
    value = _ORDINAL.sub(r"\1", _MERIDIEM.sub(r"\1m", value))
    value = _OFFSET.sub(lambda offset: f"{offset[1]}{int(offset[2]):02}:{offset[3] or '00'}", value)
    value = _BRACKETED_ZONE.sub(r" \1", _ZONE_AFTER_OFFSET.sub(r"\1", value))
    plain = unicodedata.normalize("NFKD", value)
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    words = []
    for word in plain.replace(",", " ").split():
        bare = word.strip(".").casefold()
        if bare in _DROPPED or bare in _WEEKDAYS:
            continue
        month = _MONTH_STEMS.get(bare) or (
            _MONTH_STEMS.get(bare[:3]) if bare.isalpha() and len(bare) > 3 else None
        )
        words.append(month or (word.strip(".") if word.strip(".").isdecimal() else word))
    return " ".join(words)


@lru_cache(maxsize=10_000)  # a batch has many times and few days
def _parse_day(value: str, forms: tuple[str, ...]) -> datetime | None:
    if _DAY.fullmatch(value) is None:  # rejects most other values, ten times faster than strptime
        return None
    return next(filter(None, (_parse_with(value, form) for form in forms)), None)


def _parse_with(value: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(value, form)
    except ValueError:
        return None
