"""What all sessions of the server share: the workspace and the one loaded model."""

from __future__ import annotations

import os
from collections.abc import Mapping

import streamlit as st

from analysis.model import Bundle, Head, ModelConfig, load_model
from analysis.model.bundle import load_config
from analysis.scoring.columns import check_scores
from analysis.workspace import Workspace, default_home


def workspace() -> Workspace:
    """The workspace of this server."""
    return Workspace(default_home())


@st.cache_resource(max_entries=1, show_spinner=False)
def model() -> Bundle:
    """The loaded model, one for the whole server; also called by the thread that scores."""
    return load_model(_model_name())


@st.cache_data(max_entries=1, show_spinner=False)
def config() -> ModelConfig:
    """What the model is made of, read from its file alone: pages need names of topics before any weight is loaded."""
    found = load_config(_model_name())
    check_scores(found)
    return found


def heads() -> Mapping[str, Head]:
    """The model's heads by name."""
    return config().heads


def _model_name() -> str:
    return os.environ.get("POSTLENS_MODEL", "compact")
