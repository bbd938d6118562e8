"""Cleans text for training, scoring and explanations, and maps it back to the original words.

Twitter data sets mark entities as `{@Name@}`, users as `{{USERNAME}}` or `@user`, and links as `{{URL}}` or `http`;
live posts contain real names and links. Both are normalised. Emoji are replaced by words, because tokenizers of
English encoders map most emoji to [UNK].
"""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

import emoji

from analysis.settings import Settings

USER = "@user"
LINK = "http"
READ_WORDS = Settings.read_words
READ_PIECES = 4 * READ_WORDS
"""Maximum number of pieces to search for words; pieces such as "&nbsp;" are not words."""
READ_EMOJI = Settings.read_emoji
LANGUAGE_CHARS = Settings.language_chars

_PIECES = re.compile(
    r"(?P<link>\{\{URL\}\}|(?:https?://|www\.)\S+)"
    r"|(?P<user>\{\{USERNAME\}\}|(?<!\w)@\w+)"
    r"|(?P<entity>\{@(?:(?!\{@|@\}).)+@\})"  # stops at the next mark, so that many unclosed marks stay linear
    r"|(?P<escaped>&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,6});)"
    r"|(?P<tag>\#\w+)"
    r"|(?P<word>\w+(?:['’\-]\w+)*)"
    r"|(?P<mark>[!?.…]+|\S)"
    r"|(?P<space>\s+)"
)
_WHITE_SPACE = re.compile(r"\s+")
_WINDOW = 64
"""Characters passed to the `emoji` package at once: its time is quadratic in joined emoji. The longest emoji has 10
characters."""
_JOINERS = {0x200D, 0xFE0E, 0xFE0F}
_GAP = 16
"""Largest gap between emoji code points within one range of the pattern; fewer ranges match faster."""


@dataclass(frozen=True)
class Word:
    """Character offsets of a word in the original and in the cleaned text."""

    start: int
    end: int
    clean_start: int
    clean_end: int


@dataclass(frozen=True)
class CleanText:
    """The original text, the cleaned text that the encoder reads, and the words in order."""

    original: str
    clean: str
    words: tuple[Word, ...]

    def word_of_piece(self, start: int, end: int) -> int | None:
        """Return the index of the word that contains the token at `clean[start:end]`; None for a special token."""
        if start == end:
            return None
        number = bisect_right(self.words, start, key=lambda word: word.clean_end)
        return number if number < len(self.words) and self.words[number].clean_start < end else None


def preprocess_text(text: str) -> CleanText:
    """Convert the text of a post to the form that the encoder reads.

    Users are replaced by `@user` and links by `http`, entity marks are removed, emoji are spelled out
    (😍 -> "smiling face with heart-eyes"), HTML entities are unescaped, and white space is collapsed.
    Text after the first `READ_WORDS` words is dropped, because no encoder reads that far. Runs in linear time.

    Args:
        text: The original text.

    Returns:
        The cleaned text and its words; each hashtag, name, link and emoji is one word.

    Example:
        >>> clean_text("@ann loves {@Roma@} &amp; 😍 https://t.co/x").clean
        '@user loves Roma & smiling face with heart-eyes http'
    """
    words: list[Word] = []
    clean: list[str] = []
    length = 0
    position = 0  # end of the last word in the original text
    for start, end, spelled in _find_words(text):
        gap = " " if clean and (start > position or _needs_space(clean[-1], spelled)) else ""
        clean.append(gap + spelled)
        words.append(Word(start, end, length + len(gap), length + len(gap) + len(spelled)))
        length += len(gap) + len(spelled)
        position = end
    return CleanText(text, "".join(clean), tuple(words))


def preprocess_texts(texts: Sequence[str]) -> list[str]:
    """Clean many texts; see `preprocess_text`."""
    return [preprocess_text(text).clean for text in texts]


def extract_language_text(text: str) -> str:
    """Remove everything that is not language: users, links, emoji, number signs and entity marks.

    Args:
        text: The original text.

    Returns:
        The remaining text on one line; "" if nothing remains.

    Example:
        >>> plain_text("@ana me encanta {@Roma@} 😍 #viajes https://t.co/x")
        'me encanta Roma viajes'
    """
    without = _compile_emoji_pattern().sub(_remove_emoji, text[:LANGUAGE_CHARS])
    return " ".join(_PIECES.sub(_keep_language, without).split())


def _keep_language(match: re.Match[str]) -> str:
    spelled = _spell(match)
    return " " if spelled in (USER, LINK) or match.lastgroup == "space" else spelled.removeprefix("#")


def _remove_emoji(run: re.Match[str]) -> str:
    chars = run.group()
    if len(chars) <= _WINDOW:
        return emoji.replace_emoji(chars, " ")
    cuts = [0, *(cut for _, cut in _split_run(chars))]
    return "".join(emoji.replace_emoji(chars[start:end], " ") for start, end in pairwise(cuts))


def _find_words(text: str) -> list[tuple[int, int, str]]:
    """List (start, end, spelled) of each word that is kept."""
    kept: list[tuple[int, int, str]] = []
    for seen, (start, end, spelled) in enumerate(_find_pieces(text), 1):
        if spelled:
            kept.append((start, end, spelled))
        if len(kept) == READ_WORDS or seen == READ_PIECES:
            break
    if not kept and text.strip():  # such as "&nbsp;" only: a post with text always has a word
        return [(0, len(text), text.strip())]
    return kept


def _find_pieces(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, spelled) of each piece; spelled is "" for a piece that is not a word."""
    position = 0
    for start, end, name in _find_emoji(text):  # emoji are found first, so that sequences are not split
        for piece in _PIECES.finditer(text, position, start):
            yield piece.start(), piece.end(), _spell(piece)
        yield start, end, name
        position = end


def _spell(match: re.Match[str]) -> str:
    piece = match.group()
    kind = match.lastgroup
    if kind == "link":
        return LINK
    if kind == "user":
        return USER
    if kind == "entity":
        return _WHITE_SPACE.sub(" ", piece[2:-2]).strip()
    if kind == "escaped":
        return html.unescape(piece).strip()
    return "" if kind == "space" else piece


def _find_emoji(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, name) of each emoji; a joined sequence such as a family is one emoji.

    A marker (end, end, "") follows each window and the end of the text, or of the part that is read.
    """
    seen = 0
    for run in _compile_emoji_pattern().finditer(text):
        for found, cut in _split_run(run.group()):
            for start, end, chars in found:
                yield run.start() + start, run.start() + end, _spell_emoji(chars)
            done = seen + cut >= READ_EMOJI
            if done or run.start() + cut < run.end():
                yield run.start() + cut, run.start() + cut, ""
            if done:
                return
        seen += len(run.group())
    yield len(text), len(text), ""


def _split_run(run: str) -> Iterator[tuple[list[tuple[int, int, str]], int]]:
    """Split a run of emoji into windows: (start, end, characters) of each emoji, and the end of the window.

    A window ends before its last emoji, which may be incomplete.
    """
    start = 0
    while start < len(run):
        end = min(start + _WINDOW, len(run))
        found = [
            (start + token.value.start, start + token.value.end, token.chars)
            for token in emoji.analyze(run[start:end])
            if isinstance(token.value, emoji.EmojiMatch)
        ]
        if end < len(run) and len(found) > 1:
            end = found.pop()[0]
        yield found, end
        start = end


@lru_cache(4_096)
def _spell_emoji(chars: str) -> str:
    return emoji.demojize(chars, delimiters=("", "")).replace("_", " ").strip()


@cache
def _compile_emoji_pattern() -> re.Pattern[str]:
    """Compile a pattern for runs of emoji characters, including digits followed by a keycap."""
    points = sorted(
        {ord(char) for each in emoji.EMOJI_DATA for char in each if not char.isascii()} | _JOINERS
    )
    ranges = [[points[0], points[0]]]
    for point in points[1:]:
        if point - ranges[-1][1] > _GAP:
            ranges.append([point, point])
        ranges[-1][1] = point
    inside = "".join(f"{re.escape(chr(low))}-{re.escape(chr(high))}" for low, high in ranges)
    return re.compile(f"(?:[{inside}]|[0-9#*](?=[\ufe0f\u20e3]))+")


def _needs_space(before: str, spelled: str) -> bool:
    """Return whether two adjacent words without white space between them would merge into one."""
    return " " in spelled or " " in before.strip() or (before[-1:].isalnum() and spelled[:1].isalnum())
