"""Pins of Pinterest as CSV of 4CAT."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="4cat-pinterest",
    label="4CAT, Pinterest",
    recognised_by=[
        ["id", "body", "subject", "author", "timestamp", "image_url"],
        ["id", "body", "subject", "author", "timestamp", "image_url", "thread_id", "author_original"],
    ],
    fields={
        "post_id": ["id"],
        "text": ["subject + body"],
        "author": ["author", "author_fullname"],
        "created_at": ["unix_timestamp", "timestamp"],
        "images": ["image_url"],
    },
)
