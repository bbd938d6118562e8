"""One entry in the browser's history for each action, so that Back returns to the page before in one step.

Streamlit 1.67 adds one entry when a page changes the query of the URL, and another one when it switches to a page.
The script below lets only the first change after a click or a key add an entry; all others replace it. Before any
action, such as the choice of a batch when the app opens, no entry is added.
"""

from __future__ import annotations

import streamlit as st

SCRIPT = """<script>
(() => {
  if (window.postlensHistory) return;
  window.postlensHistory = true;
  let mayAdd = false;
  for (const action of ["pointerdown", "keydown", "drop"])
    window.addEventListener(action, () => { mayAdd = true; }, true);
  window.addEventListener("popstate", () => { mayAdd = false; }, true);
  const add = history.pushState.bind(history);
  history.pushState = (...entry) => {
    if (mayAdd) add(...entry); else history.replaceState(...entry);
    mayAdd = false;
  };
  // The first run may have chosen a batch before this script was there: remove the entry that this added.
  const opened = performance.getEntriesByType("navigation")[0];
  if (!opened || opened.type !== "navigate") return;
  const before = new URL(opened.name), now = location.href;
  if (before.searchParams.has("batch") || !new URL(now).searchParams.has("batch")) return;
  window.addEventListener("popstate", (event) => {
    event.stopImmediatePropagation();
    history.replaceState({}, "", now);
  }, {capture: true, once: true});
  history.back();
})();
</script>"""


def merge_history_entries() -> None:
    """Let each action of the user add at most one entry to the browser's history."""
    st.html("<style>.st-key-history { display: none; }</style>")
    with st.sidebar.container(key="history"):
        st.html(SCRIPT, unsafe_allow_javascript=True)
