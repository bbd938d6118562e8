"""Input of the API: converts texts, tables and files to checked posts, and lists what was rejected."""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable, Sequence, Set
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.api.table import convert_input_frame
from analysis.errors import IntakeError
from analysis.importers import ImportOptions, table_suffixes
from analysis.intake import CheckedBatch, InputFile, Inputs, check_batch, list_files, read_inputs
from analysis.intake.folders import list_images
from analysis.intake.media import stored_image_path
from analysis.temporary import temporary_directory
from analysis.workspace import BatchInfo

_SHOWN = 60  # characters of a text in a message


class Posts:
    """Checked posts, ready to be scored; returned by `read_posts`.

    Attributes:
        table: The post table (`analysis.posts`).
        rejected: What could not be read, one row each: kind, name, reason, remedy, post_id, raw.
        counts: How many rows, files and references were expected, received and rejected.
        index: One label per post: the index of the original DataFrame, else 0, 1, 2, ...
        media: The folder of the images.
    """

    def __init__(self, checked: CheckedBatch, media: MediaFolder, index: pd.Index | None = None) -> None:
        self.table = checked.posts
        self.rejected = checked.rejected
        self.counts = checked.counts
        self.index = pd.RangeIndex(len(checked.posts)) if index is None else index
        self.media = media

    def __len__(self) -> int:
        return len(self.table)

    def __repr__(self) -> str:
        return f"Posts({len(self):,} posts, {len(self.rejected):,} rejected)"

    def image_path(self, media_id: str) -> Path:
        """Return the file of an image by its media id (the column `images` of `table`)."""
        return stored_image_path(self.media.path, media_id)

    def to_pandas(self) -> pd.DataFrame:
        """Return the posts as a table: post_id, text, author, created_at, image_names, likes, ..."""
        return self.table.drop(columns=["images"]).set_axis(self.index)


class MediaFolder:
    """A private temporary folder for images, which is removed when it is no longer referenced."""

    def __init__(self) -> None:
        stack = ExitStack()
        self.path = stack.enter_context(temporary_directory())
        weakref.finalize(self, stack.close)


def read_posts(path: str | Path, media: str | Path | None = None) -> Posts:
    r"""Read the posts of a table, a zip or a folder.

    Columns are recognised by their names (`text`, `images`, `post_id`, `created_at`, ...). Rows and files that cannot
    be read are listed in `Posts.rejected`; the rest is read.

    Args:
        path: A table, such as CSV, JSON, XLSX or Parquet, a zip of tables and images, or a folder.
        media: A folder with the images, if they are neither in the zip or folder nor next to the table.

    Returns:
        The posts.

    Raises:
        IntakeError: The path does not exist, cannot be read, or contains no post that can be scored.

    Example:
        >>> import tempfile, pathlib
        >>> import analysis as pl
        >>> table = pathlib.Path(tempfile.mkdtemp()) / "posts.csv"
        >>> table.write_text("text\nWhat a lovely evening!\nSo much rain today\n")
        47
        >>> pl.read_posts(table)
        Posts(2 posts, 0 rejected)
    """
    source = check_path(path)
    folder = MediaFolder()
    images = None if media is None else check_path(media, "The folder of images")
    checked = check_batch(read_files(source, images, folder.path))
    if not len(checked.posts):
        raise _no_posts_error(source, checked)
    return Posts(checked, folder)


def check_path(path: Any, name: str = "The path") -> Path:
    """Return a path that a caller gave.

    Raises:
        IntakeError: It is no path, or a URL.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise IntakeError(
            name, f"is of the type {type(path).__name__}", "Give the path of a table, zip or folder."
        )
    if "://" in str(path):
        raise IntakeError(
            str(path), "is a URL; nothing is downloaded", "Download the file and give its path."
        )
    return Path(path)


def check_api_input(source: Any, media: str | Path | None = None) -> Posts:
    """Convert any input of `Model.score` to checked posts; see there.

    Raises:
        IntakeError: The input as a whole cannot be read.
    """
    if isinstance(source, Posts) and media is None:
        return source
    if isinstance(source, Path):
        return read_posts(source, media)
    if media is not None:
        raise IntakeError(
            "The folder of images",
            "can only be used with a path",
            "Give it to read_posts, or put the images into the DataFrame's column images.",
        )
    if isinstance(source, str):
        _check_is_text(source)
        source = [source]
    if isinstance(source, pd.DataFrame):
        return _check_frame(source, "DataFrame")
    if isinstance(source, pd.Series):
        return _check_frame(source.to_frame("text"), "Series")
    if isinstance(source, BatchInfo):
        raise IntakeError(
            "The input", "describes a batch that is not open", "Open it first: workspace.open(batch.id)."
        )
    if isinstance(source, (bytes, bytearray, dict)) or not hasattr(source, "__iter__"):
        raise IntakeError(
            "The input",
            f"is of the type {type(source).__name__}",
            "Give a text, a list of texts, a DataFrame with a column text or images, or read_posts(...).",
        )
    return _check_frame(pd.DataFrame({"text": pd.Series(list(source), dtype=object)}), "list")


def read_files(
    source: Path,
    media: Path | None,
    images: Path,
    exclude: Set[Path] = frozenset(),
    progress: Callable[[int, int], None] = lambda *_: None,
    options: ImportOptions | None = None,
    file_progress: Callable[[str, int, int], None] | None = None,
) -> Inputs:
    """Read the files of a source, for `intake.check_batch`.

    Args:
        source: A table, a zip or a folder. Images that a table names are also looked up in the table's folder.
        media: A folder with the images; None if they are in the source or next to it.
        images: The folder in which images are stored.
        exclude: Files of the source that are not input, such as an earlier report.
        progress: Called with the files read and the files in total.
        options: How tables are read, where the guess is wrong.
        file_progress: Called with the name of a large table, its bytes that were read, and its bytes.

    Raises:
        IntakeError: The source or the media folder does not exist or cannot be read.
    """
    files = list_files(source)
    nearby = source.parent if source.is_file() else None
    if media and not media.resolve().is_relative_to(source.resolve()):
        files += list_images(media)
    files = [file for file in files if not _is_one_of(file, exclude)]
    return read_inputs(
        files, images, progress=progress, options=options, nearby=nearby, file_progress=file_progress
    )


def check_all_accepted(posts: Posts) -> None:
    """Check that nothing was rejected.

    Raises:
        IntakeError: Something was rejected; the error describes the first.
    """
    for first in posts.rejected.itertuples(index=False):
        raise IntakeError(str(first.name), str(first.reason), str(first.remedy))


def _check_frame(frame: pd.DataFrame, name: str) -> Posts:
    folder = MediaFolder()
    checked = check_batch(convert_input_frame(frame, name, folder.path))
    return Posts(checked, folder, frame.index[checked.posts["row"].to_numpy(int) - 1])


def _check_is_text(text: str) -> None:
    """Reject a text that is probably a path.

    Raises:
        IntakeError: The text ends like the name of a table or zip, or a file or folder of this name exists.
    """
    if not text or any(letter.isspace() for letter in text):
        return
    try:
        is_path = text.lower().endswith((*table_suffixes(), ".zip")) or Path(text).exists()
    except (OSError, ValueError):  # too long for a path, or with a null character
        return
    if is_path:
        shown = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
        raise IntakeError(
            repr(shown),
            "looks like a path, but a string is scored as a text",
            "Use read_posts(...) or pathlib.Path(...) to score a file, or put the text into a list.",
        )


def _no_posts_error(source: Path, checked: CheckedBatch) -> IntakeError:
    reasons: Sequence[Any] = list(checked.rejected.itertuples(index=False))
    if not reasons:
        return IntakeError(str(source), "contains no posts", "Give a table with a column text or images.")
    first = reasons[0]
    if len(reasons) == 1 and first.name == source.name:
        return IntakeError(str(source), first.reason, first.remedy)
    return IntakeError(
        str(source),
        f"contains no post that can be scored; {len(reasons):,} rows or files were rejected, the first because "
        f"{first.name} {first.reason}",
        first.remedy,
    )


def _is_one_of(file: InputFile, paths: Set[Path]) -> bool:
    return isinstance(file.content, Path) and file.content.resolve() in paths
