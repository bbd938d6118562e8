"""Comments on a video from YouTube Data Tools."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="youtube-data-tools-comments",
    label="YouTube Data Tools, comments",
    recognised_by=[["id", "replyCount", "publishedAt", "authorName", "text"]],
    fields={
        "post_id": ["id"],
        "text": ["text"],
        "author": ["authorName"],
        "created_at": ["publishedAt"],
        "likes": ["likeCount"],
        "comments": ["replyCount"],
    },
)
