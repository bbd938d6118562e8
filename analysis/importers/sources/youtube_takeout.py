"""Comments of a YouTube account, from Google Takeout; each text is JSON in pieces."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="youtube-takeout",
    label="YouTube, Google Takeout",
    recognised_by=[["Comment ID", "Comment Create Timestamp", "Comment Text"]],
    fields={
        "post_id": ["Comment ID"],
        "text": ["Comment Text"],
        "created_at": ["Comment Create Timestamp"],
    },
)
