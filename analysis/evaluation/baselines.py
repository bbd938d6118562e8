"""Baselines: VADER's word list, the most common class, and TF-IDF with logistic regression.

None of them reads images. They are trained on a training file if there is one. Otherwise the most common class is
that of the evaluated posts, and TF-IDF is cross-validated on them in five folds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline
from torch import Tensor

from analysis.errors import EvaluationError
from analysis.model.config import SENTIMENTS, Head
from analysis.model.text import preprocess_texts

FOLDS = 5
VADER_FROM = 0.05
"""VADER's published threshold: compound scores of at least 0.05 are positive, of at most -0.05 negative."""
NO_CONFIDENCE = frozenset({"vader"})
"""Baselines without probabilities, whose calibration cannot be measured."""

Labels = NDArray[np.int64]


def predict_with_baselines(
    texts: Sequence[str],
    truth: Labels,
    head: Head,
    training: tuple[Sequence[str], Labels] | None = None,
    seed: int = 0,
) -> dict[str, Tensor]:
    """Predict posts with each applicable baseline.

    Args:
        texts: Original texts, "" for posts without text.
        truth: Class indices, (posts,).
        head: The task; VADER is used if the classes are the sentiments.
        training: Texts and class indices to train on; None to train on the posts themselves.
        seed: Seed of the folds.

    Returns:
        Probabilities, (posts, classes), by name: "majority", "tfidf", and "vader" (1 for the predicted class).

    Raises:
        EvaluationError: The classes are the sentiments, and the extra `evaluate` is not installed.
    """
    found = {"vader": _predict_with_vader(texts, head)} if set(head.classes) == set(SENTIMENTS) else {}
    cleaned, classes = _clean_or_dash(texts), len(head.classes)
    training_set = (_clean_or_dash(training[0]), training[1]) if training else None
    # not in folds: a class frequent in one fold is rarer in the others, which would weaken this baseline
    most_common = DummyClassifier(strategy="prior")
    found["majority"] = _fit_and_predict(most_common, *(training_set or (cleaned, truth)), cleaned, classes)
    if training_set:
        found["tfidf"] = _fit_and_predict(_make_tfidf(), *training_set, cleaned, classes)
    else:
        found["tfidf"] = torch.zeros(len(texts), classes, dtype=torch.float64)
        for seen, unseen in KFold(FOLDS, shuffle=True, random_state=seed).split(cleaned):
            part = _fit_and_predict(_make_tfidf(), cleaned[seen], truth[seen], cleaned[unseen], classes)
            found["tfidf"][torch.from_numpy(unseen)] = part
    return found


def _predict_with_vader(texts: Sequence[str], head: Head) -> Tensor:
    """Predict with VADER (Hutto & Gilbert 2014) on the original text with emoji and capitals."""
    try:
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer
    except ModuleNotFoundError as error:
        raise EvaluationError(
            "The package vaderSentiment",
            "is not installed",
            "Run `pip install postlens[evaluate]`, or `pip install .[evaluate]` in a clone.",
        ) from error
    analyzer = SentimentIntensityAnalyzer()
    named = []
    for text in texts:
        compound = analyzer.polarity_scores(text)["compound"]
        name = "positive" if compound >= VADER_FROM else "negative" if compound <= -VADER_FROM else "neutral"
        named.append(head.classes.index(name))
    return torch.nn.functional.one_hot(torch.tensor(named), len(head.classes)).double()


def _make_tfidf() -> Any:
    words = TfidfVectorizer(
        ngram_range=(1, 2),
        token_pattern=r"\w+|[^\w\s]+",  # noqa: S106 - a regular expression, not a password
        sublinear_tf=True,
    )
    return make_pipeline(words, LogisticRegression(class_weight="balanced", max_iter=1_000))


def _clean_or_dash(texts: Sequence[str]) -> NDArray[Any]:
    """Clean texts as for the model; empty texts become a dash, because the vocabulary must not be empty."""
    return np.array([text or "-" for text in preprocess_texts(texts)], dtype=object)


def _fit_and_predict(
    model: Any, seen: NDArray[Any], truth: Labels, texts: NDArray[Any], classes: int
) -> Tensor:
    """Train on some texts and predict others, (texts, classes); a single class is always predicted."""
    if len(set(truth.tolist())) == 1:
        model = DummyClassifier(strategy="prior")
    fitted = model.fit(seen, truth)
    probability = np.zeros((len(texts), classes))
    probability[:, fitted.classes_] = fitted.predict_proba(texts)
    return torch.from_numpy(probability)
