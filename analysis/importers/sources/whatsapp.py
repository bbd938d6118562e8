"""Chats of WhatsApp, as `analysis.importers.whatsapp` reads them."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="whatsapp",
    label="WhatsApp",
    recognised_by=[["chat author", "chat time", "chat text", "chat files"]],
    fields={
        "text": ["chat text"],
        "author": ["chat author"],
        "created_at": ["chat time"],
        "images": ["chat files"],
    },
)
