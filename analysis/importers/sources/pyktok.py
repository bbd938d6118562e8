"""Videos of TikTok from pyktok, as CSV."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="pyktok",
    label="pyktok",
    recognised_by=[["video_id", "video_description", "video_diggcount"]],
    fields={
        "post_id": ["video_id"],
        "text": ["video_description"],
        "author": ["author_username", "author_name"],
        "created_at": ["video_timestamp"],
        "likes": ["video_diggcount"],
        "shares": ["video_sharecount"],
        "comments": ["video_commentcount"],
    },
)
