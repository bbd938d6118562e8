"""A workaround for Streamlit's wrong "Page not found" dialog on the first request of a server.

Because the folder is named pages, the first run looks for pages/explain.py before app.py has declared the pages. It
reports to the browser that there is no such page, and then runs the right page (`streamlit.runtime.pages_manager`,
1.67).
"""

from __future__ import annotations

import itertools

import streamlit as st

CLOSE = """<script>
(function close(tries) {
  const boxes = [...document.querySelectorAll("[role=dialog]")];
  const box = boxes.find((one) => one.innerText.trim().startsWith("Page not found"));
  if (box) box.querySelector("button[aria-label=Close]").click();
  else if (tries) setTimeout(close, 100, tries - 1);
})(30);
</script>"""

_runs = itertools.count()  # of this server


def close_dialog() -> None:
    """Close that dialog, in the first run of a server only."""
    if next(_runs) == 0:
        st.html(CLOSE, unsafe_allow_javascript=True)
