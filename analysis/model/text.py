"""Text cleaning, the same for training, scoring and explaining, and the way back to the words as written.

Twitter data sets mark entities as `{@Name@}`, users as `{{USERNAME}}` or `@user`, links as `{{URL}}` or `http`;
live posts hold real names and links. Both are brought to one form, and emoji become readable words, since
the tokenizer of an English encoder maps most emoji to [UNK].
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

import emoji

USER = "@user"
LINK = "http"

_PIECES = re.compile(
    r"(?P<link>\{\{URL\}\}|(?:https?://|www\.)\S+)"
    r"|(?P<user>\{\{USERNAME\}\}|(?<!\w)@\w+)"
    r"|(?P<entity>\{@.+?@\})"
    r"|(?P<escaped>&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,6});)"
    r"|(?P<tag>\#\w+)"
    r"|(?P<word>\w+(?:['’\-]\w+)*)"
    r"|(?P<mark>[!?.…]+|\S)"
)
_LINE_NOISE = re.compile(r"\s+")


@dataclass(frozen=True)
class Word:
    """A word of a post: where it stands as written, and where in the cleaned text (character offsets)."""

    start: int
    end: int
    clean_start: int
    clean_end: int


@dataclass(frozen=True)
class CleanText:
    """What the encoder reads, and the words of the original that it came from, in order."""

    clean: str
    words: tuple[Word, ...]

    def word_of_piece(self, start: int, end: int) -> int | None:
        """Find the word that holds the token piece at `clean[start:end]`; None for a special token."""
        if start == end:
            return None
        for number, word in enumerate(self.words):
            if start < word.clean_end and end > word.clean_start:
                return number
        return None


def clean_text(text: str) -> CleanText:
    """Bring a post's text to the form that the encoder reads.

    Users become `@user`, links `http`, entity marks are taken off, emoji are spelled out
    (😍 -> "smiling face with heart-eyes"), HTML entities are resolved, runs of white space become one space.

    Args:
        text: The post as written.

    Returns:
        The cleaned text with its words; hashtags, names, links and emoji are one word each.

    Example:
        >>> clean_text("@ann loves {@Roma@} &amp; 😍 https://t.co/x").clean
        '@user loves Roma & smiling face with heart-eyes http'
    """
    words: list[Word] = []
    clean: list[str] = []
    length = 0
    position = 0  # end of the last word, as written
    for start, end, spelled in _spelled_words(text):
        gap = " " if clean and (start > position or _glued(clean[-1], spelled)) else ""
        clean.append(gap + spelled)
        words.append(Word(start, end, length + len(gap), length + len(gap) + len(spelled)))
        length += len(gap) + len(spelled)
        position = end
    return CleanText("".join(clean), tuple(words))


def clean_texts(texts: Sequence[str]) -> list[str]:
    """Clean many texts; see `clean_text`."""
    return [clean_text(text).clean for text in texts]


def plain_text(text: str) -> str:
    """Keep what its author wrote in a language: no users, links, emoji, number signs or entity marks.

    Args:
        text: The post as written.

    Returns:
        The rest on one line; "" where nothing is left.

    Example:
        >>> plain_text("@ana me encanta {@Roma@} 😍 #viajes https://t.co/x")
        'me encanta Roma viajes'
    """
    return " ".join(_PIECES.sub(_plain, emoji.replace_emoji(text, " ")).split())


def _plain(match: re.Match[str]) -> str:
    spelled = _spell(match)
    return " " if spelled in (USER, LINK) else spelled.removeprefix("#")


def _spelled_words(text: str) -> list[tuple[int, int, str]]:
    """List (start, end, spelled) of each word; emoji are found first, so that sequences stay whole."""
    found: list[tuple[int, int, str]] = []
    position = 0
    for start, end, name in [*_emoji_places(text), (len(text), len(text), "")]:
        pieces = _PIECES.finditer(text, position, start)
        found.extend((piece.start(), piece.end(), _spell(piece)) for piece in pieces)
        found.append((start, end, name))
        position = end
    kept = [(start, end, spelled) for start, end, spelled in found if spelled]
    if not kept and text.strip():  # such as a lone "&nbsp;": a post with text always has a word
        return [(0, len(text), text.strip())]
    return kept


def _spell(match: re.Match[str]) -> str:
    piece = match.group()
    kind = match.lastgroup
    if kind == "link":
        return LINK
    if kind == "user":
        return USER
    if kind == "entity":
        return _LINE_NOISE.sub(" ", piece[2:-2]).strip()
    if kind == "escaped":
        return html.unescape(piece).strip()
    return piece


def _emoji_places(text: str) -> list[tuple[int, int, str]]:
    """List (start, end, name in words) of each emoji, sequences such as families as one."""
    places = []
    for token in emoji.analyze(text):
        if isinstance(token.value, emoji.EmojiMatch):
            name = emoji.demojize(token.chars, delimiters=("", "")).replace("_", " ").strip()
            places.append((token.value.start, token.value.end, name))
    return places


def _glued(before: str, spelled: str) -> bool:
    """Whether two neighbours without white space between them would melt into one word."""
    return " " in spelled or " " in before.strip() or (before[-1:].isalnum() and spelled[:1].isalnum())
