"""Draws a part of a page after the rest of it, so that the rest does not wait for the browser to load charts."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.shared.messages import error_boundary

SKELETON_HEIGHT = 420
"""Height of the placeholder, in pixels; about that of a chart."""
_READY = "deferred_parts_are_ready"
_SIGNAL = """
export default function (component) {
    const timer = setInterval(() => {
        if (window.postlensAwaitsRun?.()) return
        clearInterval(timer)
        component.setStateValue("drawn", true)
    }, 50)
    return () => clearInterval(timer)
}
"""
"""If it were sent after a click on a link, before the server answers, the server would draw neither page
(`pages.server.user_actions` knows)."""
_send_signal = st.components.v2.component("deferred_part", js=_SIGNAL)


@st.fragment
def show_when_idle(draw: Callable[[], None]) -> None:
    """Draw a part of a page once the browser has drawn what is above it; later in the session, at once.

    The first chart of a session makes the browser read a script of 5 MB, which takes as long as all the rest of a
    page. Until then, the part is a placeholder. Widgets inside the part rerun only this part.

    Args:
        draw: Draws the part.
    """
    if not st.session_state.get(_READY):
        st.session_state[_READY] = bool(_send_signal(key="deferred_part", on_drawn_change=lambda: None).drawn)
    if st.session_state[_READY]:
        with error_boundary():
            draw()
    else:
        st.skeleton(height=SKELETON_HEIGHT)
