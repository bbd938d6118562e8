"""Chats of Telegram Desktop: `result.json` of one chat, or of all chats of an account."""

from __future__ import annotations

from typing import Any

from analysis.importers.heartbeat import with_heartbeats
from analysis.importers.sources.source import Skip, Source

_NOT_INCLUDED = r"\(File .*\)"  # in place of a path: not included, exceeds the maximum size, unavailable


def open_chats(document: Any) -> list[Any] | None:
    """Return the messages of all chats with the name of their chat; None for other documents.

    A message's id is unique in its chat only, so `post_id` starts with the chat's id where there are several chats.
    """
    if not isinstance(document, dict):
        return None
    if _is_chat(document):
        return [_message(message, document, "") for message in with_heartbeats(document["messages"])]
    lists = [document[name]["list"] for name in ("chats", "left_chats") if _has_list(document.get(name))]
    chats = [chat for each in lists for chat in each if _is_chat(chat)]
    if not chats:
        return None
    return [
        _message(message, chat, f"{chat.get('id', '')}_")
        for chat in chats
        for message in with_heartbeats(chat["messages"])
    ]


def _is_chat(value: Any) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("messages"), list):
        return False
    first = next(iter(value["messages"]), None)
    return isinstance(first, dict) and "type" in first and "date" in first


def _has_list(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("list"), list)


def _message(message: Any, chat: dict[str, Any], prefix: str) -> Any:
    if not isinstance(message, dict):
        return message
    is_image = str(message.get("mime_type", "")).startswith("image/")
    return {
        **message,
        "post_id": f"{prefix}{message.get('id', '')}",
        "image_file": message.get("file") if is_image else None,
        "chat_name": chat.get("name"),
    }


SOURCE = Source(
    name="telegram",
    label="Telegram Desktop",
    recognised_by=[["post_id", "type", "date", "chat_name", "image_file"]],
    fields={
        "post_id": ["post_id"],
        "text": ["text"],
        "author": ["from", "actor", "chat_name"],
        "created_at": ["date_unixtime", "date"],
        "images": ["photo", "image_file"],
    },
    blank={"images": _NOT_INCLUDED},
    skips=[Skip(when={"type": ["service"]}, reason="is a service message, such as a new member")],
    open=open_chats,
)
