"""One post explained, cached: `bundle_id` is that of the loaded model, so that what is cached fits it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from analysis import query
from analysis.attribution import (
    FEATURE_ABLATION,
    Checks,
    Ledger,
    Output,
    alone_scores,
    check_explanation,
    explain_post,
    where_it_looks,
)
from analysis.scoring.encodings import stored_picture
from pages.shared.engine import model, workspace

Alone = Mapping[str, Mapping[str, Mapping[str, float]]]


@st.cache_data(max_entries=200, show_spinner=False)
def ledger_of(batch_id: str, post_id: str, bundle_id: str, head: str, name: str) -> Ledger:
    """Explain one output of one post."""
    text, pictures = read_post(batch_id, post_id)
    return explain_post(model(), text, pictures, Output(head, name))


@st.cache_data(max_entries=200, show_spinner=False)
def alone_of(batch_id: str, post_id: str, bundle_id: str) -> Alone:
    """Score one post with all it has and with text and pictures alone."""
    return alone_scores(model(), *read_post(batch_id, post_id))


@st.cache_data(max_entries=200, show_spinner=False)
def checks_of(batch_id: str, post_id: str, bundle_id: str, head: str, name: str) -> Checks:
    """Check the ledger of one output of one post."""
    text, pictures = read_post(batch_id, post_id)
    return check_explanation(model(), text, pictures, ledger_of(batch_id, post_id, bundle_id, head, name))


@st.cache_data(max_entries=50, show_spinner=False)
def ablation_of(batch_id: str, post_id: str, bundle_id: str, head: str, name: str) -> Ledger:
    """Explain with each region left out by itself."""
    text, pictures = read_post(batch_id, post_id)
    return explain_post(model(), text, pictures, Output(head, name), method=FEATURE_ABLATION)


@st.cache_data(max_entries=50, show_spinner=False)
def overview_of(
    batch_id: str, post_id: str, bundle_id: str, head: str, name: str
) -> list[NDArray[np.float64]]:
    """Say where the model looks in each picture."""
    text, pictures = read_post(batch_id, post_id)
    return where_it_looks(model(), text, pictures, Output(head, name))


def read_post(batch_id: str, post_id: str) -> tuple[str, list[tuple[str, Image.Image]]]:
    """Read a post's text, and its pictures with their media ids."""
    batch = workspace().open(batch_id)
    post = query.one(batch, post_id)
    images = [(media_id, stored_picture(batch.media_path(media_id), media_id)) for media_id in post["images"]]
    return post["text"], images
