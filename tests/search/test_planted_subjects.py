"""Themes of the shipped model: subjects that were planted in a batch are found, however small."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from analysis.model.bundle import load_model
from analysis.posts import post_frame
from analysis.scoring.pipeline import score_batch
from analysis.search import find_themes
from tests.planted_subjects import SUBJECTS, write_planted_posts
from tests.scored import new_batch


@pytest.mark.exhaustive
def test_planted_subjects_are_themes_named_by_their_words(tmp_path: Path) -> None:
    pytest.importorskip("bertopic")
    planted = write_planted_posts()
    posts = post_frame([{"post_id": f"p{i}", "text": text} for i, (_, text) in enumerate(planted)])
    batch = new_batch(tmp_path, posts)
    score_batch(batch, load_model())
    themes = find_themes(batch)
    assert themes
    subject_of = np.array([name for name, _ in planted])
    found = []
    for name, subject in SUBJECTS.items():
        is_subject = subject_of == name
        numbers = np.unique(themes.theme[is_subject & (themes.theme < len(themes.names))])
        found += [
            name
            for number in numbers
            if np.mean(themes.theme[is_subject] == number) >= 0.3
            and np.mean(is_subject[themes.theme == number]) >= 0.5
            and any(term.startswith(subject.keys) for term in themes.terms[number][:3])
        ]
    assert len(set(found)) >= 10, sorted(set(SUBJECTS) - set(found))
