"""Checks that the packages of the extra `evaluate` (scikit-learn, VADER) are installed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from analysis.errors import EvaluationError

PACKAGES = {"sklearn": "scikit-learn", "vaderSentiment": "vaderSentiment"}
"""Packages of the extra by import name."""


@contextmanager
def import_evaluate_extra() -> Iterator[None]:
    """Import packages of the extra within this block.

    Raises:
        EvaluationError: A package is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        missing = PACKAGES.get((error.name or "").partition(".")[0])
        if missing is None:
            raise
        raise EvaluationError(
            f"The package {missing}",
            "is not installed",
            "Run `pip install postlens[evaluate]`, or `pip install .[evaluate]` in a clone.",
        ) from error
