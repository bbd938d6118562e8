"""Comments from the TikTok Research API, as JSON or CSV."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="tiktok-research-comments",
    label="TikTok Research API, comments",
    recognised_by=[["id", "text", "video_id", "parent_comment_id", "create_time"]],
    fields={
        "post_id": ["id"],
        "text": ["text"],
        "created_at": ["create_time"],
        "likes": ["like_count"],
        "comments": ["reply_count"],
    },
)
