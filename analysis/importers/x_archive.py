"""Archives that X gives to the owner of an account: files of JSON behind `window.YTD.tweets.part0 = `.

The beginning is removed, and what follows is parsed as JSON; nothing is executed.
"""

from __future__ import annotations

import json
import re
from typing import Any

from analysis.importers.importer import ImportedRows, Importer
from analysis.importers.json_files import read_json
from analysis.importers.refused import RefusedError
from analysis.settings import Settings

_START = re.compile(rb"(?:\xef\xbb\xbf)?\s*window\.(?:YTD\.(?P<part>\w+)\.part\d+|__THAR_CONFIG)\s*=\s*")
_POSTS = ("tweets", "tweet", "community_tweet")


def read_posts(content: bytes, settings: Settings) -> ImportedRows:
    """Read the posts of an archive.

    Raises:
        RefusedError: If it is another part of the archive, or cannot be read.
    """
    start = _START.match(content)
    part = ((start and start["part"]) or b"manifest").decode()
    if start is None or part not in _POSTS:
        raise RefusedError(
            f"is the part {part!r} of an archive of X, which holds no posts of its owner", "Nothing to do."
        )
    return read_json(content[start.end() :].rstrip().removesuffix(b";"), settings)


def read_part(content: bytes, part: str) -> Any:
    """Return the first element of a part of an archive; None if the content is something else."""
    start = _START.match(content)
    if start is None or start["part"] != part.encode():
        return None
    try:
        elements = json.loads(content[start.end() :].rstrip().removesuffix(b";"))
    except (ValueError, RecursionError):
        return None
    return elements[0] if isinstance(elements, list) and elements else None


IMPORTER = Importer(
    name="x-archive",
    label="archives of X",
    suffixes=frozenset(),
    read=read_posts,
    sniff=lambda head: 0.9 if _START.match(head) else 0.0,
)
