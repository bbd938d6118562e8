"""Pins of Pinterest as CSV of 4CAT."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="4cat-pinterest",
    label="4CAT, Pinterest",
    recognised_by=[["id", "body", "subject", "author", "timestamp", "image_url", "url"]],
    fields={
        "post_id": ["id"],
        "text": ["subject + body"],
        "author": ["author", "author_fullname"],
        "created_at": ["unix_timestamp", "timestamp"],
        "images": ["image_url"],
    },
    values={"url": r"https?://[a-z.]*pinterest\..*"},
)
