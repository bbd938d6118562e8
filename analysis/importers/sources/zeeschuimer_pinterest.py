"""Pins of Pinterest collected with Zeeschuimer: one JSON object a line, with the platform's own object in `data`."""

from analysis.importers.sources.zeeschuimer_data import zeeschuimer_source

SOURCE = zeeschuimer_source(
    name="pinterest",
    label="Pinterest",
    recognised_by=[["pinner.username", "images.orig.url"]],
    fields={
        "post_id": ["id"],
        "text": ["title + description", "grid_title"],
        "author": ["pinner.username", "pinner.full_name"],
        "created_at": ["created_at"],
        "images": ["images.orig.url"],
        "shares": ["repin_count"],
        "comments": ["comment_count"],
    },
)
