"""The workspace and the loaded model, shared by all sessions of the server."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache

import streamlit as st

from analysis.model import Bundle, Head, ModelConfig, load_model
from analysis.model.bundle import hash_bundle_files, load_config
from analysis.scoring.columns import check_scores
from analysis.workspace import ModelInUse, Workspace, default_workspace_home

SHIPPED_MODEL = "compact"
"""The model of the dashboard unless a trained one was chosen."""


def workspace() -> Workspace:
    """Return the workspace of this server."""
    return Workspace(default_workspace_home())


def model() -> Bundle:
    """Load the model, once per server; the scoring thread calls this too."""
    return _load_model(_model_place())


def config() -> ModelConfig:
    """Read the model's configuration without its weights, so that pages can list topics without waiting."""
    return _load_config(_model_place())


def heads() -> Mapping[str, Head]:
    """Return the model's heads by name."""
    return config().heads


def model_id() -> str:
    """Return the id of the model, as `Bundle.id`, without loading it."""
    return f"{config().name}@{_hash_model(_model_place())[:8]}"


def fixed_model() -> str | None:
    """Return the model that the environment variable POSTLENS_MODEL sets; None if it is not set."""
    return os.environ.get("POSTLENS_MODEL")


def model_in_use() -> ModelInUse:
    """Return which trained model is used; none if POSTLENS_MODEL is set."""
    return ModelInUse(None) if fixed_model() else _find_model_in_use(str(default_workspace_home()))


def forget_model() -> None:
    """Find the model to use again, in all sessions; call it after another one was chosen."""
    _find_model_in_use.cache_clear()
    _load_config.cache_clear()
    _hash_model.clear()
    _load_model.clear()


def _model_place() -> str:
    """Return the name or folder of the model."""
    trained = model_in_use().model
    return fixed_model() or (str(trained.folder) if trained else SHIPPED_MODEL)


@lru_cache(maxsize=1)  # not one of Streamlit's caches, which are slow for what a page asks a hundred times
def _find_model_in_use(home: str) -> ModelInUse:
    return workspace().trained_models.find_in_use()


@st.cache_resource(max_entries=1, show_spinner=False)
def _load_model(place: str) -> Bundle:
    return load_model(place)


@lru_cache(maxsize=1)  # see `_find_model_in_use`
def _load_config(place: str) -> ModelConfig:
    found = load_config(place)
    check_scores(found)
    return found


@st.cache_data(max_entries=1, show_spinner=False)
def _hash_model(place: str) -> str:
    return hash_bundle_files(place)
