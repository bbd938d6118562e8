"""Explanations: which modality, which words, which regions drove a score, in one account that adds up."""

import importlib
from typing import TYPE_CHECKING, Any

from analysis.attribution.faithfulness import Faithfulness
from analysis.attribution.ledger import (
    FEATURE_ABLATION,
    INTEGRATED_GRADIENTS,
    VALENCE,
    Completeness,
    Ledger,
    Output,
    PictureValue,
    WordValue,
    outputs_of,
    share,
)

if TYPE_CHECKING:
    from analysis.attribution.checks import Checks, check_explanation
    from analysis.attribution.explain import alone_scores, explain_post, where_it_looks

__all__ = [
    "FEATURE_ABLATION",
    "INTEGRATED_GRADIENTS",
    "VALENCE",
    "Checks",
    "Completeness",
    "Faithfulness",
    "Ledger",
    "Output",
    "PictureValue",
    "WordValue",
    "alone_scores",
    "check_explanation",
    "explain_post",
    "outputs_of",
    "share",
    "where_it_looks",
]

_LATE = {
    "Checks": "checks",
    "alone_scores": "explain",
    "check_explanation": "checks",
    "explain_post": "explain",
    "where_it_looks": "explain",
}


def __getattr__(name: str) -> Any:
    """Import what needs torch only when it is asked for: charts need the ledger alone."""
    if name in _LATE:
        return getattr(importlib.import_module(f"analysis.attribution.{_LATE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
