"""The texts that train the branches of the text encoder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from analysis.model.presets import HEADS
from analysis.training.compact.tasks import MISLABELLED, list_other_tasks
from analysis.training.core.data_sets import Splits, read_training_data
from tests.training.made_data import write_data


def test_texts_of_a_mislabelled_language_are_left_out(tmp_path: Path) -> None:
    labelled = read_training_data(write_data(tmp_path))
    texts = labelled.languages.train
    wrong = texts.assign(lang=texts["lang"].replace("hinglish", MISLABELLED))
    left_out = set(wrong.loc[wrong["lang"] == MISLABELLED, "text"])
    changed = replace(labelled, languages=Splits(wrong, labelled.languages.val))
    before, after = (
        {text for task in list_other_tasks(each, HEADS, seed=0) for text in task.texts}
        for each in (labelled, changed)
    )
    assert left_out
    assert before - after == left_out
