"""Cached explanations of one post; `bundle_id` is the loaded model's, so that the cache matches the model."""

from __future__ import annotations

import io
from collections.abc import Mapping

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from analysis import query
from analysis.attribution import (
    Checks,
    EncodedPost,
    FeatureAblation,
    Ledger,
    Output,
    Verification,
    check_explanation,
    compute_grad_cam,
    encode_post,
    explain_post,
    list_further_contents,
    score_modalities_alone,
    verify_explanation,
)
from analysis.exporters import (
    AS_GIVEN,
    ExplainedPost,
    ExplanationExporter,
    Privacy,
    protect_explained_post,
)
from analysis.scoring.stored_images import read_stored_image
from analysis.workspace import Batch
from pages.shared import labels
from pages.shared.engine import model, workspace

Alone = Mapping[str, Mapping[str, Mapping[str, float]]]
Key = tuple[str, str, str, str, str]
"""The arguments of `ledger_of`: batch, post, bundle, head, and name of the output."""


def images_of(batch: Batch, post: pd.Series) -> list[tuple[str, Image.Image]]:
    """Read the images of a post, each with its media id."""
    return [
        (media_id, read_stored_image(batch.media_path(media_id), media_id)) for media_id in post["images"]
    ]


@st.cache_resource(max_entries=8, show_spinner=False)
def encoded_post(batch_id: str, post_id: str, bundle_id: str) -> EncodedPost:
    """Read, decode and encode one post; few are cached, because each contains its decoded images."""
    batch = workspace().open(batch_id)
    post = query.read_post(batch, post_id)
    further = list_further_contents(model().model.modalities, post)
    return encode_post(model(), post["text"], images_of(batch, post), further)


@st.cache_data(max_entries=200, show_spinner=False)
def ledger_of(batch_id: str, post_id: str, bundle_id: str, head: str, name: str) -> Ledger:
    """Explain one output of one post."""
    return explain_post(model(), encoded_post(batch_id, post_id, bundle_id), Output(head, name))


@st.cache_data(max_entries=200, show_spinner=False)
def alone_of(batch_id: str, post_id: str, bundle_id: str) -> Alone:
    """Score one post with all it has, and with each modality alone."""
    return score_modalities_alone(model(), encoded_post(batch_id, post_id, bundle_id))


@st.cache_data(max_entries=200, show_spinner=False)
def checks_of(batch_id: str, post_id: str, bundle_id: str, head: str, name: str) -> Checks:
    """Check the ledger of one output of one post."""
    ledger = ledger_of(batch_id, post_id, bundle_id, head, name)
    return check_explanation(model(), encoded_post(batch_id, post_id, bundle_id), ledger)


@st.cache_data(max_entries=50, show_spinner=False)
def verification_of(batch_id: str, post_id: str, bundle_id: str, head: str, name: str) -> Verification:
    """Verify the shares of the ledger of one output of one post."""
    ledger = ledger_of(batch_id, post_id, bundle_id, head, name)
    return verify_explanation(model(), encoded_post(batch_id, post_id, bundle_id), ledger)


@st.cache_data(max_entries=50, show_spinner=False)
def ablation_of(batch_id: str, post_id: str, bundle_id: str, head: str, name: str) -> Ledger:
    """Explain the images by feature ablation."""
    post = encoded_post(batch_id, post_id, bundle_id)
    return explain_post(model(), post, Output(head, name), region_method=FeatureAblation)


@st.cache_data(max_entries=50, show_spinner=False)
def overview_of(
    batch_id: str, post_id: str, bundle_id: str, head: str, name: str
) -> list[NDArray[np.float64]]:
    """Compute where the model looks in each image."""
    return compute_grad_cam(model(), encoded_post(batch_id, post_id, bundle_id), Output(head, name))


def reliability_of(key: Key, is_verified: bool) -> tuple[Checks | None, Verification | None]:
    """Return the checks of a ledger and its verification: without shares always the checks, else both or none.

    Args:
        key: The arguments of `ledger_of`.
        is_verified: Whether to verify the explanation with integrated gradients.
    """
    if not ledger_of(*key).has_shares:
        return checks_of(*key), None
    verification = verification_of(*key) if is_verified else None
    return verification.share_checks if verification else None, verification


def content_of(
    batch: Batch,
    post: pd.Series,
    output: Output,
    exporter: ExplanationExporter,
    is_verified: bool = False,
    privacy: Privacy = AS_GIVEN,
) -> bytes:
    """Write the explanation of one output of one post in memory, with its verification if there is one."""
    key = (batch.id, post["post_id"], model().id)
    full_key = (*key, output.head, output.name)
    checks, verification = reliability_of(full_key, is_verified)
    explained = ExplainedPost(
        post,
        ledger_of(*full_key),
        alone_of(*key),
        images_of(batch, post),
        model().id,
        labels.titles(),
        checks,
        verification,
    )
    target = io.BytesIO()
    exporter.write(protect_explained_post(explained, privacy), target)
    return target.getvalue()
