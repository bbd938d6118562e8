"""Text that no spreadsheet runs as a formula, whichever cell separator it uses.

A report is separated by commas, and a cell with a comma, a quote or a line break is quoted. A reader that separates
at semicolons (Excel in most of Europe), tabs or bars sees these quotes inside a cell, where they have no effect:
`hello;=1+1` becomes two cells, and a line break begins a row. So an apostrophe is inserted before a sign that begins
a formula wherever one of these readers would find it first in a cell (OWASP, "CSV injection").
"""

from __future__ import annotations

import re

SIGNS = "=+\\-@\u207a\u208a\u207c\u208c\u2a75\u2a76\ufb29\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20"
"""Signs that begin a formula, and characters that Unicode normalises (NFKC) to one, such as full-width forms."""
BREAKS = ";|\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029"
"""Cell and row separators of other readers."""
SPACES = " \x1f\xa0\u1680\u2000-\u200a\u202f\u205f\u3000"
HIDDEN = (
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f"
    "\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f"
)
"""Control and format characters (Unicode categories Cc and Cf) except `BREAKS`."""

# Linear in the length of the text: no skipped character can begin a match.
_AFTER_BREAK = re.compile(f'([{BREAKS}][{SPACES}{HIDDEN}"]*)([{SIGNS}])')
_AFTER_COMMA = re.compile(f'(,[{HIDDEN}"]*)([{SIGNS}])')
_AFTER_QUOTE = re.compile(f'([{SPACES}{HIDDEN}]*"[{SPACES}{HIDDEN}"]*)([{SIGNS}])')
_FIRST = re.compile(f"[{BREAKS.removeprefix(';|')}{SPACES}{HIDDEN}]*[{SIGNS}]")
_SIGN = re.compile(f"[{SIGNS}]")
_ALWAYS = ("\t", "\r", "\0")


def escape_formulas(text: str) -> str:
    """Insert an apostrophe before every sign that could begin a formula in a spreadsheet.

    This applies to a text whose first visible character is = + - @ in any width, or that begins with a tab, a
    carriage return or NUL; and, inside a text, to such a sign after a semicolon, a bar, a tab or a line break, with
    only quotes, spaces and invisible characters between them. A sign after a comma and a space is left alone:
    "Thanks, @ann" is plain text, because a reader that separates at commas and ignores quotes keeps the space, and no
    formula begins with a space.

    Args:
        text: An untrusted cell.

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
