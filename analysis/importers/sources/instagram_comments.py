"""The comments that an account has written, in its download from Instagram, as JSON."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="instagram-comments",
    label="Instagram download, comments",
    recognised_by=[["string_map_data.Comment.value", "string_map_data.Time.timestamp"]],
    fields={
        "text": ["string_map_data.Comment.value"],
        "created_at": ["string_map_data.Time.timestamp"],
    },
)
