"""X's own analytics by post: the CSV of today, and that of Twitter with "Tweet text"."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="x-analytics",
    label="X analytics",
    recognised_by=[
        ["Post id", "Post text", "Date", "Impressions"],
        ["Tweet id", "Tweet text", "time", "impressions"],
        ["Tweet id", "Tweet text", "Tweet permalink"],
    ],
    fields={
        "post_id": ["Post id", "Tweet id"],
        "text": ["Post text", "Tweet text"],
        "created_at": ["Date", "time"],
        "likes": ["Likes", "favorites"],
        "shares": ["Reposts", "retweets"],
        "comments": ["replies"],
    },
)
