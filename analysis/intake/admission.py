"""Admission of rows as posts: each row is accepted, or rejected with its own reason. `batch` supplies the rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from analysis.importers.refused import RefusedError
from analysis.intake.binding import MatchedImages
from analysis.intake.rejections import Rejection
from analysis.posts import BLANK_POST, POST_COLUMNS, column_frame, content_id, inputs_used
from analysis.settings import Settings

_MAX_SHOWN_CHARS = 200  # characters of an id or reference in a rejection; `Rejection.raw` has all of it


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
    fields: Mapping[str, object] = field(default_factory=dict)
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
    """Accepts or rejects candidates one by one.

    Attributes:
        rows_refused: Rejected rows so far.
        columns_refused: Columns so far with values that could not be read.
        references_refused: Rejected references so far.
        n_rows: Rows in all.
        n_columns: Columns of times and counts, and of ids that a spreadsheet rounded, in all.
        n_references: References in all.
        n_references_met: References for which an image was found.
    """

    def __init__(self, settings: Settings) -> None:
        self.rejected_rows: list[Rejection] = []
        self.rejected_columns: list[Rejection] = []
        self.rejected_references: list[Rejection] = []
        self.n_rows = 0
        self.n_references = 0
        self.n_references_found = 0
        self.n_columns = 0
        self._settings = settings
        self._posts: dict[str, list[object]] = {name: [] for name in POST_COLUMNS}
        self._numbers: dict[str, int] = {}  # the posts' places in `_posts`, by id
        self._repeats: Counter[str] = Counter()  # of ids that are not unique and get a number
        self._rounded: dict[
            tuple[object, ...], int
        ] = {}  # places of the posts with rounded ids, by what they hold

    @property
    def n_posts(self) -> int:
        """Posts so far."""
        return len(self._numbers)

    def posts(self) -> pd.DataFrame:
        """Return the posts so far as a post table."""
        return column_frame(self._posts)

    def admit(self, candidate: Candidate) -> None:
        """Accept a candidate as a post, or reject it; its references are counted in both cases."""
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
        self.rejected_references += listed

        media_ids = [image.media_id for image in images]
        post: dict[str, object] = {
            "post_id": self._id(candidate, media_ids),
            "text": candidate.text,
            "images": media_ids,
            "image_names": [image.name for image in images],
            "source": candidate.source,
            "row": candidate.row,
            **candidate.fields,
        }
        problem = self._problem(candidate, post)
        if problem is None:
            self.n_rows += 1
            if candidate.rounded_id:
                self._rounded[_content(candidate, media_ids)] = self.n_posts
            self._numbers[str(post["post_id"])] = self.n_posts
            for name, values in self._posts.items():
                values.append(post[name] if name in post else BLANK_POST.get(name))
        else:
            reason = f"row {candidate.row:,} {problem.reason}" if candidate.row else problem.reason
            rejection = Rejection(
                "row", candidate.source, reason, problem.remedy, candidate.listed_id, candidate.raw()
            )
            self.refuse(rejection)

    def refuse(self, row: Rejection) -> None:
        """Add a row that cannot become a post."""
        self.n_rows += 1
        self.rejected_rows.append(row)

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
        post_id = candidate.post_id or content_id(candidate.text, media_ids)
        shared = candidate.rounded_id if candidate.post_id else candidate.row > 0
        if not shared or post_id not in self._numbers:
            return post_id
        if candidate.rounded_id and _content(candidate, media_ids) in self._rounded:
            return str(self._posts["post_id"][self._rounded[_content(candidate, media_ids)]])
        unique = post_id
        while unique in self._numbers:
            self._repeats[post_id] += 1
            unique = f"{post_id}-{self._repeats[post_id] + 1}"
        return unique

    def _problem(self, candidate: Candidate, post: dict[str, object]) -> RefusedError | None:
        limits = self._settings
        if self.n_posts >= limits.max_rows:
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
        if inputs_used(candidate.text, len(candidate.found.images)) == "none":
            named = candidate.found.references
            return RefusedError(
                "has no text, and none of its images could be used" if named else "has no text and no image",
                "Add a text or an image, and upload it again.",
            )
        number = self._numbers.get(str(post["post_id"]))
        if number is None:
            return None
        source, row = self._posts["source"][number], self._posts["row"][number]
        place = _place(str(source), int(str(row)))
        if not candidate.post_id:
            return RefusedError(
                f"has the same content as {place}", "Ignore this if it is a duplicate; otherwise add ids."
            )
        alike = all(self._posts[name][number] == post[name] for name in ("text", "images"))
        return RefusedError(
            f"repeats the id {_shorten(candidate.post_id)} of {place}, "
            + ("with the same text and images" if alike else "with a different text or different images"),
            "Ignore this if it is a duplicate." if alike else "Give each post its own id.",
        )


def _content(candidate: Candidate, media_ids: Sequence[str]) -> tuple[object, ...]:
    fields = candidate.fields
    return candidate.post_id, candidate.text, *media_ids, fields.get("author"), fields.get("created_at")


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
