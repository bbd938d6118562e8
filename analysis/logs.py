"""Logging: one line per event on standard error, as text or as JSON.

    POSTLENS_LOG          "json" for a JSON object per line; anything else for text
    POSTLENS_LOG_LEVEL    "DEBUG", "INFO", "WARNING" (the default) or "ERROR"

Texts of posts and names of people are never logged; batches, parts, counts and engines are.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import traceback
from datetime import UTC, datetime

_LOGGERS = ("analysis", "pages")


class JsonLines(logging.Formatter):
    """Formats time (UTC), level, module, thread, message, and the error with its traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Format one event as a JSON object on one line."""
        event = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "module": record.name,
            "thread": record.threadName,
            "message": record.getMessage(),
        }
        if record.exc_info:
            event["error"] = self.formatException(record.exc_info)
        return json.dumps(event, ensure_ascii=False)


def set_up_logs() -> None:
    """Log to standard error, configured by the environment variables. Repeated calls have no effect."""
    level = os.environ.get("POSTLENS_LOG_LEVEL", "WARNING").upper()
    for own in map(logging.getLogger, _LOGGERS):
        own.setLevel(level if level in logging.getLevelNamesMapping() else "WARNING")
        if not any(isinstance(handler, _StandardErrorHandler) for handler in own.handlers):
            own.addHandler(_StandardErrorHandler())


def traceback_without_messages(error: BaseException) -> str:
    """Format where an error and its causes were raised, without their messages, which may quote a post.

    Args:
        error: The error.

    Returns:
        Lines as Python prints them, without messages, except the system's reason for an `OSError`.
    """
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    before = [traceback_without_messages(cause), "which led to"] if cause else []
    frames = "".join(traceback.format_tb(error.__traceback__)).rstrip()
    reason = f": {error.strerror}" if isinstance(error, OSError) and error.strerror else ""
    return "\n".join([*before, frames, f"{type(error).__module__}.{type(error).__qualname__}{reason}"])


class _StandardErrorHandler(logging.Handler):
    """Writes to the current `sys.stderr`, which tests and notebooks replace."""

    def __init__(self) -> None:
        super().__init__()
        as_json = os.environ.get("POSTLENS_LOG") == "json"
        text = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self.setFormatter(JsonLines() if as_json else text)

    def emit(self, record: logging.LogRecord) -> None:
        """Write one event."""
        sys.stderr.write(self.format(record) + "\n")
