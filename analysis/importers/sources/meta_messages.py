"""The messages of a chat in an account's download from Facebook or Instagram, as JSON."""

from __future__ import annotations

from typing import Any

from analysis.importers.sources.source import Source


def open_chat(document: Any) -> list[Any] | None:
    """Return the messages of a chat; None for other documents."""
    messages = document.get("messages") if isinstance(document, dict) and "participants" in document else None
    first = messages[0] if isinstance(messages, list) and messages else None
    return messages if isinstance(first, dict) and {"sender_name", "timestamp_ms"} <= first.keys() else None


SOURCE = Source(
    name="meta-messages",
    label="Facebook or Instagram download, messages",
    recognised_by=[["sender_name", "timestamp_ms", "content"]],
    fields={
        "text": ["content"],
        "author": ["sender_name"],
        "created_at": ["timestamp_ms"],
        "images": ["photos[].uri"],
    },
    open=open_chat,
)
