"""Explanations: which modality, words and regions influenced a score, in one ledger that adds up.

Start with `explain` and `ledger`.
"""

import importlib
from typing import TYPE_CHECKING, Any

from analysis.attribution.faithfulness import Faithfulness
from analysis.attribution.ledger import (
    CLASS_ACTIVATION,
    GRADIENT_X_INPUT,
    INTEGRATED_GRADIENTS,
    VALENCE,
    Completeness,
    ImageValue,
    Ledger,
    Output,
    WordValue,
    compute_modality_share,
    list_explainable_outputs,
)

if TYPE_CHECKING:
    from analysis.attribution.checks import Checks, check_explanation
    from analysis.attribution.explain import compute_grad_cam, explain_post, score_modalities_alone
    from analysis.attribution.feature_ablation import FeatureAblation
    from analysis.attribution.gradient_x_input import GradientXInput
    from analysis.attribution.integrated_gradients import IntegratedGradients
    from analysis.attribution.verification import Agreement, Verification, verify_explanation
    from analysis.model.encoded_post import EncodedPost, encode_post, list_further_contents

__all__ = [
    "CLASS_ACTIVATION",
    "GRADIENT_X_INPUT",
    "INTEGRATED_GRADIENTS",
    "VALENCE",
    "Agreement",
    "Checks",
    "Completeness",
    "EncodedPost",
    "Faithfulness",
    "FeatureAblation",
    "GradientXInput",
    "ImageValue",
    "IntegratedGradients",
    "Ledger",
    "Output",
    "Verification",
    "WordValue",
    "check_explanation",
    "compute_grad_cam",
    "compute_modality_share",
    "encode_post",
    "explain_post",
    "list_explainable_outputs",
    "list_further_contents",
    "score_modalities_alone",
    "verify_explanation",
]

_LAZY = {
    "Agreement": "analysis.attribution.verification",
    "Checks": "analysis.attribution.checks",
    "EncodedPost": "analysis.model.encoded_post",
    "FeatureAblation": "analysis.attribution.feature_ablation",
    "GradientXInput": "analysis.attribution.gradient_x_input",
    "IntegratedGradients": "analysis.attribution.integrated_gradients",
    "Verification": "analysis.attribution.verification",
    "score_modalities_alone": "analysis.attribution.explain",
    "check_explanation": "analysis.attribution.checks",
    "encode_post": "analysis.model.encoded_post",
    "explain_post": "analysis.attribution.explain",
    "list_further_contents": "analysis.model.encoded_post",
    "compute_grad_cam": "analysis.attribution.explain",
    "verify_explanation": "analysis.attribution.verification",
}


def __getattr__(name: str) -> Any:
    """Import modules that need PyTorch on first use; charts only need the ledger."""
    if name in _LAZY:
        return getattr(importlib.import_module(_LAZY[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
