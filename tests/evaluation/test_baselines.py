"""Baselines: VADER reads the text, the others are trained only on posts that they do not predict."""

import sys

import numpy as np
import pytest

from analysis.errors import EvaluationError
from analysis.evaluation.baselines import predict_with_baselines
from analysis.model.config import SENTIMENTS, Head

SENTIMENT = Head("sentiment", SENTIMENTS, ("Negative", "Neutral", "Positive"))
MOOD = Head("mood", ("low", "high"), ("Low", "High"))


def test_vader_judges_sentiments_only() -> None:
    texts = ["I LOVE this, it is great!!", "the phone is on the table", "awful, I hate it 😡"] * 4
    truth = np.array([2, 1, 0] * 4)
    found = predict_with_baselines(texts, truth, SENTIMENT)
    assert found["vader"].argmax(1).tolist() == truth.tolist()
    assert "vader" not in predict_with_baselines(texts, truth % 2, MOOD)


def test_without_the_extra_other_baselines_work_and_the_error_names_the_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "vaderSentiment.vaderSentiment", None)
    texts, truth = ["good day", "bad rain"] * 10, np.array([1, 0] * 10)
    assert set(predict_with_baselines(texts, truth, MOOD)) == {"majority", "tfidf"}
    with pytest.raises(
        EvaluationError, match=r"vaderSentiment is not installed.*pip install postlens\[evaluate\]"
    ):
        predict_with_baselines(texts, truth, SENTIMENT)


def test_informative_words_are_learned_and_classes_keep_their_order() -> None:
    texts, truth = ["good day", "bad rain"] * 20, np.array([2, 0] * 20)
    found = predict_with_baselines(texts, truth, SENTIMENT)
    assert found["tfidf"].argmax(1).tolist() == truth.tolist()
    assert found["tfidf"][:, 1].tolist() == [0.0] * 40


def test_tfidf_is_not_trained_on_the_posts_it_predicts() -> None:
    texts = [f"word{number}" for number in range(50)]  # only a baseline that saw a post could know its label
    truth = np.array([0] * 30 + [1] * 20)
    found = predict_with_baselines(texts, truth, MOOD)
    assert (found["tfidf"].argmax(1).numpy() == truth).mean() < 0.9
    for probability in found.values():
        assert probability.sum(1).tolist() == pytest.approx([1.0] * 50)


def test_the_most_common_class_wins_by_a_small_margin() -> None:
    truth = np.array([0, 1] * 10 + [1])
    found = predict_with_baselines(["day"] * 21, truth, MOOD)["majority"]
    assert found.argmax(1).tolist() == [1] * 21


def test_a_training_file_replaces_the_folds() -> None:
    training = (["good"] * 9 + ["bad"], np.array([1] * 9 + [0]))
    found = predict_with_baselines(["bad", "", "good"], np.array([0, 0, 0]), MOOD, training)
    assert found["majority"][:, 1].tolist() == pytest.approx([0.9] * 3)
    assert found["tfidf"].argmax(1).tolist()[::2] == [0, 1]
