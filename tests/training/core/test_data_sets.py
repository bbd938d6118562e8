"""The labelled data: what is read, what the labels say, and which texts are left out."""

from pathlib import Path

import pandas as pd
import pytest

from analysis.model.presets import HEADS
from analysis.training.core.data_sets import (
    EMOTION_LABELS,
    LabelledData,
    make_label_targets,
    normalise_text,
    read_training_data,
)
from tests.training.made_data import write_data


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_data(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def labelled(folder: Path) -> LabelledData:
    return read_training_data(folder)


def test_texts_that_are_evaluated_are_left_out_of_every_training_set(tmp_path: Path) -> None:
    folder = write_data(tmp_path)
    held_out = pd.read_csv(folder / "irony" / "val.csv")["text"][0]
    for name in ("sentiment", "sentiment_more", "unlabelled", "emotion_reddit_28"):
        path = folder / name / ("tweets.csv" if name == "unlabelled" else "train.csv")
        frame = pd.read_csv(path, dtype=str)
        frame.loc[0, "text"] = f"@someone {held_out.upper()} https://t.co/x !"
        frame.to_csv(path, index=False)
    labelled = read_training_data(folder)
    assert len(labelled.tweets["sentiment"].train) == 11
    assert len(labelled.languages.train) == 17
    assert len(labelled.unlabelled) == 7
    assert [len(each.texts) for each in labelled.further] == [8, 7, 12, 12]


def test_equal_texts_are_found_in_any_spelling_of_users_links_and_case() -> None:
    assert normalise_text("@Ann  Good\tDAY!! https://t.co/x") == normalise_text("good day") == "good day"
    assert normalise_text("これは") != normalise_text("それは")


def test_english_texts_of_the_languages_are_only_evaluated(labelled: LabelledData) -> None:
    assert set(labelled.languages.train["lang"]) == {"german", "japanese", "hinglish"}
    assert set(labelled.languages.val["lang"]) == {"german", "english", "japanese", "hinglish"}


def test_single_emotions_say_nothing_about_the_other_classes() -> None:
    target = make_label_targets(HEADS["emotion"], pd.Series([0, 3]))
    assert target[:, :EMOTION_LABELS].tolist() == [[1, 0, 0, 0], [0, 0, 0, 1]]
    assert target[:, EMOTION_LABELS:].isnan().all()
    assert not make_label_targets(HEADS["topic"], pd.Series([0])).isnan().any()


def test_a_text_can_have_several_emotions_or_none(labelled: LabelledData) -> None:
    classes, tweets = HEADS["emotion"].classes, labelled.further[0]
    named = [
        {name for name, value in zip(classes, row, strict=True) if value} for row in tweets.target.tolist()
    ]
    assert named[:4] == [{"joy", "love"}, {"anger"}, set(), {"fear"}]  # trust is no class of the head
    reddit = labelled.further[1].target
    assert reddit[0].tolist() == [float(name == "joy") for name in classes]  # amusement
    assert not reddit[1].any()


def test_rephrased_texts_are_not_ironic(labelled: LabelledData) -> None:
    english = labelled.further[2]
    target = dict(zip(english.texts, english.target.tolist(), strict=True))
    assert target["great english 0"] == [0, 1]
    assert target["not great english 0"] == [1, 0]
    assert list(labelled.rephrased["rephrase"]) == [f"not great english {n}" for n in (0, 2, 4, 6)]
