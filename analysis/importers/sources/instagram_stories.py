"""The stories of an account's download from Instagram, as JSON."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="instagram-stories",
    label="Instagram download, stories",
    recognised_by=[["uri", "creation_timestamp", "title"]],
    fields={
        "text": ["title"],
        "created_at": ["creation_timestamp"],
        "images": ["uri"],
    },
)
