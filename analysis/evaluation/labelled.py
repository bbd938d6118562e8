"""Reads labelled posts: a table with images, in the same formats as intake, and labels as class indices.

`evaluate` evaluates a model on the posts, and `analysis.training.own_labels` trains heads on them.
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
from analysis.importers.importer import list_table_columns
from analysis.intake import InputFile, StoredImage, list_files, read_table_in_worker
from analysis.intake.binding import MatchedImages, RowReferences, match_images
from analysis.intake.formats import IMAGES, format_by_suffix
from analysis.model.config import Head
from analysis.settings import Settings

MIN_POSTS = 10
"""With fewer posts, the interval of accuracy can span more than 60 % of its range."""
_LISTED = 5  # unknown labels listed in an error message


def read_evaluation_posts(path: Path, media: Path | None = None) -> pd.DataFrame:
    """Read a table of labelled posts.

    Rows that cannot be read are added as blank rows at the end, and missing or broken images are left out; both are
    listed in `unread`.

    Args:
        path: CSV, TSV, JSON, NDJSON or XLSX; text and image columns are recognised by name, as in scoring.
        media: Folder with the images; None for the folder of the table.

    Returns:
        One row per data row, with all original columns ("" for blank cells); `text`, "" for none; `images`, a list of
        image paths; and `unread`, a list of messages about what could not be read.

    Raises:
        EvaluationError: The table cannot be read, or has neither texts nor images.
        IntakeError: The folder with the images cannot be read.
    """
    file = InputFile(path.name, path)
    try:
        table = read_table_in_worker(file)
    except RefusedError as error:
        raise EvaluationError(file.name, error.reason, error.remedy) from error
    mapping = guess_mapping(table.columns)
    if not mapping.makes_posts:
        raise EvaluationError(
            file.name,
            f"has no recognised column of texts or images; its columns are: {list_table_columns(table.columns)}",
            "Rename the column of texts to `text`, or the column of images to `image`.",
        )
    posts = table.rows.assign(text=table.rows[mapping.text] if mapping.text else "")
    images = _list_images(media or path.parent) if mapping.images or media else {}
    ids = table.rows[mapping.post_id] if mapping.post_id else [""] * len(posts)
    cells = zip(*(table.rows[name] for name in mapping.images), strict=True) if mapping.images else None
    references = [
        RowReferences(post_id.strip(), named, "")
        for post_id, named in zip(ids, cells or [()] * len(posts), strict=True)
    ]
    read = [_check_images(bound) for bound in match_images(references, images)]
    posts["images"] = pd.Series([paths for paths, _ in read], index=posts.index, dtype=object)
    posts["unread"] = pd.Series([unread for _, unread in read], index=posts.index, dtype=object)
    blank = dict.fromkeys(posts.columns, "")
    refused = [{**blank, "images": [], "unread": [rejection.reason]} for rejection in table.rejected]
    return pd.concat([posts, pd.DataFrame(refused)]) if refused else posts


def filter_labelled_posts(posts: pd.DataFrame, conditions: Sequence[tuple[str, str]]) -> pd.DataFrame:
    """Select the posts with the given column values.

    Args:
        posts: Result of `read_evaluation_posts`.
        conditions: Pairs of column and value, which must all match.

    Returns:
        The matching posts.

    Raises:
        EvaluationError: A column does not exist, or no post matches.
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


def read_evaluation_groups(posts: pd.DataFrame, column: str) -> pd.Series[str]:
    """Read the column by whose values an evaluation is broken down.

    Args:
        posts: Result of `read_evaluation_posts`.
        column: Name of the column.

    Returns:
        The value of each post without surrounding spaces, "" for none.

    Raises:
        EvaluationError: The column does not exist, is blank, or has more than `Settings.max_filter_values` values.
    """
    _check_column(posts, column)
    groups = posts[column].map(str).str.strip()
    values, limit = len(set(groups) - {""}), Settings().max_filter_values
    if not 1 <= values <= limit:
        raise EvaluationError(
            f"Column {column}",
            f"has {values:,} different values; the limit is {limit}" if values else "is blank",
            "Use a column with fewer values for --by." if values else "Use another column for --by.",
        )
    return groups


def read_evaluation_labels(posts: pd.DataFrame, head: Head, column: str | None = None) -> NDArray[np.int64]:
    """Read the labels for a head.

    Class names and titles are matched after normalisation: "Arts & culture", "arts_&_culture", "not-hate",
    "non_irony".

    Args:
        posts: Result of `read_evaluation_posts`.
        head: The head with the classes.
        column: Column of the labels; None for the column with the name of the head, or else `label`.

    Returns:
        Class indices, (posts,); -1 for posts without a label.

    Raises:
        EvaluationError: The column does not exist, or contains labels that are not classes of the head.
    """
    column = column or (head.name if head.name in posts.columns else "label")
    _check_column(posts, column)
    numbers = {"": -1}
    for number, names in enumerate(zip(head.titles, head.classes, strict=True)):
        numbers |= {normalise_evaluation_label(name): number for name in names}
    written = posts[column].map(str)
    named = written.map(normalise_evaluation_label).where(written.str.strip() != "", "")
    unrecognised = written[~named.isin(list(numbers)) | ((named == "") & (written.str.strip() != ""))]
    if len(unrecognised):
        found = list(dict.fromkeys(label.strip()[:40] for label in unrecognised))
        raise EvaluationError(
            f"Column {column}",
            f"has unknown labels: {', '.join(found[:_LISTED])}"
            + (f" and {len(found) - _LISTED} more" if len(found) > _LISTED else ""),
            f"The classes of {head.name} are: {', '.join(head.classes)}.",
        )
    return np.array([numbers[name] for name in named], dtype=np.int64)


def check_evaluation_labels(truth: NDArray[np.int64], head: Head) -> None:
    """Check that there are enough posts and classes to evaluate.

    Args:
        truth: Class indices, (posts,).
        head: The head with the class names.

    Raises:
        EvaluationError: There are fewer than ten posts, or all have the same class.
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
            f"have only one class: {head.classes[truth[0]]}",
            "Label posts of at least two classes.",
        )


def normalise_evaluation_label(label: str) -> str:
    """Normalise a label to a class name: "Arts & Culture" and "arts_&_culture" become "arts_culture"."""
    return re.sub(r"^non_", "not_", re.sub(r"[\W_]+", "_", label.casefold()).strip("_"))


def _check_column(posts: pd.DataFrame, column: str) -> None:
    if column not in posts.columns:
        columns = [name for name in posts.columns if name not in ("images", "unread")]
        raise EvaluationError(
            "The labelled posts",
            f"have no column {column}; their columns are: {list_table_columns(columns)}",
            "Set --label to the column of the labels, or correct --where or --by.",
        )


def _list_images(folder: Path) -> dict[str, StoredImage]:
    """List the images in a folder by name, with their paths in place of media ids, because nothing is stored."""
    return {
        file.name: StoredImage(file.name, str(Path(file.content).absolute()), 0, 0)
        for file in list_files(folder)
        if isinstance(file.content, Path) and format_by_suffix(file.suffix) in IMAGES
    }


def _check_images(bound: MatchedImages) -> tuple[list[str], list[str]]:
    """Return the paths of the images of a row that can be decoded, and messages about the others."""
    paths = []
    unread = [f"{reference} {problem.reason}" for reference, problem in bound.refused]
    for image in bound.images:
        try:
            with Image.open(image.media_id) as opened:
                opened.draft("RGB", (64, 64))  # decodes a JPEG at an eighth of its size
                opened.load()
            paths.append(image.media_id)
        except Exception:  # decoders raise many kinds of errors on broken bytes
            unread.append(f"{image.name} is damaged or incomplete")
    return paths, unread
