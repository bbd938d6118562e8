"""What a model has to beat: VADER's word list, the commonest class, and TF-IDF with logistic regression.

None of them sees a picture. They learn from a training file. Without one, the commonest class is that of the posts
that are evaluated, and TF-IDF learns from four fifths of them, five times: it has seen no post that it predicts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from analysis.evaluation.extra import evaluate_extra
from analysis.model.config import SENTIMENTS, Head
from analysis.model.text import clean_texts

with evaluate_extra():
    from sklearn.dummy import DummyClassifier
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import KFold
    from sklearn.pipeline import make_pipeline
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

FOLDS = 5
VADER_FROM = 0.05
"""VADER's compound value from which a text counts as positive, and below its opposite as negative (its authors')."""
NO_CONFIDENCE = frozenset({"vader"})
"""Baselines that name a class without a probability, so that their calibration cannot be measured."""

Labels = NDArray[np.int64]


def baseline_probabilities(
    texts: Sequence[str],
    truth: Labels,
    head: Head,
    training: tuple[Sequence[str], Labels] | None = None,
    seed: int = 0,
) -> dict[str, Tensor]:
    """Predict posts by every baseline that fits the task.

    Args:
        texts: Texts as written, "" where a post has none.
        truth: Class numbers, (posts,).
        head: The task; VADER is asked where its classes are the sentiments.
        training: Texts and class numbers to learn from; None to learn from the posts themselves.
        seed: Of the folds.

    Returns:
        (posts, classes) by name: "majority", "tfidf", and "vader" (1 for the class that it names).
    """
    found = {"vader": _vader(texts, head)} if set(head.classes) == set(SENTIMENTS) else {}
    readable, classes = _readable(texts), len(head.classes)
    lessons = (_readable(training[0]), training[1]) if training else None
    # in folds a class that is frequent here is rarer among the other posts: the commonest would look too easy to beat
    commonest = DummyClassifier(strategy="prior")
    found["majority"] = _predicted(commonest, *(lessons or (readable, truth)), readable, classes)
    if lessons:
        found["tfidf"] = _predicted(_tfidf(), *lessons, readable, classes)
    else:
        found["tfidf"] = torch.zeros(len(texts), classes, dtype=torch.float64)
        for seen, unseen in KFold(FOLDS, shuffle=True, random_state=seed).split(readable):
            part = _predicted(_tfidf(), readable[seen], truth[seen], readable[unseen], classes)
            found["tfidf"][torch.from_numpy(unseen)] = part
    return found


def _vader(texts: Sequence[str], head: Head) -> Tensor:
    """Ask VADER (Hutto & Gilbert 2014), which reads the text as written, emoji and capitals included."""
    analyzer = SentimentIntensityAnalyzer()
    named = []
    for text in texts:
        compound = analyzer.polarity_scores(text)["compound"]
        name = "positive" if compound >= VADER_FROM else "negative" if compound <= -VADER_FROM else "neutral"
        named.append(head.classes.index(name))
    return torch.nn.functional.one_hot(torch.tensor(named), len(head.classes)).double()


def _tfidf() -> Any:
    words = TfidfVectorizer(
        ngram_range=(1, 2),
        token_pattern=r"\w+|[^\w\s]+",  # noqa: S106 - a pattern of words, no password
        sublinear_tf=True,
    )
    return make_pipeline(words, LogisticRegression(class_weight="balanced", max_iter=1_000))


def _readable(texts: Sequence[str]) -> NDArray[Any]:
    """Clean texts as for the model; one without a word gets a dash, since a vocabulary must not be empty."""
    return np.array([text or "-" for text in clean_texts(texts)], dtype=object)


def _predicted(model: Any, seen: NDArray[Any], truth: Labels, texts: NDArray[Any], classes: int) -> Tensor:
    """Learn from some texts and predict others, (texts, classes); where only one class is seen, it is the answer."""
    if len(set(truth.tolist())) == 1:
        model = DummyClassifier(strategy="prior")
    fitted = model.fit(seen, truth)
    probability = np.zeros((len(texts), classes))
    probability[:, fitted.classes_] = fitted.predict_proba(texts)
    return torch.from_numpy(probability)
