"""Messages of a Discord channel, as DiscordChatExporter writes them to JSON."""

from __future__ import annotations

from typing import Any

from analysis.importers.sources.source import NO_IMAGE, Skip, Source


def open_channel(document: Any) -> list[Any] | None:
    """Return the messages of a channel with its name; None for other documents."""
    if not isinstance(document, dict) or not {"guild", "channel", "messages"} <= document.keys():
        return None
    channel, messages = document["channel"], document["messages"]
    if not isinstance(channel, dict) or not isinstance(messages, list):
        return None
    return [
        {**message, "channel_name": channel.get("name")} if isinstance(message, dict) else message
        for message in messages
    ]


SOURCE = Source(
    name="discord",
    label="Discord, DiscordChatExporter",
    recognised_by=[["id", "type", "timestamp", "content", "author.name", "channel_name"]],
    fields={
        "post_id": ["id"],
        "text": ["content"],
        "author": ["author.name", "author.nickname"],
        "created_at": ["timestamp"],
        "images": ["attachments[].url"],
    },
    blank={"images": NO_IMAGE},
    skips=[
        Skip(
            when={
                "type": [
                    "Call",
                    "ChannelIconChange",
                    "ChannelNameChange",
                    "ChannelPinnedMessage",
                    "GuildMemberJoin",
                    "RecipientAdd",
                    "RecipientRemove",
                    "ThreadCreated",
                ]
            },
            reason="is a notice of Discord, such as a new member",
        )
    ],
    open=open_channel,
)
