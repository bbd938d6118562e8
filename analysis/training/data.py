"""The labelled data of `postlens train`, read and checked: which files, which columns, which labels.

The folder's layout, sources and flaws are told in the model card (`analysis.training.card`).
Only train and dev/val splits are read; published test splits never are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.errors import TrainingError
from analysis.model.config import SENTIMENTS

TOPICS = {
    "arts_&_culture": ("arts_culture", "Arts & culture"),
    "business_&_entrepreneurs": ("business_entrepreneurs", "Business & entrepreneurs"),
    "daily_life": ("daily_life", "Daily life"),
    "pop_culture": ("pop_culture", "Pop culture"),
    "science_&_technology": ("science_technology", "Science & technology"),
    "sports_&_gaming": ("sports_gaming", "Sports & gaming"),
}
"""TweetTopic's labels: the name and the title that PostLens gives each."""


@dataclass(frozen=True)
class LabelledData:
    """What the compact bundle is trained and evaluated on.

    Attributes:
        mvsa_train: MVSA-Single train: text, picture (absolute path), label, text_label, image_label as class numbers.
        mvsa_dev: The same for its dev split.
        topic_train: TweetTopic train: text, label as class number.
        topic_val: TweetTopic validation.
    """

    mvsa_train: pd.DataFrame
    mvsa_dev: pd.DataFrame
    topic_train: pd.DataFrame
    topic_val: pd.DataFrame


def read_data(folder: Path) -> LabelledData:
    """Read the labelled data.

    Args:
        folder: Holds `mvsa_single/posts.csv` with its pictures, and `topic/train.csv` and `val.csv`.

    Returns:
        The data, labels as class numbers.

    Raises:
        TrainingError: A file, a column or a picture is missing, or a label is unknown.
    """
    labels = ("label", "text_label", "image_label")
    posts = _read(folder / "mvsa_single" / "posts.csv", ["id", "text", "image", "split", *labels])
    posts["picture"] = [str(folder / "mvsa_single" / name) for name in posts["image"]]
    missing = [path for path in posts["picture"] if not Path(path).is_file()]
    if missing:
        raise TrainingError(
            "mvsa_single/posts.csv",
            f"names {len(missing)} pictures that are not there, such as {missing[0]}",
            "Copy the folder mvsa_single with its images.",
        )
    for column in labels:
        posts[column] = _numbers(posts[column], SENTIMENTS, f"mvsa_single/posts.csv, column {column}")
    topics = []
    for split in ("train", "val"):
        frame = _read(folder / "topic" / f"{split}.csv", ["id", "text", "label"])
        frame["label"] = _numbers(frame["label"], tuple(TOPICS), f"topic/{split}.csv")
        topics.append(frame)
    splits = {split: posts[posts["split"] == split].reset_index(drop=True) for split in ("train", "dev")}
    return LabelledData(splits["train"], splits["dev"], *topics)


def _read(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    if not path.is_file():
        raise TrainingError(str(path), "is missing", "Give the folder of the labelled data with --data.")
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    absent = [column for column in columns if column not in frame.columns]
    if absent:
        raise TrainingError(
            str(path), f"has no column {', '.join(absent)}", f"It needs {', '.join(columns)}."
        )
    return frame


def _numbers(labels: pd.Series, classes: Sequence[str], where: str) -> pd.Series:
    strange = sorted(set(labels) - set(classes))
    if strange:
        raise TrainingError(
            where, f"holds unknown labels: {', '.join(strange[:5])}", f"Use {', '.join(classes)}."
        )
    return labels.map({name: number for number, name in enumerate(classes)}).astype(int)
