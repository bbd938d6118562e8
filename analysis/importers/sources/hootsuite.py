"""Hootsuite's report of posts, as CSV."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="hootsuite",
    label="Hootsuite",
    recognised_by=[["Post Message", "Social Network"], ["Post Message", "Network"]],
    fields={
        "post_id": ["Post ID", "Post Permalink"],
        "text": ["Post Message"],
        "author": ["Social Profile Name", "Profile Name", "Profile"],
        "created_at": ["Date (GMT)", "Published", "Date"],
        "likes": ["Likes", "Reactions"],
        "shares": ["Shares", "Retweets"],
        "comments": ["Comments", "Replies"],
    },
)
