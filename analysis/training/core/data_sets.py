"""Reads and checks the labelled data of `postlens train`: files, columns and labels.

The model card describes the sources and their flaws. Only the train and dev or validation splits are read, never the
published test splits. Training texts that also stand in a validation split, of any data set, are left out: for
example, most English training texts of UMSAB are validation tweets of TweetEval.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor

from analysis.errors import TrainingError
from analysis.model.config import Head
from analysis.model.presets import HEADS
from analysis.training.core.losses import one_hot_targets

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
EMOTION_LABELS = 4
"""Number of classes of the head `emotion`, the first ones, that the single labels of TweetEval decide between."""
_EMOTIONS_OF_REDDIT = {
    "amusement": "joy", "excitement": "joy", "grief": "sadness", "disappointment": "sadness", "remorse": "sadness",
    "annoyance": "anger", "nervousness": "fear",
}  # fmt: skip
"""Emotions of GoEmotions that count as another one; others that are not classes of the head count as none."""
_ADDRESSES = re.compile(r"https?:\S*|@\w+")
_NOT_WORDS = re.compile(r"\W+")
ENGLISH, ARABIC = "english", "arabic"


@dataclass(frozen=True)
class Splits:
    """Train and validation rows of one data set; `label` columns contain class indices."""

    train: pd.DataFrame
    val: pd.DataFrame


@dataclass(frozen=True)
class FurtherTexts:
    """Training texts of one head, which are not evaluated.

    Attributes:
        head: Name of the head.
        language: Name of their language in English, in lower case.
        texts: The texts.
        target: Class probabilities, (texts, classes); NaN for classes that the labels say nothing about.
    """

    head: str
    language: str
    texts: pd.Series
    target: Tensor


@dataclass(frozen=True)
class LabelledData:
    """The data that the compact bundle is trained and evaluated on.

    Attributes:
        pairs: MVSA-Single, train and dev. Columns: text, image, image_path, label, text_label, image_label.
        tweets: Texts with one label, by head. Columns: text, label.
        captions: Flickr8k. Columns: caption, image, image_path.
        unlabelled: Texts without labels. Column: text.
        languages: Texts with sentiment in other languages than English: UMSAB and further sets. Columns: lang, text,
            label. The validation split contains UMSAB's English texts too.
        further: More training texts: several emotions of one text, and irony.
        rephrased: Ironic English texts, and the same without irony. Columns: text, rephrase.
    """

    pairs: Splits
    tweets: Mapping[str, Splits]
    captions: Splits
    unlabelled: pd.DataFrame
    languages: Splits
    further: tuple[FurtherTexts, ...]
    rephrased: pd.DataFrame

    def list_texts(self) -> list[str]:
        """List all training texts with labels, and the captions."""
        frames = (each.train["text"] for each in (*self.tweets.values(), self.languages, self.pairs))
        columns = (*frames, *(each.texts for each in self.further), self.captions.train["caption"])
        return [text for column in columns for text in column]

    def sample_other(self, rows: int, seed: int) -> pd.DataFrame:
        """Sample training texts in other languages, or return all if there are fewer."""
        frame = self.languages.train
        return frame.sample(min(rows, len(frame)), random_state=seed)

    def sample_unlabelled(self, rows: int, seed: int) -> pd.Series:
        """Sample unlabelled texts, or return all if there are fewer; the same seed returns the same texts."""
        texts = self.unlabelled["text"]
        return texts.sample(min(rows, len(texts)), random_state=seed)


def read_training_data(folder: Path) -> LabelledData:
    """Read the labelled data.

    Args:
        folder: Contains `mvsa_single/` and `flickr8k/` with their images, `unlabelled/tweets.csv`, and folders with
            `train.csv` and `val.csv`: one per head, `sentiment_multilingual`, `sentiment_more`, `emotion_tweets_11`,
            `emotion_reddit_28`, and `irony_more` with `train_english.csv` and `train_arabic.csv`.

    Returns:
        The data, with labels as class indices.

    Raises:
        TrainingError: A file, a column or an image is missing, or a label is unknown.
    """
    pairs = read_training_pairs(folder)
    tweets = {head: _read_tweets(folder, head) for head in HEADS}
    languages = _read_languages(folder)
    irony = _read_table(folder / "irony_more" / "train_english.csv", ["text", "label", "rephrase"])
    held_out = {
        normalise_text(text)
        for frame in (*(each.val for each in tweets.values()), languages.val, pairs.val)
        for text in frame["text"]
    }
    kept = partial(_leave_out, held_out=held_out)
    further = (
        _read_emotions(kept(_read_table(folder / "emotion_tweets_11" / "train.csv", ["text", "labels"]))),
        _read_emotions(kept(_read_table(folder / "emotion_reddit_28" / "train.csv", ["text", "labels"]))),
        _read_irony(folder, ENGLISH, kept),
        _read_irony(folder, ARABIC, kept),
    )
    return LabelledData(
        pairs,
        {head: Splits(kept(splits.train), splits.val) for head, splits in tweets.items()},
        _read_captions(folder),
        kept(_read_table(folder / "unlabelled" / "tweets.csv", ["text"])),
        Splits(kept(languages.train), languages.val),
        further,
        irony[irony["rephrase"] != ""].reset_index(drop=True),
    )


def normalise_text(text: str) -> str:
    """Return a text in lower case without users, links, white space and punctuation, to find texts that are equal."""
    return _NOT_WORDS.sub(" ", _ADDRESSES.sub("", text.casefold())).strip()


def find_labelled_classes(head: Head) -> Tensor:
    """Find the classes of a head that single labels decide between, (classes,) bool."""
    return torch.arange(len(head.classes)) < (EMOTION_LABELS if head.name == "emotion" else len(head.classes))


def make_label_targets(head: Head, labels: pd.Series) -> Tensor:
    """Convert class indices to class probabilities, (texts, classes).

    Single emotions of TweetEval say nothing about the other classes of the head: these are NaN.
    """
    targets = one_hot_targets(torch.tensor(labels.to_numpy()), len(head.classes))
    targets[:, ~find_labelled_classes(head)] = torch.nan
    return targets


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


def _read_languages(folder: Path) -> Splits:
    """Read texts with sentiment in many languages; English ones are only evaluated."""
    columns = ["lang", "text", "label"]
    splits = [
        pd.concat(
            [
                _read_labelled(folder / name / f"{split}.csv", columns, "sentiment")[columns]
                for name in ("sentiment_multilingual", "sentiment_more")
            ],
            ignore_index=True,
        )
        for split in ("train", "val")
    ]
    return Splits(splits[0][splits[0]["lang"] != ENGLISH].reset_index(drop=True), splits[1])


def _read_emotions(frame: pd.DataFrame) -> FurtherTexts:
    """Read texts with any number of emotions each, joined by semicolons."""
    head = HEADS["emotion"]
    target = torch.zeros(len(frame), len(head.classes))
    for row, labels in enumerate(frame["labels"]):
        for label in labels.split(";"):
            name = _EMOTIONS_OF_REDDIT.get(label, label)
            if name in head.classes:
                target[row, head.classes.index(name)] = 1
    return FurtherTexts(head.name, ENGLISH, frame["text"], target)


def _read_irony(folder: Path, language: str, kept: Callable[[pd.DataFrame], pd.DataFrame]) -> FurtherTexts:
    """Read texts with irony in one language; rephrased texts are not ironic."""
    head = HEADS["irony"]
    frame = _read_labelled(
        folder / "irony_more" / f"train_{language}.csv", ["text", "label", "rephrase"], head.name
    )
    plain = frame.loc[frame["rephrase"] != "", ["rephrase"]].set_axis(["text"], axis=1).assign(label=0)
    frame = kept(pd.concat([frame, plain], ignore_index=True))
    return FurtherTexts(head.name, language, frame["text"], make_label_targets(head, frame["label"]))


def _leave_out(frame: pd.DataFrame, held_out: Collection[str]) -> pd.DataFrame:
    """Remove texts that are evaluated."""
    return frame[~frame["text"].map(normalise_text).isin(held_out)].reset_index(drop=True)


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
