"""The query parameters of the URL, in which no change is lost if the user acts again before the browser has it.

With each event, the browser sends its URL. If it sends one before the server's last change of the URL has arrived,
it sends the URL from before the change. `read` recognises such a URL, and restores the change.
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

Address = dict[str, str | list[str]]
"""Query parameters of a URL: the value of each, or its values."""

_LAST = "address"
_EARLIER = "earlier_addresses"  # those that the browser may still send, since the server has changed them
_CHANGED = "address_was_changed"  # since the page last ran as a whole


def restore() -> None:
    """Accept the URL of the event, as the user may have gone back; for the start of each run of a page.

    If the menu has cleared the query, that of the last page is restored.
    """
    found = _query_params()
    last: Address = st.session_state.get(_LAST, found)
    if not found.get("batch"):
        kept = {key: value for key, value in last.items() if key not in ("post", "upload")}
        if kept:
            st.query_params.from_dict({**kept, **found})
    elif found != last and found in st.session_state.get(_EARLIER, ()):
        st.query_params.from_dict(found)  # the browser may show another one
    if not st.session_state.pop(_CHANGED, False):
        st.session_state[_EARLIER] = []
    st.session_state[_LAST] = _query_params()


def read() -> Address:
    """Return the query parameters, with the changes that the browser did not have when it sent the event."""
    found = _query_params()
    last: Address = st.session_state.get(_LAST, found)
    if found != last and found in st.session_state.get(_EARLIER, ()):
        st.query_params.from_dict(last)
        st.session_state[_CHANGED] = True
        return last
    return found


def keep_changes() -> None:
    """Restore the changes that the browser did not have; for the callback of a widget that needs none otherwise."""
    read()


def get(name: str, default: str = "") -> str:
    """Return the value of a query parameter; the last one, if the URL has several."""
    return [default, *get_all(name)][-1]


def get_all(name: str) -> list[str]:
    """Return all values of a query parameter."""
    values = read().get(name, [])
    return [values] if isinstance(values, str) else values


def replace(parameters: Mapping[str, str | list[str]]) -> None:
    """Replace all query parameters."""
    st.session_state.setdefault(_EARLIER, []).append(read())
    st.query_params.from_dict(parameters)
    st.session_state[_CHANGED] = True
    st.session_state[_LAST] = _query_params()


def change(parameters: Mapping[str, str | list[str] | None]) -> None:
    """Change the given query parameters; None removes one."""
    replace({key: value for key, value in {**read(), **parameters}.items() if value is not None})


def forget() -> None:
    """Remove all query parameters, also for the next page."""
    replace({})
    del st.session_state[_LAST]


def _query_params() -> Address:
    found: Address = {}
    for key in st.query_params:
        values = st.query_params.get_all(key)
        found[key] = values if len(values) > 1 else values[0]
    return found
