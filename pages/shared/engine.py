"""What all sessions of the server share: the workspace and the one loaded model."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

import streamlit as st

from analysis.model import Bundle, Head, ModelConfig, load_model
from analysis.model.bundle import CONFIG, SHIPPED
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
    file = SHIPPED / _model_name() / CONFIG
    if not file.is_file():
        return model().config
    return ModelConfig.from_json(json.loads(file.read_text(encoding="utf-8")))


def heads() -> Mapping[str, Head]:
    """The model's heads by name."""
    return config().heads


def _model_name() -> str:
    return os.environ.get("POSTLENS_MODEL", "compact")
