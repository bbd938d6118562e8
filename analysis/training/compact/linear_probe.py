"""Logistic regression on frozen encodings: a linear probe, as a baseline for the stages of the recipe."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Tensor


def fit_linear_probe(
    train: Tensor, labels: NDArray[Any], test: Tensor, classes: int, strength: float, balanced: bool
) -> Tensor:
    """Train a logistic regression on standardised encodings, and predict test encodings.

    Args:
        train: Encodings, (rows, dim).
        labels: Class indices, (rows,).
        test: Encodings to predict, (posts, dim).
        classes: Number of classes.
        strength: Inverse of the L2 penalty.
        balanced: Give all classes the same total weight.

    Returns:
        Class probabilities, (posts, classes).
    """
    weight = "balanced" if balanced else None
    model = make_pipeline(
        StandardScaler(), LogisticRegression(C=strength, class_weight=weight, max_iter=2_000)
    )
    model.fit(train.numpy(), labels)
    probability = np.zeros((len(test), classes))
    probability[:, model.classes_] = model.predict_proba(test.numpy())
    return torch.from_numpy(probability)
