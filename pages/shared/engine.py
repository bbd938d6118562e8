"""The workspace and the loaded model, shared by all sessions of the server."""

from __future__ import annotations

import os
from collections.abc import Mapping

import streamlit as st

from analysis.model import Bundle, Head, ModelConfig, load_model
from analysis.model.bundle import load_config
from analysis.scoring.columns import check_scores
from analysis.workspace import Workspace, default_workspace_home


def workspace() -> Workspace:
    """Return the workspace of this server."""
    return Workspace(default_workspace_home())


@st.cache_resource(max_entries=1, show_spinner=False)
def model() -> Bundle:
    """Load the model, once per server; the scoring thread calls this too."""
    return load_model(_dashboard_model())


@st.cache_data(max_entries=1, show_spinner=False)
def config() -> ModelConfig:
    """Read the model's configuration without its weights, so that pages can list topics without waiting."""
    found = load_config(_dashboard_model())
    check_scores(found)
    return found


def heads() -> Mapping[str, Head]:
    """Return the model's heads by name."""
    return config().heads


def _dashboard_model() -> str:
    return os.environ.get("POSTLENS_MODEL", "compact")
