"""Who labels posts in this session."""

from __future__ import annotations

import streamlit as st

from analysis.review import clean_coder_name
from analysis.workspace import Batch
from pages.shared.choices import unique_labels
from pages.shared.engine import workspace

_KEY = "coder"


def current_coder() -> str:
    """Return the name of the coder; "" until one is chosen."""
    return clean_coder_name(str(st.session_state.get(_KEY) or ""), workspace().settings)


def choose_coder(batch: Batch) -> str:
    """Show the choice of the coder's name, which the session keeps; return it, "" until one is chosen.

    There is no default, so that nobody labels posts in the name of somebody else after reloading the page.
    """
    names = list(dict.fromkeys([*batch.labels.coders, *([current_coder()] if current_coder() else [])]))
    st.selectbox(
        "Your name",
        names,
        index=None,
        format_func=unique_labels(names, str),
        placeholder="Enter your name to label posts",
        key=_KEY,
        accept_new_options=True,
        persist_state="session",
        width=260,
        help="Labels are stored with the name of who gave them. Coders do not see each other's labels.",
    )
    return current_coder()
