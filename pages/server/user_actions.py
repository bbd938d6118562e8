"""Follows the user's actions in the browser: each adds one entry to its history, so that Back goes back in one step.

Streamlit 1.67 adds one entry when a page changes the query of the URL, and another one when it switches to a page.
The script below lets only the first change after a click or a key add an entry; all others replace it. Before any
action, such as the choice of a batch when the app opens, no entry is added. It is part of the HTML page, as it must
run before Streamlit's own scripts: a page can add scripts only after its first run, which may have changed the URL.

It also tells `pages.components.deferred` whether the server has yet to answer an action.
"""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SCRIPT = b"""<script>
(() => {
  let mayAdd = false;
  for (const action of ["pointerdown", "click", "keydown", "drop"])
    window.addEventListener(action, () => { mayAdd = true; }, true);
  window.addEventListener("popstate", () => { mayAdd = false; }, true);
  let acted = -Infinity, answered = 0;  // times of the last action, and of the last change of the state of a run
  const act = () => { acted = performance.now(); };
  window.addEventListener("click", act, true);
  window.addEventListener("popstate", act, true);
  window.addEventListener("keydown", (event) => { if (["Enter", " "].includes(event.key)) act(); }, true);
  new MutationObserver(() => { answered = performance.now(); }).observe(
    document.documentElement, {subtree: true, attributeFilter: ["data-test-script-state"]});
  window.postlensAwaitsRun = () => acted > answered && performance.now() - acted < 10000;
  const add = history.pushState.bind(history);
  history.pushState = (...entry) => {
    if (new URL(entry[2] ?? "", location.href).href === location.href) return history.replaceState(...entry);
    if (mayAdd) add(...entry); else history.replaceState(...entry);
    mayAdd = false;
  };
})();
</script>"""
_PLACE = b"<head>"
_CONDITIONS = (b"if-none-match", b"if-modified-since", b"if-range", b"range", b"accept-encoding")


class FollowUserActions:
    """ASGI middleware that adds `SCRIPT` to Streamlit's HTML page, as the first thing in its head.

    Files to download, which are HTML too if they are reports, have an extension and are not changed.

    Args:
        app: The wrapped application.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request or WebSocket connection."""
        if scope["type"] != "http" or scope["method"] != "GET" or "." in scope["path"].rpartition("/")[2]:
            await self.app(scope, receive, send)
            return
        start: Message | None = None
        body = b""

        async def send_with_script(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start" and _is_html(message):
                start = message
            elif start is None:
                await send(message)
            else:
                body += message.get("body", b"")
                if not message.get("more_body"):
                    page = body.replace(_PLACE, _PLACE + SCRIPT, 1)
                    headers = MutableHeaders(scope=start)
                    headers["content-length"] = str(len(page))
                    for validator in ("etag", "last-modified"):
                        del headers[validator]
                    await send(start)
                    await send({"type": "http.response.body", "body": page})

        # Without the conditions: the browser may have the page without the script, or with another one.
        whole = [(name, value) for name, value in scope["headers"] if name.lower() not in _CONDITIONS]
        await self.app({**scope, "headers": whole}, receive, send_with_script)


def _is_html(start: Message) -> bool:
    return Headers(raw=start["headers"]).get("content-type", "").startswith("text/html")
