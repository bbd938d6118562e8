"""Admission of rows as posts: each row is accepted, or rejected with its own reason. `batch` supplies the rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from analysis.importers.refused import RefusedError
from analysis.intake.accepted import AcceptedPosts, hash_text
from analysis.intake.binding import NO_IMAGES, MatchedImages
from analysis.intake.media import StoredImage
from analysis.intake.rejections import Rejection, RejectionList
from analysis.intake.stored_posts import StoredPosts
from analysis.posts import BLANK_POST, POST_COLUMNS, compute_post_id, list_inputs_used
from analysis.settings import Settings

_MAX_SHOWN_CHARS = 200  # characters of an id or reference in a rejection; `Rejection.raw` has all of it

_BUFFER_POSTS = 20_000  # that are stored together
_BUFFER_CHARS = 8_000_000


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row, or an image without a table, that may become a post.

    Attributes:
        source: The name of its table, or of the image.
        found: Its images, and its references that have no image.
        row: Its number in the table, 0 for an image.
        post_id: Its own id, "" for none.
        text: Its text.
        fields: Further fields of the post.
        rounded_id: Whether a spreadsheet rounded its id, so that other posts may have the same one.
        raw: Returns its original cells; called only if it is rejected.
    """

    source: str
    found: MatchedImages
    row: int = 0
    post_id: str = ""
    text: str = ""
    fields: dict[str, object] = field(default_factory=dict)
    rounded_id: bool = False
    raw: Callable[[], str] = str

    @property
    def place(self) -> str:
        """Its position: "row 5 of posts.csv", or the image's name."""
        return _place(self.source, self.row)

    @property
    def listed_id(self) -> str | None:
        """Its id for the list of rejections, shortened; None for none."""
        return _shorten(self.post_id) or None


class Admission:
    """Accepts or rejects candidates one by one. Posts are compared by hashes of their ids and contents.

    Args:
        settings: Limits.
        folder: Where many posts are stored; see `StoredPosts`.

    Attributes:
        rejected_rows: Rejected rows so far.
        rejected_columns: Columns so far with values that could not be read.
        rejected_references: Rejected references so far.
        n_rows: Rows in all.
        n_columns: Columns of times and counts, and of ids that a spreadsheet rounded, in all.
        n_references: References in all.
        n_references_found: References for which an image was found.
        stored: The posts, after `finish`.
    """

    def __init__(self, settings: Settings, folder: Path | None = None) -> None:
        self.rejected_rows = RejectionList(settings.max_listed_rows, "more rows that were rejected")
        self.rejected_columns: list[Rejection] = []
        self.rejected_references = RejectionList(
            2 * settings.max_listed_references, "more rows with missing images"
        )
        self.n_rows = 0
        self.n_references = 0
        self.n_references_found = 0
        self.n_columns = 0
        self.stored = StoredPosts(folder)
        self._settings = settings
        self._buffer: list[dict[str, object]] = []
        self._buffered_chars = 0
        self._rejected_chars = 0
        self._accepted = AcceptedPosts()
        self._repeats: Counter[str] = Counter()  # of ids that are not unique and get a number
        self._rounded: dict[bytes, str] = {}  # ids of the posts with rounded ids, by what they hold

    @property
    def n_posts(self) -> int:
        """Posts so far."""
        return len(self._accepted)

    @property
    def is_full(self) -> bool:
        """Whether there are as many posts as one batch can have."""
        return self.n_posts >= self._settings.max_rows

    def finish(self) -> StoredPosts:
        """Return the posts."""
        self._flush()
        return self.stored

    def _flush(self) -> None:
        if self._buffer:
            columns = {
                name: [post.get(name, blank) for post in self._buffer]
                for name, blank in ((name, BLANK_POST.get(name)) for name in POST_COLUMNS)
            }
            self.stored.append(columns)
            self._buffer.clear()
            self._buffered_chars = 0

    def admit(self, candidate: Candidate) -> None:
        """Accept a candidate as a post, or reject it; its references are counted in both cases."""
        found = candidate.found
        images = found.images if found is NO_IMAGES else self._count_references(candidate)
        media_ids = [image.media_id for image in images]
        post_id = self._id(candidate, media_ids)
        problem = self._problem(candidate, post_id, media_ids)
        if problem is None:
            self._accept(candidate, post_id, images)
        else:
            reason = f"row {candidate.row:,} {problem.reason}" if candidate.row else problem.reason
            rejection = Rejection(
                "row", candidate.source, reason, problem.remedy, candidate.listed_id, candidate.raw()
            )
            self.refuse(rejection)

    def _accept(self, candidate: Candidate, post_id: str, images: Sequence[StoredImage]) -> None:
        media_ids = [image.media_id for image in images]
        if candidate.rounded_id:
            self._rounded[hash_text(_content(candidate, media_ids))] = post_id
        content = hash((candidate.text, *media_ids))
        self._accepted.add(post_id, candidate.source, candidate.row, content)
        self.n_rows += 1
        post = candidate.fields | {
            "post_id": post_id,
            "text": candidate.text,
            "images": media_ids,
            "image_names": [image.name for image in images],
            "source": candidate.source,
            "row": candidate.row,
        }
        self._buffer.append(post)
        self._buffered_chars += len(candidate.text) + len(str(post.get("extra", "")))
        if self._buffered_chars > _BUFFER_CHARS or len(self._buffer) >= _BUFFER_POSTS:
            self._flush()

    def _count_references(self, candidate: Candidate) -> Sequence[StoredImage]:
        """Count the references of a candidate, list those without an image, and return the images of its post."""
        found = candidate.found
        most = self._settings.max_images_per_post
        images = found.images[:most]
        missing = [*found.refused]
        for place, surplus in enumerate(found.images[most:], start=most + 1):
            fact = f"is image {place:,} of its post; the limit is {most:,}"
            missing.append((surplus.name, RefusedError(fact, "Split the post, or remove images.")))
        n_references = found.references
        listed = [_reject_reference(candidate, *reference) for reference in missing]
        room = self._settings.max_listed_references - len(self.rejected_references)
        if len(listed) > max(room, 1):
            n_references += 1 - len(listed)
            listed = [_reject_references(candidate, missing)]
        self.n_references += n_references
        self.n_references_found += n_references - len(listed)
        for reference in listed:
            self.rejected_references.add(reference)
        return images

    def refuse(self, row: Rejection) -> None:
        """Add a row that cannot become a post; its content is cut if those before it have many characters."""
        self.n_rows += row.count
        self._rejected_chars += len(row.raw)
        if self._rejected_chars > self._settings.max_rejected_chars and len(row.raw) > _MAX_SHOWN_CHARS:
            row = replace(row, raw=_shorten(row.raw))
        self.rejected_rows.add(row)

    def count_column(self, unread: Rejection | None) -> None:
        """Count a column of times, counts or rounded ids, and list it if some of its values are lost."""
        self.n_columns += 1
        if unread is not None:
            self.rejected_columns.append(unread)

    def _id(self, candidate: Candidate, media_ids: list[str]) -> str:
        """Return the id of a post; one that would not be unique, although it may be another post's, gets a number.

        Those are the ids of rows without one, which may hold the same words as other rows, and those that a
        spreadsheet rounded, unless the whole row is repeated.
        """
        post_id = candidate.post_id or compute_post_id(candidate.text, media_ids)
        shared = candidate.rounded_id if candidate.post_id else candidate.row > 0
        if not shared or post_id not in self._accepted:
            return post_id
        if candidate.rounded_id and (same := self._rounded.get(hash_text(_content(candidate, media_ids)))):
            return same
        unique = post_id
        while unique in self._accepted:
            self._repeats[post_id] += 1
            unique = f"{post_id}-{self._repeats[post_id] + 1}"
        return unique

    def _problem(self, candidate: Candidate, post_id: str, media_ids: Sequence[str]) -> RefusedError | None:
        limits = self._settings
        if self.is_full:
            return RefusedError(
                f"is beyond the {limits.max_rows:,} posts of one batch", "Score the rest in another batch."
            )
        if len(candidate.text) > limits.max_text_chars:
            return RefusedError(
                f"has a text of {len(candidate.text):,} characters; the limit is {limits.max_text_chars:,}",
                "Shorten it. If it contains several posts, a quotation mark is missing or not closed.",
            )
        if len(candidate.post_id) > limits.max_id_chars:
            return RefusedError(
                f"has an id of {len(candidate.post_id):,} characters; the limit is {limits.max_id_chars:,}",
                "Shorten it, or choose another column for the ids.",
            )
        author = candidate.fields.get("author")
        if isinstance(author, str) and len(author) > limits.max_author_chars:
            return RefusedError(
                f"has an author of {len(author):,} characters; the limit is {limits.max_author_chars:,}",
                "Shorten it, or choose another column for the authors.",
            )
        if list_inputs_used(candidate.text, len(candidate.found.images)) == "none":
            named = candidate.found.references
            return RefusedError(
                "has no text, and none of its images could be used" if named else "has no text and no image",
                "Add a text or an image.",
            )
        same = self._accepted.get(post_id)
        if same is None:
            return None
        place = _place(same.source, same.row)
        if not candidate.post_id:
            return RefusedError(
                f"has the same content as {place}", "Ignore this if it is a duplicate; otherwise add ids."
            )
        alike = same.content == hash((candidate.text, *media_ids))
        return RefusedError(
            f"repeats the id {_shorten(candidate.post_id)} of {place}, "
            + ("with the same text and images" if alike else "with a different text or different images"),
            "Ignore this if it is a duplicate." if alike else "Give each post its own id.",
        )


def _content(candidate: Candidate, media_ids: Sequence[str]) -> str:
    fields = candidate.fields
    content = (candidate.post_id, candidate.text, *media_ids, fields.get("author"), fields.get("created_at"))
    return "\x00".join(map(str, content))


def _shorten(text: str) -> str:
    return text if len(text) <= _MAX_SHOWN_CHARS else text[:_MAX_SHOWN_CHARS] + "…"


def _place(source: str, row: int) -> str:
    return f"row {row:,} of {source}" if row else source


def _reject_reference(candidate: Candidate, reference: str, problem: RefusedError) -> Rejection:
    reason = f"row {candidate.row:,} names {_shorten(reference)}, which {problem.reason}"
    return Rejection("reference", candidate.source, reason, problem.remedy, candidate.listed_id, reference)


def _reject_references(candidate: Candidate, missing: Sequence[tuple[str, RefusedError]]) -> Rejection:
    """Summarise the missing references of a row in one rejection."""
    first = _reject_reference(candidate, *missing[0])
    reason = f"{first.reason}; {len(missing) - 1:,} more of its images are missing too"
    return replace(first, reason=reason)
