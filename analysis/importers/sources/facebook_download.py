"""The posts and comments of an account's download from Facebook, as JSON; its `title` is the platform's."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="facebook-download",
    label="Facebook download",
    recognised_by=[["timestamp", "data"]],
    fields={
        "text": ["data[].post", "data[].comment.comment"],
        "author": ["data[].comment.author"],
        "created_at": ["timestamp"],
        "images": ["attachments[].data[].media.uri"],
    },
    values={
        "timestamp": r"\d{9,10}",
        "data": r"\[.*\"(?:post|update_timestamp|comment|backdated_timestamp)\".*\]",
        "attachments": r"\[.*\"data\".*\]",
    },
)
