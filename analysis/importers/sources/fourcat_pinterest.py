"""Pins of Pinterest as CSV of 4CAT."""

from analysis.importers.sources.fourcat_csv import fourcat_source

SOURCE = fourcat_source(
    name="pinterest",
    label="Pinterest",
    recognised_by=[["subject", "author", "timestamp", "image_url", "url"]],
    fields={
        "text": ["subject + body"],
        "author": ["author", "author_fullname"],
        "images": ["image_url"],
    },
    values={"url": r"https?://[a-z.]*pinterest\."},
)
