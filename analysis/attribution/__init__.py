"""Explanations: which modality, which words, which regions drove a score, in one account that adds up."""

from analysis.attribution.explain import alone_scores, explain_post
from analysis.attribution.ledger import Completeness, Ledger, Output, PictureValue, WordValue, share

__all__ = [
    "Completeness",
    "Ledger",
    "Output",
    "PictureValue",
    "WordValue",
    "alone_scores",
    "explain_post",
    "share",
]
