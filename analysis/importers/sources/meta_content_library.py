"""Posts of Facebook, Instagram and Threads from the Meta Content Library and API, as CSV or JSON."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="meta-content-library",
    label="Meta Content Library",
    recognised_by=[
        ["id", "text", "creation_time", "post_owner.name"],
        ["id", "text", "creation_time", "post_owner.username"],
        ["id", "text", "creation_time", "mcl_url"],
    ],
    fields={
        "post_id": ["id", "mcl_url"],
        "text": ["text"],
        "author": ["post_owner.name", "post_owner.username"],
        "created_at": ["creation_time"],
        "images": ["multimedia[].url", "multimedia"],
        "likes": ["statistics.like_count", "statistics.reaction_count"],
        "shares": ["statistics.share_count", "statistics.repost_count"],
        "comments": ["statistics.comment_count", "statistics.reply_count"],
    },
)
