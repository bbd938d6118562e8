"""Explanations: which modality, which words, which regions drove a score, in one account that adds up."""

from typing import TYPE_CHECKING, Any

from analysis.attribution.ledger import Completeness, Ledger, Output, PictureValue, WordValue, share

if TYPE_CHECKING:
    from analysis.attribution.explain import alone_scores, explain_post

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


def __getattr__(name: str) -> Any:
    """Import what needs torch only when it is asked for: charts need the ledger alone."""
    if name in ("alone_scores", "explain_post"):
        from analysis.attribution import explain

        return getattr(explain, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
