"""Reads and checks the labelled data of `postlens train`: files, columns and labels.

The model card describes the sources and their flaws. Only the train and dev or validation splits are read, never the
published test splits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor

from analysis.errors import TrainingError
from analysis.model.presets import HEADS

_PUBLISHED_LABELS = {
    "topic": {
        "arts_&_culture": "arts_culture",
        "business_&_entrepreneurs": "business_entrepreneurs",
        "science_&_technology": "science_technology",
        "sports_&_gaming": "sports_gaming",
    },
    "irony": {"non_irony": "not_irony"},
    "offensive": {"not-offensive": "not_offensive"},
    "hate": {"not-hate": "not_hate"},
}
"""Labels that have a different name in the published data sets."""


@dataclass(frozen=True)
class Splits:
    """Train and validation rows of one data set; `label` columns contain class indices."""

    train: pd.DataFrame
    val: pd.DataFrame


@dataclass(frozen=True)
class LabelledData:
    """The data that the compact bundle is trained and evaluated on.

    Attributes:
        pairs: MVSA-Single, train and dev. Columns: text, image, image_path, label, text_label, image_label.
        tweets: Texts with one label, by head. Columns: text, label.
        captions: Flickr8k. Columns: caption, image, image_path.
        unlabelled: Texts without labels. Column: text.
        multilingual: UMSAB validation, for evaluation only. Columns: lang, text, label.
    """

    pairs: Splits
    tweets: Mapping[str, Splits]
    captions: Splits
    unlabelled: pd.DataFrame
    multilingual: pd.DataFrame

    def sample_unlabelled(self, rows: int, seed: int) -> pd.Series:
        """Sample unlabelled texts, or return all if there are fewer; the same seed returns the same texts."""
        texts = self.unlabelled["text"]
        return texts.sample(min(rows, len(texts)), random_state=seed)


def read_training_data(folder: Path) -> LabelledData:
    """Read the labelled data.

    Args:
        folder: Contains `mvsa_single/` and `flickr8k/` with their images, one folder per head with `train.csv` and
            `val.csv`, `unlabelled/tweets.csv` and `sentiment_multilingual/val.csv`.

    Returns:
        The data, with labels as class indices.

    Raises:
        TrainingError: A file, a column or an image is missing, or a label is unknown.
    """
    return LabelledData(
        read_training_pairs(folder),
        {head: _read_tweets(folder, head) for head in HEADS},
        _read_captions(folder),
        _read_table(folder / "unlabelled" / "tweets.csv", ["text"]),
        _read_labelled(folder / "sentiment_multilingual" / "val.csv", ["lang", "text", "label"], "sentiment"),
    )


def read_training_pairs(folder: Path) -> Splits:
    """Read only MVSA-Single; see `read_training_data`."""
    columns = ["label", "text_label", "image_label"]
    posts = _read_labelled(
        folder / "mvsa_single" / "posts.csv", ["text", "image", "split", *columns], "sentiment", columns
    )
    posts["image_path"] = _list_images(folder / "mvsa_single", posts["image"], "mvsa_single/posts.csv")
    return Splits(*(posts[posts["split"] == split].reset_index(drop=True) for split in ("train", "dev")))


def list_distinct_images(captions: pd.DataFrame) -> tuple[list[str], Tensor]:
    """List the distinct images of captions, and the index of each caption's image, (captions,)."""
    paths = list(dict.fromkeys(captions["image_path"]))
    number = {path: index for index, path in enumerate(paths)}
    return paths, torch.tensor([number[path] for path in captions["image_path"]])


def _read_tweets(folder: Path, head: str) -> Splits:
    return Splits(
        *(
            _read_labelled(folder / head / f"{split}.csv", ["text", "label"], head)
            for split in ("train", "val")
        )
    )


def _read_captions(folder: Path) -> Splits:
    captions = _read_table(folder / "flickr8k" / "captions.csv", ["image", "caption", "split"])
    captions["image_path"] = _list_images(folder / "flickr8k", captions["image"], "flickr8k/captions.csv")
    train = captions["split"] == "train"
    return Splits(captions[train].reset_index(drop=True), captions[~train].reset_index(drop=True))


def _list_images(folder: Path, names: pd.Series, table: str) -> list[str]:
    paths = [str(folder / name) for name in names]
    missing = [path for path in dict.fromkeys(paths) if not Path(path).is_file()]
    if missing:
        raise TrainingError(
            table,
            f"lists {len(missing)} images that do not exist, such as {missing[0]}",
            f"Copy the folder {folder.name} with its images.",
        )
    return paths


def _read_labelled(
    path: Path, columns: Sequence[str], head: str, labels: Sequence[str] = ("label",)
) -> pd.DataFrame:
    frame, where = _read_table(path, columns), f"{path.parent.name}/{path.name}"
    classes = HEADS[head].classes
    published = _PUBLISHED_LABELS.get(head, {})
    for column in labels:
        named = frame[column].map(lambda label: published.get(label, label))
        unknown = sorted(set(frame[column][~named.isin(classes)]))
        if unknown:
            raise TrainingError(
                f"{where}, column {column}",
                f"has unknown labels: {', '.join(unknown[:5])}",
                f"Use {', '.join({**dict.fromkeys(classes), **dict.fromkeys(published)})}.",
            )
        frame[column] = named.map({name: number for number, name in enumerate(classes)}).astype(int)
    return frame


def _read_table(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    if not path.is_file():
        raise TrainingError(str(path), "is missing", "Set --data to the folder with the labelled data.")
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    absent = [column for column in columns if column not in frame.columns]
    if absent:
        raise TrainingError(
            str(path), f"has no column {', '.join(absent)}", f"It needs {', '.join(columns)}."
        )
    return frame
