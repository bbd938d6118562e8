"""Finds names of people in texts: mentions, addresses, links to profiles and posts, and the author's own name.

Found are `@name`, `@name.with.dots`, `@user@host`, `u/name`, `name@host.org`, mentions with spaces as WhatsApp, Slack
and data sets write them, and links such as https://x.com/name/status/1 or https://host/@name, with the rest of their
path, which leads to the same person. Texts are hostile: every expression takes time linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

MIN_BARE_NAME = 3
"""Characters of the shortest name that is found without a sign such as @; shorter ones are often ordinary words."""
_MARK = re.compile(
    # Hosts whose links begin with a name: x.com/name, t.me/name
    r"(?P<host>(?:(?<![\w-])|(?<=%2f))(?:"
    r"(?:x|twitter|instagram|facebook|fb|threads|tiktok|vk|weibo|gab|medium|github|patreon|snapchat|onlyfans|ko-fi)\.com"
    r"|pinterest\.(?:com?\.[a-z]{2}|[a-z]{2,3})|(?:threads|nitter)\.net|(?:t|telegram|wa|m|paypal)\.me|instagr\.am"
    r"|telegram\.dog|twitch\.tv|vk\.ru|ok\.ru|linktr\.ee)(?:/|%2f))"
    # Short links, which lead to a post
    r"|(?P<short>(?:(?<![\w-])|(?<=%2f))(?:t\.co|redd\.it|fb\.me|fb\.watch)(?:/|%2f))"
    # Links with a name after a word for it: reddit.com/user/name, mastodon.social/users/name
    r"|(?P<path>(?<![\w.-])[\w-]++(?:\.[\w-]++)++(?:/|%2f)"
    r"(?:users?|u|profiles?|channel|c|people|photos|in|pub|add|authors?|members?)(?:/|%2f))"
    # Addresses: name@host.org
    r"|(?P<address>(?<![\w.%+-])\w[\w.%+-]*+@[a-z0-9-]++(?:\.[a-z0-9-]++)++)"
    # Names between two signs: @⁨Ann Smith⁩ of WhatsApp, <@U01|ann> of Slack, {@Ann Smith@} of data sets
    r"|(?P<between>[@\uff20]\u2068[^\u2069\n]{1,100}\u2069|<@[!&]?[\w-]{1,100}(?:\|[^<>\n]{0,100})?>"
    r"|\{@[^{}@\n]{1,100}@\})"
    r"|(?P<reddit>(?<![\w/.])/?u/(?=\w))"
    r"|(?P<mention>(?:[@\uff20]|%40|&\#0{0,3}64;)(?:<span[^<>]{0,60}>)?)",
    re.IGNORECASE,
)
_HANDLE = re.compile(
    r"[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\xad]*+"
    r"[\w\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0963\u0966-\u0dff"
    r"\u0e31-\u0eff\u0f18-\u0fbc\u102b-\u109f\u17b4-\u17dd\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe0f\ufeff\xad]++"
    r"(?:[.-][\w\u0300-\u036f\u0900-\u0963\u0966-\u0dff\u0e31-\u0eff]++)*+"
    r"(?:@[a-z0-9-]++(?:\.[a-z0-9-]++)++)?+",
    re.IGNORECASE,
)
"""A name with its combining and invisible characters, and its host."""
_SEGMENT = re.compile(r"[\w%.~$+@\u0300-\u036f\u0900-\u0963\u0966-\u0dff\u0e31-\u0eff-]++")
_REST = re.compile(r"(?:[/?#]|%2f|%3f)[^\s<>\"'()\[\]{}|\\^`\u2018-\u201f]*+", re.IGNORECASE)
_NEEDED = ("@", "/", "\uff20", "%", "&#")
"""Every mark has one of these."""
_SIGNS = re.compile(r"[@\uff20!&<>{}\u2068\u2069]")
_NO_NAMES = """
    p reel reels tv i status hashtag search explore share sharer sharer.php groups watch events intent home stories s
    c joinchat pages people profile.php photo.php story.php permalink.php l.php pin media video videos tag tags login
"""
_NOT_A_NAME = frozenset(_NO_NAMES.split())
"""First parts of links to a host of names that are no name; what follows leads to a post."""


@dataclass(frozen=True)
class FoundName:
    """A name in a text.

    Attributes:
        start: Where it begins, without the sign or the host before it.
        end: Where it ends, with the rest of a link.
        name: The name; "" if no pseudonym replaces it, as in links to posts.
        lead: What stays, before the pseudonym.
    """

    start: int
    end: int
    name: str
    lead: str = ""


def find_names(text: str, bare: Sequence[str] = ()) -> list[FoundName]:
    """Find the names of people in a text.

    Args:
        text: Untrusted.
        bare: Names that are also found without a sign, as whole words in any case, such as that of the author.

    Returns:
        The names in the order of the text, without overlaps.
    """
    found = sorted([*_find_marked(text), *_find_bare(text, bare)], key=lambda each: (each.start, -each.end))
    joined: list[FoundName] = []
    for each in found:
        last = joined[-1] if joined else None
        if last is None or each.start >= last.end:
            joined.append(each)
        elif each.end > last.end:
            joined[-1] = FoundName(last.start, each.end, last.name or each.name, last.lead)
    return joined


def _find_marked(text: str) -> Iterator[FoundName]:
    if not any(sign in text for sign in _NEEDED):  # as most texts
        return
    position = 0
    while mark := _MARK.search(text, position):
        found = _read_marked(text, mark)
        if found is not None:
            yield found
        position = found.end if found else mark.end()


def _read_marked(text: str, mark: re.Match[str]) -> FoundName | None:
    """Read the name after a sign or a host; None if there is none."""
    kind, start, end = mark.lastgroup, mark.start(), mark.end()
    if kind == "address":
        return FoundName(start, end, mark.group())
    if kind == "between":
        inside = _SIGNS.sub("", mark.group())
        return FoundName(start, end, inside.rpartition("|")[2] or inside, "@")
    if kind in ("host", "short", "path"):
        return _read_link(text, end, kind)
    handle = _HANDLE.match(text, end)
    if handle is None:
        return None
    is_link = text[max(start - 3, 0) : start].lower().endswith(("/", "%2f"))
    return FoundName(end, _find_link_end(text, handle.end()) if is_link else handle.end(), handle.group())


def _read_link(text: str, start: int, kind: str) -> FoundName | None:
    """Read the part of a link that begins with a name, to its end."""
    segment = _SEGMENT.match(text, start)
    if segment is None:
        return None
    written = segment.group().rstrip(".")
    named = start + len(written)
    end = _find_link_end(text, named)
    if kind == "short":
        return FoundName(start, end, "", "…")
    if kind == "host" and written.lower() in _NOT_A_NAME:
        return FoundName(named, end, "")
    name = unquote(written).replace("/", " ").lstrip("@").split()[:1]
    return FoundName(start, end, name[0] if name else "", "@" if written.startswith("@") else "")


def _find_link_end(text: str, start: int) -> int:
    """Return where the rest of a link ends, without marks that end a sentence."""
    rest = _REST.match(text, start)
    return start + len(rest.group().rstrip(".,;:!?")) if rest else start


def _find_bare(text: str, names: Iterable[str]) -> Iterator[FoundName]:
    """Find whole words in any case."""
    folded, places = "", list[int]()
    for name in names:
        if len(name) < MIN_BARE_NAME:
            continue
        if not folded:
            folded, places = _fold_case(text)
        wanted, found = name.casefold(), -1
        while (found := folded.find(wanted, found + 1)) >= 0:
            start, end = found, found + len(wanted)
            if places:
                start, end = places[start], places[end - 1] + 1
            if not any(char.isalnum() for char in f"{text[max(start - 1, 0) : start]}{text[end : end + 1]}"):
                yield FoundName(start, end, name)


def _fold_case(text: str) -> tuple[str, list[int]]:
    """Fold the case of a text; also the place of each character in the text, none if nothing moved ("ß" is "ss")."""
    folded = text.casefold()
    if len(folded) == len(text):
        return folded, []
    return folded, [place for place, char in enumerate(text) for _ in char.casefold()]
