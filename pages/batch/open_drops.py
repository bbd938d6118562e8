"""Uploads that are not scored yet, of all sessions of the server: a reload of the page is a new session.

The address of the Upload page has the token of the session's upload. An upload is released when it is scored or
discarded, after a day, or when there are too many; its files are removed when nothing refers to it any more.
"""

from __future__ import annotations

import secrets
import threading
import time
from dataclasses import dataclass

from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from analysis.settings import Settings
from pages.batch.drop import Drop


@dataclass(frozen=True)
class _Kept:
    """An upload, the session that used it last, and when: seconds of `time.monotonic`."""

    drop: Drop
    session: str
    used: float


_open: dict[str, _Kept] = {}  # by token, the one used last is the last
_lock = threading.Lock()


def keep(drop: Drop) -> str:
    """Keep an upload for a reload of its page.

    Returns:
        Its token, which cannot be guessed; the same each time.
    """
    with _lock:
        token = _token_of(drop) or secrets.token_urlsafe(16)
        _open.pop(token, None)
        _open[token] = _Kept(drop, _current_session(), time.monotonic())
        _release_old()
        return token


def find(token: str) -> Drop | None:
    """Return the upload with a token; None if it was released."""
    with _lock:
        _release_old()
        found = _open.get(token)
    return found.drop if found else None


def list_open() -> list[Drop]:
    """List the uploads that no open tab uses, the one used last first."""
    with _lock:
        _release_old()
        kept = list(reversed(_open.values()))
    return [
        each.drop
        for each in kept
        if each.drop.files and each.drop.folder.is_dir() and not _is_used_by_another(each.session)
    ]


def release(drop: Drop) -> None:
    """Keep an upload no longer."""
    with _lock:
        if token := _token_of(drop):
            del _open[token]


def _token_of(drop: Drop) -> str | None:
    return next((token for token, each in _open.items() if each.drop is drop), None)


def _current_session() -> str:
    context = get_script_run_ctx()
    return context.session_id if context else ""


def _is_used_by_another(session: str) -> bool:
    """Return whether a tab other than this one has the session open."""
    is_open = runtime.exists() and runtime.get_instance().is_active_session(session)
    return is_open and session != _current_session()


def _release_old() -> None:
    settings = Settings()
    used_after = time.monotonic() - settings.abandoned_after_s
    for token in [token for token, each in _open.items() if each.used < used_after]:
        del _open[token]
    for token in list(_open)[: -settings.max_open_uploads]:
        del _open[token]
