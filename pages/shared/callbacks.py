"""Errors in widget callbacks: stored, then shown by the next page run.

Streamlit runs a callback before the page, so the callback cannot show an error itself.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import streamlit as st

from analysis.errors import PostLensError
from pages.shared.messages import show_error

P = ParamSpec("P")

_STORED = "errors_to_show"


def defer_errors(callback: Callable[P, object]) -> Callable[P, None]:
    """Decorate a callback: the next page run shows any `PostLensError` that it raises."""

    @wraps(callback)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            callback(*args, **kwargs)
        except PostLensError as error:
            store_error(error)

    return run


def store_error(error: PostLensError) -> None:
    """Store an error for the next page run, for example before `st.rerun`."""
    st.session_state.setdefault(_STORED, []).append(error)


def show_stored_errors() -> None:
    """Show the errors stored since the last run, once."""
    for error in st.session_state.pop(_STORED, []):
        show_error(error)
