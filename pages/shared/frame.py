"""The frame of every page: menu, sidebar, and the page for the current URL."""

from __future__ import annotations

import streamlit as st

from analysis.logs import set_up_logs
from analysis.wording import shorten_to_one_line
from pages.shared import first_link, history, places, samples, sidebar
from pages.shared.messages import error_boundary

PAGES = (
    (places.UPLOAD, "Upload", "upload", "upload"),
    (places.OVERVIEW, "Overview", "bar_chart", "overview"),
    (places.POSTS, "Posts", "view_list", "posts"),
    (places.REASONS, "Reasons", "balance", "reasons"),
    (places.EXPLAIN, "Explain", "troubleshoot", "explain"),
    (places.REPORT, "Report", "download", "report"),
    (places.DICTIONARY, "Data dictionary", "menu_book", "dictionary"),
    (places.CARD, "Model card", "science", "model"),
)
"""Path, title, icon and address of each page, without sections: screen readers do not read such menus as lists."""

DARK_BUTTONS = "<style>[data-testid=stBaseButton-primary] { color: #0c131a; }</style>"
"""Streamlit writes white on the light colour that other controls need in the dark theme: a contrast of 2.6."""

MENU = "<style>[data-testid=stMainMenuList] ~ div { display: none; }</style>"
"""Hides the line "Made with Streamlit" below the main menu, which has the choice of a theme."""
FOCUS_COLOURS = {"light": "#0f6a9c", "dark": "#4aa8dc"}
FOCUS = """<style>
:is(a, button, summary, canvas, [role=spinbutton], [tabindex]:not(input, textarea)):focus-visible,
label:has(input:focus-visible), [role=group]:has(> input:focus-visible),
:is(.react-aria-ComboBox, .react-aria-TextField) > div:has(:is(input, textarea):focus-visible),
[data-testid=stSlider] div:has(> div > input:focus-visible) {{
  outline: 3px solid {colour} !important; outline-offset: 1px !important;
}}
:is(main, canvas):focus-visible {{ outline-offset: -3px !important; }}
</style>"""
"""Streamlit marks the focus of links and fields by a shade or a thin line, which is hard to see."""


COLLAPSE_SIDEBAR = """<script>
if (window.innerWidth <= 900) document.querySelector("[data-testid=stSidebarCollapseButton] button")?.click();
</script>"""
"""Streamlit itself hides the sidebar up to 768 pixels, where it covers the page; up to 900 it takes a third."""


def show_page() -> None:
    """Draw the menu, the sidebar and the page for the current URL."""
    set_up_logs()
    st.set_page_config(page_title="PostLens", page_icon=places.ICON, layout="wide")
    page = st.navigation(
        [
            st.Page(
                path, title=title, icon=f":material/{icon}:", url_path=name, default=path == places.OVERVIEW
            )
            for path, title, icon, name in PAGES
        ]
    )
    theme = st.context.theme.type or "light"
    st.html(MENU)
    st.html(FOCUS.format(colour=FOCUS_COLOURS[theme]))
    if theme == "dark":
        st.html(DARK_BUTTONS)
    first_link.close_dialog()
    history.merge_history_entries()
    with error_boundary():
        samples.add_on_first_run()
    with error_boundary():
        batch = sidebar.show_sidebar()
        st.set_page_config(page_title=name_browser_tab(page.title, batch.name if batch else ""))
        _collapse_sidebar()
        page.run()


def name_browser_tab(page: str, batch: str) -> str:
    """Name the browser's tab, such as "Posts · autumn campaign – PostLens"."""
    printable = "".join(char for char in shorten_to_one_line(batch) if char.isprintable())
    return f"{' · '.join(filter(None, (page, printable)))} – PostLens"


def _collapse_sidebar() -> None:
    """Close the sidebar in a narrow window, once a session: the user may open it again."""
    if not st.session_state.setdefault("sidebar_collapsed", False):
        st.session_state["sidebar_collapsed"] = True
        with st.sidebar:
            st.html(COLLAPSE_SIDEBAR, unsafe_allow_javascript=True)
