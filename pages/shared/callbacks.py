"""Errors in widget callbacks. Streamlit runs a callback before the page, so it has no place to show an error."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import streamlit as st

from analysis.errors import PostLensError
from pages.shared.messages import show_error

P = ParamSpec("P")

_KEPT = "errors_to_show"


def keeps_errors(callback: Callable[P, object]) -> Callable[P, None]:
    """Decorate a callback: a `PostLensError` that it raises is shown at the top of the page that runs next."""

    @wraps(callback)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            callback(*args, **kwargs)
        except PostLensError as error:
            keep_error(error)

    return run


def keep_error(error: PostLensError) -> None:
    """Keep an error for the top of the next run, such as before `st.rerun`."""
    st.session_state.setdefault(_KEPT, []).append(error)


def show_kept_errors() -> None:
    """Show the errors kept since the last run, once."""
    for error in st.session_state.pop(_KEPT, []):
        show_error(error)
