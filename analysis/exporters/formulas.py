"""Text that no spreadsheet runs as a formula, whatever it takes for the end of a cell.

A report is separated by commas, and a cell with a comma, a quote or a line break is quoted. A reader that separates
at semicolons (Excel in most of Europe), tabs or bars sees these quotes inside of a cell, where they mean nothing: for
it, `hello;=1+1` is two cells, and a line break begins a row. So an apostrophe is put before a sign that begins a
formula wherever one of these readers would see it first in a cell (OWASP, "CSV injection").
"""

from __future__ import annotations

import re

SIGNS = "=+\\-@\u207a\u208a\u207c\u208c\u2a75\u2a76\ufb29\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20"
"""What begins a formula, and what becomes such a sign by Unicode's compatibility forms (NFKC), such as full width."""
BREAKS = ";|\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029"
"""What other readers end a cell or a row at."""
SPACES = " \x1f\xa0\u1680\u2000-\u200a\u202f\u205f\u3000"
HIDDEN = (
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f"
    "\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f"
)
"""Control and format characters that are none of `BREAKS`: Unicode's categories Cc and Cf."""

# Linear in the length of the text: what is skipped holds none of the characters that a match begins with.
_AFTER_BREAK = re.compile(f'([{BREAKS}][{SPACES}{HIDDEN}"]*)([{SIGNS}])')
_AFTER_COMMA = re.compile(f'(,[{HIDDEN}"]*)([{SIGNS}])')
_AFTER_QUOTE = re.compile(f'([{SPACES}{HIDDEN}]*"[{SPACES}{HIDDEN}"]*)([{SIGNS}])')
_FIRST = re.compile(f"[{BREAKS.removeprefix(';|')}{SPACES}{HIDDEN}]*[{SIGNS}]")
_SIGN = re.compile(f"[{SIGNS}]")
_ALWAYS = ("\t", "\r", "\0")


def inert(text: str) -> str:
    """Put an apostrophe before every sign of a text that a spreadsheet would begin a formula with.

    That is before a text whose first visible character is = + - @ in any width, or that begins with a tab, a carriage
    return or NUL; and, inside of it, directly before such a sign that follows a semicolon, a bar, a tab or a line
    break, with nothing but quotes, spaces and invisible characters between. After a comma there must be no space
    either: "Thanks, @ann" is plain text, and a reader that separates at commas without regard to quotes keeps the
    space, with which no formula begins.

    Args:
        text: A cell of the analyst's.

    Returns:
        The text, with apostrophes added.
    """
    begins = text[:1] in _ALWAYS
    if not (
        _SIGN.search(text) if not text.isascii() else "=" in text or "+" in text or "-" in text or "@" in text
    ):
        return f"'{text}" if text and begins else text
    inside = _AFTER_BREAK.sub(r"\1'\2", text)
    if "," in inside:
        inside = _AFTER_COMMA.sub(r"\1'\2", inside)
    if begins or _FIRST.match(text):
        return f"'{inside}"
    if quoted := _AFTER_QUOTE.match(inside):
        return f"{inside[: quoted.end(1)]}'{inside[quoted.end(1) :]}"
    return inside
