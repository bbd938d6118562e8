"""The records of posts of a Bluesky repository, as JSON."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="bluesky-records",
    label="Bluesky, records",
    recognised_by=[["uri", "value.text", "value.createdAt"]],
    fields={
        "post_id": ["uri"],
        "text": ["value.text"],
        "author": ["author.handle"],
        "created_at": ["value.createdAt"],
        "images": ["value.embed.images", "value.embed.media.images"],
    },
)
