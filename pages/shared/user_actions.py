"""Follows the user's actions in the browser: each adds one entry to its history, so that Back goes back in one step.

Streamlit 1.67 adds one entry when a page changes the query of the URL, and another one when it switches to a page.
The script below lets only the first change after a click or a key add an entry; all others replace it. Before any
action, such as the choice of a batch when the app opens, no entry is added.

It also tells `pages.components.deferred` whether the server has yet to answer an action.
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
  // Times of the last action, and of the last change of the state of a run. There may have been a click on a link
  // before this script was there.
  const isRunning = document.querySelector("[data-test-script-state=running]");
  let acted = isRunning ? performance.now() : -Infinity, answered = 0;
  const act = () => { acted = performance.now(); };
  window.addEventListener("click", act, true);
  window.addEventListener("popstate", act, true);
  window.addEventListener("keydown", (event) => { if (["Enter", " "].includes(event.key)) act(); }, true);
  new MutationObserver(() => { answered = performance.now(); }).observe(
    document.body, {subtree: true, attributeFilter: ["data-test-script-state"]});
  window.postlensAwaitsRun = () => acted > answered && performance.now() - acted < 10000;
  const add = history.pushState.bind(history);
  history.pushState = (...entry) => {
    if (mayAdd) add(...entry); else history.replaceState(...entry);
    mayAdd = false;
  };
  // The first run may have chosen a batch before this script was there: remove the entry of that.
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


def follow_user_actions() -> None:
    """Add the script to the page; it installs itself once."""
    st.html("<style>.st-key-user_actions { display: none; }</style>")
    with st.sidebar.container(key="user_actions"):
        st.html(SCRIPT, unsafe_allow_javascript=True)
