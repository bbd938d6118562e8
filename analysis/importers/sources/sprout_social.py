"""Sprout Social's report of the performance of posts, as CSV."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="sprout-social",
    label="Sprout Social",
    recognised_by=[["Date", "Network", "Profile", "Post"], ["Published", "Network", "Post"]],
    fields={
        "post_id": ["Post ID", "Link"],
        "text": ["Post"],
        "author": ["Profile", "Sent by"],
        "created_at": ["Date", "Published"],
        "likes": ["Likes", "Reactions"],
        "shares": ["Shares"],
        "comments": ["Comments", "Replies"],
    },
)
