"""Reads labelled posts: a table as in intake, with images, and labels as class numbers.

`evaluate` measures a model on them; `analysis.training.own_labels` trains heads on them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from analysis.errors import EvaluationError
from analysis.importers import RefusedError, guess_mapping
from analysis.importers.importer import list_columns
from analysis.intake import InputFile, StoredImage, files_in, read_table
from analysis.intake.binding import Bound, Claim, match_images
from analysis.intake.formats import IMAGES, format_by_ending
from analysis.model.config import Head

MIN_POSTS = 10
"""With fewer posts the interval of accuracy can cover more than 60 % of its range."""
_NAMED = 5  # unknown labels that a message lists


def read_labelled(path: Path, media: Path | None = None) -> pd.DataFrame:
    """Read a table of labelled posts.

    Rows that cannot be read become blank rows at the end, and missing or broken images are left out; `unread` lists
    both.

    Args:
        path: CSV, TSV, JSON, NDJSON or XLSX; its text and image columns are found by their names, as in scoring.
        media: Folder with the images; None for the table's folder.

    Returns:
        One row per data row: every column in its original form, "" where blank; `text`, "" for none; `images`, a list
        of the paths of its images; `unread`, a list of messages about what could not be read.

    Raises:
        EvaluationError: The table cannot be read, or has neither texts nor images.
        IntakeError: The images' folder cannot be read.
    """
    file = InputFile(path.name, path)
    try:
        table = read_table(file)
    except RefusedError as error:
        raise EvaluationError(file.name, error.reason, error.remedy) from error
    mapping = guess_mapping(table.columns)
    if not mapping.makes_posts:
        raise EvaluationError(
            file.name,
            f"has no recognised column of texts or images; its columns are: {list_columns(table.columns)}",
            "Name the column of texts `text`, or the column of images `image`.",
        )
    posts = table.rows.assign(text=table.rows[mapping.text] if mapping.text else "")
    images = _images(media or path.parent) if mapping.images or media else {}
    ids = table.rows[mapping.post_id] if mapping.post_id else [""] * len(posts)
    cells = zip(*(table.rows[name] for name in mapping.images), strict=True) if mapping.images else None
    claims = [
        Claim(post_id.strip(), named, "")
        for post_id, named in zip(ids, cells or [()] * len(posts), strict=True)
    ]
    read = [_readable(bound) for bound in match_images(claims, images)]
    posts["images"] = pd.Series([paths for paths, _ in read], index=posts.index, dtype=object)
    posts["unread"] = pd.Series([unread for _, unread in read], index=posts.index, dtype=object)
    blank = dict.fromkeys(posts.columns, "")
    refused = [{**blank, "images": [], "unread": [rejection.reason]} for rejection in table.rejected]
    return pd.concat([posts, pd.DataFrame(refused)]) if refused else posts


def filter_posts(posts: pd.DataFrame, conditions: Sequence[tuple[str, str]]) -> pd.DataFrame:
    """Select the posts whose columns have the given values.

    Args:
        posts: Of `read_labelled`.
        conditions: Column and value; all must hold.

    Returns:
        Those posts.

    Raises:
        EvaluationError: There is no such column, or no such post.
    """
    for column, value in conditions:
        _check_column(posts, column)
        posts = posts[posts[column].map(str).str.strip() == value.strip()]
    if posts.empty:
        wanted = " and ".join(f"{column}={value}" for column, value in conditions)
        raise EvaluationError(
            "The labelled posts",
            f"include none with {wanted}" if wanted else "are missing: the table has no rows",
            "Check the spelling of the value in the table.",
        )
    return posts


def labels_of(posts: pd.DataFrame, head: Head, column: str | None = None) -> NDArray[np.int64]:
    """Read the labels for a head.

    Names and titles of classes are recognised in any spelling: "Arts & culture", "arts_&_culture",
    "not-hate", "non_irony".

    Args:
        posts: Of `read_labelled`.
        head: The head with these classes.
        column: Column of the labels; None for the column with the head's name, else `label`.

    Returns:
        Class numbers, (posts,); -1 for a post without a label.

    Raises:
        EvaluationError: There is no such column, or it holds other labels than the head's classes.
    """
    column = column or (head.name if head.name in posts.columns else "label")
    _check_column(posts, column)
    numbers = {"": -1}
    for number, names in enumerate(zip(head.titles, head.classes, strict=True)):
        numbers |= {class_name(name): number for name in names}
    written = posts[column].map(str)
    named = written.map(class_name).where(written.str.strip() != "", "")
    strange = written[~named.isin(list(numbers)) | ((named == "") & (written.str.strip() != ""))]
    if len(strange):
        found = list(dict.fromkeys(label.strip()[:40] for label in strange))
        raise EvaluationError(
            f"Column {column}",
            f"has unknown labels: {', '.join(found[:_NAMED])}"
            + (f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""),
            f"The classes of {head.name} are: {', '.join(head.classes)}.",
        )
    return np.array([numbers[name] for name in named], dtype=np.int64)


def check_labels(truth: NDArray[np.int64], head: Head) -> None:
    """Check that there are enough posts and classes to measure.

    Args:
        truth: Class numbers of the posts that will be measured, (posts,).
        head: Names the classes.

    Raises:
        EvaluationError: The posts are fewer than ten, or all of one class.
    """
    if len(truth) < MIN_POSTS:
        raise EvaluationError(
            "The labelled posts",
            f"include only {len(truth)} readable posts with a label for {head.name}",
            f"Label at least {MIN_POSTS}.",
        )
    if len(set(truth.tolist())) == 1:
        raise EvaluationError(
            "The labelled posts",
            f"have one class only: {head.classes[truth[0]]}",
            "Label posts of two classes or more.",
        )


def class_name(label: str) -> str:
    """Normalise a label to a class name: "Arts & Culture" and "arts_&_culture" become "arts_culture"."""
    return re.sub(r"^non_", "not_", re.sub(r"[\W_]+", "_", label.casefold()).strip("_"))


def _check_column(posts: pd.DataFrame, column: str) -> None:
    if column not in posts.columns:
        columns = [name for name in posts.columns if name not in ("images", "unread")]
        raise EvaluationError(
            "The labelled posts",
            f"have no column {column}; their columns are: {list_columns(columns)}",
            "Name the column of the labels with --label, or correct --where.",
        )


def _images(folder: Path) -> dict[str, StoredImage]:
    """List a folder's images by name; the path replaces the content, as nothing is stored."""
    return {
        file.name: StoredImage(file.name, str(Path(file.content).absolute()), 0, 0)
        for file in files_in(folder)
        if isinstance(file.content, Path) and format_by_ending(file.ending) in IMAGES
    }


def _readable(bound: Bound) -> tuple[list[str], list[str]]:
    """Return the paths of a row's images that can be decoded, and messages about the others."""
    paths = []
    unread = [f"{reference} {problem.reason}" for reference, problem in bound.refused]
    for image in bound.images:
        try:
            with Image.open(image.media_id) as opened:
                opened.draft("RGB", (64, 64))  # a JPEG is decoded at an eighth of its size
                opened.load()
            paths.append(image.media_id)
        except Exception:  # decoders raise many kinds of errors on broken bytes
            unread.append(f"{image.name} is damaged or incomplete")
    return paths, unread
