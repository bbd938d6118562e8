"""Posts as CSV of 4CAT from data sources that have no module of their own here."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="4cat",
    label="4CAT",
    recognised_by=[["id", "body", "thread_id", "timestamp", "author"]],
    fields={
        "post_id": ["id"],
        "text": ["subject + body"],
        "author": ["author", "author_fullname"],
        "created_at": ["unix_timestamp", "timestamp"],
        "images": ["image_urls", "images", "image_url", "image_file"],
        "likes": ["likes", "like_count", "num_likes", "score"],
        "shares": ["shares", "share_count", "retweet_count", "repost_count"],
        "comments": ["comments", "num_comments", "comment_count", "reply_count"],
    },
)
