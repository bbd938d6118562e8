"""Pins of the Pinterest API v5, as JSON."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="pinterest-api",
    label="Pinterest API",
    recognised_by=[["id", "title", "description", "board_id", "created_at"]],
    fields={
        "post_id": ["id"],
        "text": ["title + description"],
        "author": ["board_owner.username"],
        "created_at": ["created_at"],
        "images": ["media.images.originals.url", "media.images.1200x.url", "media.images.600x.url"],
    },
)
