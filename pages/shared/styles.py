"""The logo above the menu, and corrections of Streamlit's own styles."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.shared import places

_TEXT_COLOURS = {"light": "#0c131a", "dark": "#e6ebf0"}
_LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="152" height="32" viewBox="0 0 152 32">{icon}<text x="40" y="24" '
    'fill="{colour}" font-family="sans-serif" font-size="22" font-weight="700">PostLens</text></svg>'
)
_MENU = "[data-testid=stMainMenuList] ~ div { display: none; }"
"""Hides the line "Made with Streamlit" below the main menu, which has the choice of a theme."""
_FOCUS_COLOURS = {"light": "#0f6a9c", "dark": "#4aa8dc"}
_FOCUS = """
:is(a, button, summary, canvas, .dvn-scroller, [role=spinbutton], [tabindex]:not(input, textarea)):focus-visible,
label:has(input:focus-visible), [role=group]:has(> input:focus-visible),
:is(.react-aria-ComboBox, .react-aria-TextField) > div:has(:is(input, textarea):focus-visible),
[data-testid=stSlider] div:has(> div > input:focus-visible) {{
  outline: 3px solid {colour} !important; outline-offset: 1px !important;
}}
:is(main, canvas, .dvn-scroller):focus-visible {{ outline-offset: -3px !important; }}
"""
"""Streamlit marks the focus of links and fields by a shade or a thin line, which is hard to see."""
_DARK_FILLED = ":is([data-testid=stBaseButton-primary], [data-tag] :is(span, button)) { color: #0c131a; }"
"""Streamlit writes white on the light colour that other controls need in the dark theme: a contrast of 2.6."""
_COLLAPSE_SIDEBAR = """<script>
if (window.innerWidth <= 900) document.querySelector("[data-testid=stSidebarCollapseButton] button")?.click();
</script>"""
"""Streamlit itself hides the sidebar up to 768 pixels, where it covers the page; up to 900 it takes a third."""


def show_logo() -> None:
    """Show mark and name above the menu; in a closed sidebar, the mark alone."""
    icon = Path(places.ICON).read_text("utf-8").replace("<svg ", '<svg width="32" height="32" ', 1)
    st.logo(_LOGO.format(icon=icon, colour=_TEXT_COLOURS[_theme()]), size="large", icon_image=icon)


def apply_styles() -> None:
    """Correct Streamlit's styles for the theme of the page."""
    styles = [_MENU, _FOCUS.format(colour=_FOCUS_COLOURS[_theme()])]
    if _theme() == "dark":
        styles.append(_DARK_FILLED)
    st.html(f"<style>{''.join(styles)}</style>")


def collapse_sidebar_once() -> None:
    """Close the sidebar in a narrow window, once a session: the user may open it again."""
    if not st.session_state.setdefault("sidebar_collapsed", False):
        st.session_state["sidebar_collapsed"] = True
        with st.sidebar:
            st.html(_COLLAPSE_SIDEBAR, unsafe_allow_javascript=True)


def _theme() -> str:
    return st.context.theme.type or "light"
