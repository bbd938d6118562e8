"""Uploads that are not scored yet, of all sessions of the server: a reload of the page is a new session.

The address of the Upload page has the token of the session's upload. An upload is released when it is scored or
discarded, after a day, or when there are too many; its files are removed when nothing refers to it any more.
"""

from __future__ import annotations

import secrets
import threading
import time

from analysis.settings import Settings
from pages.batch.drop import Drop

_open: dict[str, tuple[float, Drop]] = {}  # time of the last use and upload by token, the latest last
_lock = threading.Lock()


def keep(drop: Drop) -> str:
    """Keep an upload for a reload of its page.

    Returns:
        Its token, which cannot be guessed; the same each time.
    """
    with _lock:
        token = _token_of(drop) or secrets.token_urlsafe(16)
        _open.pop(token, None)
        _open[token] = (time.monotonic(), drop)
        _release_old()
        return token


def find(token: str) -> Drop | None:
    """Return the upload with a token; None if it was released."""
    with _lock:
        _release_old()
        found = _open.get(token)
    return found[1] if found else None


def list_open() -> list[Drop]:
    """List the uploads that can be continued, the one used last first."""
    with _lock:
        _release_old()
        return [drop for _, drop in reversed(_open.values()) if drop.files and drop.folder.is_dir()]


def release(drop: Drop) -> None:
    """Keep an upload no longer."""
    with _lock:
        if token := _token_of(drop):
            del _open[token]


def _token_of(drop: Drop) -> str | None:
    return next((token for token, (_, each) in _open.items() if each is drop), None)


def _release_old() -> None:
    settings = Settings()
    used_after = time.monotonic() - settings.abandoned_after_s
    for token in [token for token, (used, _) in _open.items() if used < used_after]:
        del _open[token]
    for token in list(_open)[: -settings.max_open_uploads]:
        del _open[token]
