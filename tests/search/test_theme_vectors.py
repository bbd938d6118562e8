"""How posts and groups are compared to find themes: by vectors less what they share, and by words."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.search import theme_groups
from analysis.search.theme_terms import weigh_words
from analysis.search.theme_vectors import Correction


def test_vectors_are_centred_within_each_language() -> None:
    chance = np.random.default_rng(0)
    subject = np.eye(8)[chance.integers(0, 2, 200)]
    languages = pd.Series(["en"] * 100 + ["de"] * 90 + [None] * 10, dtype=object)
    offset = np.where((languages == "de").to_numpy()[:, None], 3 * np.eye(8)[5], 3 * np.eye(8)[6])
    text = (subject + offset + chance.normal(scale=0.01, size=(200, 8))).astype(np.float32)
    image = np.full((200, 8), np.nan, np.float32)
    vectors = {"image": image, "text": text}
    correction = Correction.of_sample(vectors, languages, pd.Series(["neutral"] * 200))
    assert list(correction.languages) == ["de", "en"]
    joined = correction.join(vectors, languages)
    similarity = joined @ joined.T
    is_same = subject @ subject.T > 0
    between = np.ix_(range(100), range(100, 190))
    assert similarity[between][is_same[between]].min() > 0.9
    assert similarity[between][~is_same[between]].max() < -0.5


def test_posts_of_rare_languages_are_centred_together() -> None:
    languages = pd.Series(["en"] * 60 + ["fi"] * 40 + [None] * 20, dtype=object)
    text = np.zeros((120, 4), np.float32)
    text[:60, 0], text[60:, 1] = 1, 1
    correction = Correction.of_sample({"text": text}, languages, pd.Series(["neutral"] * 120))
    assert list(correction.languages) == ["en"]
    assert correction.by_modality["text"].tolist() == [[1, 0, 0, 0], [0, 1, 0, 0]]


def test_praise_and_complaints_about_one_subject_are_similar() -> None:
    chance = np.random.default_rng(0)
    subjects, is_positive = chance.integers(0, 2, 200), chance.integers(0, 2, 200)
    text = (np.eye(6)[subjects] + 2 * np.eye(6)[2 + is_positive]).astype(np.float32)
    text += chance.normal(scale=0.01, size=text.shape).astype(np.float32)
    languages = pd.Series(["en"] * 200, dtype=object)
    sentiments = pd.Series(np.where(is_positive, "positive", "negative"))
    joined = Correction.of_sample({"text": text}, languages, sentiments).join({"text": text}, languages)
    similarity = joined @ joined.T
    is_same = subjects[:, None] == subjects[None]
    assert similarity[is_same].min() > 0.9
    assert similarity[~is_same].max() < -0.5


def test_few_posts_of_a_sentiment_do_not_show_its_direction() -> None:
    text = np.eye(4, dtype=np.float32)[np.arange(100) % 4]
    sentiments = pd.Series(["positive"] * 60 + ["negative"] * 40)
    correction = Correction.of_sample({"text": text}, pd.Series(["en"] * 100, dtype=object), sentiments)
    assert not correction.sentiment.any()


def test_posts_are_compared_by_words_that_several_use() -> None:
    words = weigh_words([("rain", "wet"), ("rain", "cold"), ("rain",), ()]).toarray()
    assert words.shape == (4, 1)
    assert words.ravel().tolist() == [1, 1, 1, 0]
    assert not weigh_words([("rain",), ()]).toarray().any()


def test_groups_are_merged_by_vectors_and_words() -> None:
    groups = np.repeat([0, 1, 2, -1], 20)
    angles = np.repeat([0.0, 1.4, -1.4, 0.0], 20)
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    terms = [("train", f"a{i}") for i in range(40)] + [("lamp",)] * 20 + [("train",)] * 20
    merged = theme_groups.merge_similar(vectors, weigh_words(terms), groups)
    assert len(set(merged[:40])) == 1
    assert merged[40] not in (merged[0], -1)
    assert set(merged[60:]) == {-1}
