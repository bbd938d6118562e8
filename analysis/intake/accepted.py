"""What is remembered of accepted posts to find repeated ids: 200 bytes each, however long ids and texts are."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from hashlib import blake2b


@dataclass(frozen=True, slots=True)
class AcceptedPost:
    """An accepted post.

    Attributes:
        source: The name of its table, or of the image.
        row: Its number in the table, 0 for an image.
        content: A hash of its text and images.
    """

    source: str
    row: int
    content: int


class AcceptedPosts:
    """The accepted posts by id."""

    def __init__(self) -> None:
        self._places: dict[bytes, int] = {}  # places in the arrays by the hash of the id
        self._sources: dict[str, int] = {}
        self._last = ("", hash_text(""))  # the latest id that was looked up, with its hash
        self._source, self._row, self._content = array("l"), array("q"), array("q")

    def __len__(self) -> int:
        return len(self._row)

    def __contains__(self, post_id: str) -> bool:
        return self._key(post_id) in self._places

    def add(self, post_id: str, source: str, row: int, content: int) -> None:
        """Add a post with a new id; `content` is a hash of 64 bits."""
        self._places[self._key(post_id)] = len(self._row)
        self._source.append(self._sources.setdefault(source, len(self._sources)))
        self._row.append(row)
        self._content.append(content)

    def get(self, post_id: str) -> AcceptedPost | None:
        """Return the post with an id; None if there is none."""
        place = self._places.get(self._key(post_id))
        if place is None:
            return None
        source = list(self._sources)[self._source[place]]
        return AcceptedPost(source, self._row[place], self._content[place])

    def _key(self, post_id: str) -> bytes:
        if post_id != self._last[0]:
            self._last = (post_id, hash_text(post_id))
        return self._last[1]


def hash_text(text: str) -> bytes:
    """Return a hash of 128 bits, which differs for different texts as far as anyone can find."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
