"""What exports show of the posts: chosen on the Report page for the session."""

from __future__ import annotations

import streamlit as st

from analysis.exporters import AS_GIVEN, Privacy, PrivacyLevel
from analysis.workspace import default_workspace_home, read_workspace_salt

KEY = "privacy"


def choose_privacy() -> Privacy:
    """Show the picker of the level, and what the chosen one does; return the choice."""
    title = st.segmented_control(
        "Privacy",
        [level.title for level in PrivacyLevel],
        default=PrivacyLevel.EVERYTHING.title,
        required=True,
        key=KEY,
        help="Applies to every download on this page and to explanations. The same person has the same pseudonym in "
        "all reports of this workspace. With pseudonyms, the summary report still shows pictures, which may show "
        "people and names.",
        persist_state="session",
    )
    privacy = _privacy_of(title)
    st.caption(privacy.level.meaning)
    return privacy


def current_privacy() -> Privacy:
    """Return the choice of this session; as given until the user chooses."""
    return _privacy_of(st.session_state.get(KEY))


def _privacy_of(title: str | None) -> Privacy:
    level = next((level for level in PrivacyLevel if level.title == title), PrivacyLevel.EVERYTHING)
    if level is PrivacyLevel.EVERYTHING:
        return AS_GIVEN
    return Privacy(level, read_workspace_salt(default_workspace_home()))
