"""A correction of Streamlit's answer to the first link: "Page not found", over the page that was found.

Because of the folder's name, the first run in a server looks for pages/explain.py before app.py has named the
pages, finds none, tells the browser so, and then runs the right page (`streamlit.runtime.pages_manager`, 1.67).
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


def correct() -> None:
    """Close that message, in the first run of a server only."""
    if next(_runs) == 0:
        st.html(CLOSE, unsafe_allow_javascript=True)
