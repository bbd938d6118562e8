"""The PostLens dashboard: `streamlit run app.py`.

Streamlit imports this file once to serve `app`, then runs it as `__main__` in each session before any page. It does
not find the pages itself, because they are in subfolders of pages/.
"""

from __future__ import annotations

import streamlit as st

if __name__ == "__main__":
    from pages.shared import frame

    frame.show_page()
else:
    from starlette.middleware import Middleware

    from pages.server import hosts, key, start, start_page, user_actions
    from pages.shared.messages import show_script_error

    start.prepare_logs()
    start.declare_own_pages()
    app = st.App(
        __file__,
        lifespan=start.lifespan,
        middleware=[
            Middleware(hosts.OwnHostsOnly),
            Middleware(key.KeyToCookie),
            Middleware(start_page.NamedStartPage),
            Middleware(user_actions.FollowUserActions),
        ],
        exception_handlers={Exception: hosts.server_error},
        on_script_error=show_script_error,
    )
