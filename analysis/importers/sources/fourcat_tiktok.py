"""Posts of TikTok as CSV of 4CAT."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="4cat-tiktok",
    label="4CAT, TikTok",
    recognised_by=[["id", "body", "author", "likes", "comments", "shares", "plays", "thumbnail_url"]],
    fields={
        "post_id": ["id"],
        "text": ["body"],
        "author": ["author", "author_full"],
        "created_at": ["unix_timestamp", "timestamp"],
        "images": ["thumbnail_url"],
        "likes": ["likes"],
        "shares": ["shares"],
        "comments": ["comments"],
    },
)
