"""The posts, reels and stories of an account's download from Instagram, as JSON."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="instagram-download",
    label="Instagram download",
    recognised_by=[["media"]],
    fields={
        "text": ["title", "media[0].title"],
        "created_at": ["creation_timestamp", "media[0].creation_timestamp"],
        "images": ["media[].uri"],
    },
    values={"media": r"\[\s*\{.*\"uri\".*\"creation_timestamp\".*\]"},
)
