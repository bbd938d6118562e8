"""Videos from the TikTok Research API, as JSON or CSV."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="tiktok-research",
    label="TikTok Research API",
    recognised_by=[
        ["id", "video_description", "create_time"],
        ["video_id", "video_description", "create_time"],
    ],
    fields={
        "post_id": ["id", "video_id"],
        "text": ["video_description", "voice_to_text"],
        "author": ["username", "author_name"],
        "created_at": ["create_time"],
        "likes": ["like_count"],
        "shares": ["share_count"],
        "comments": ["comment_count"],
    },
)
