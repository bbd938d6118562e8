"""Saved views in the sidebar: pages with their filters, which can be applied to any batch."""

from __future__ import annotations

import streamlit as st

from analysis.wording import shorten_to_one_line
from analysis.workspace import SavedView
from pages.shared import address, places
from pages.shared.callbacks import defer_errors
from pages.shared.engine import workspace
from pages.shared.messages import plain

_NAME = "view_name"


def show_saved_views(page: str, is_savable: bool) -> None:
    """Show the menu of saved views.

    Args:
        page: Path of the page on screen.
        is_savable: Whether the page shows posts of a batch, so that its filters can be saved.
    """
    menu = st.popover(
        "Saved views", icon=":material/bookmark:", key="saved_views", on_change=address.keep_changes
    )
    if not menu.open:
        return
    with menu:
        views = workspace().views.read_all()
        for number, view in enumerate(views):
            with st.container(horizontal=True, vertical_alignment="center"):
                _show_link(view)
                st.button(
                    "Delete view",
                    key=f"delete_view_{number}",
                    icon=":material/delete:",
                    type="tertiary",
                    on_click=_delete,
                    args=(view.name,),
                )
        if not views:
            st.caption(
                "A view is a page with its filters. Save one to come back to it, or to use it on other posts."
            )
        if is_savable:
            st.text_input(
                "Save this page and its filters as",
                key=_NAME,
                max_chars=workspace().settings.max_name_chars,
                placeholder="Name of the view",
                on_change=_save,
                args=(page,),
            )


def _show_link(view: SavedView) -> None:
    batch = address.get("batch")
    query = {**view.address, **({"batch": batch} if batch else {})}
    if view.page in places.SAVABLE:
        st.page_link(view.page, label=plain(view.name), query_params=query, width="stretch")
    else:  # of another version
        st.text(view.name, width="stretch")


@defer_errors
def _save(page: str) -> None:
    name = shorten_to_one_line(st.session_state[_NAME])
    if name:
        workspace().views.save(name, page, places.view_address())
        st.session_state[_NAME] = ""


@defer_errors
def _delete(name: str) -> None:
    workspace().views.delete(name)
