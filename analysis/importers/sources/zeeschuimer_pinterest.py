"""Pins of Pinterest collected with Zeeschuimer: one JSON object a line, with the platform's own object in `data`."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="zeeschuimer-pinterest",
    label="Zeeschuimer, Pinterest",
    recognised_by=[["item_id", "timestamp_collected", "data.pinner.username", "data.images.orig.url"]],
    fields={
        "post_id": ["item_id", "data.id"],
        "text": ["data.title + data.description", "data.grid_title"],
        "author": ["data.pinner.username", "data.pinner.full_name"],
        "created_at": ["data.created_at"],
        "images": ["data.images.orig.url"],
        "shares": ["data.repin_count"],
        "comments": ["data.comment_count"],
    },
)
