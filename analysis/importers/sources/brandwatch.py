"""Mentions from Brandwatch, as CSV or workbook with a few lines above the header."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="brandwatch",
    label="Brandwatch",
    recognised_by=[
        ["Query Name", "Date", "Title", "Url", "Author", "Full Text"],
        ["Query Name", "Date", "Title", "Snippet", "Url", "Author"],
    ],
    fields={
        "post_id": ["Mention Id", "Url"],
        "text": ["Full Text", "Title", "Snippet"],
        "author": ["Author", "Full Name"],
        "created_at": ["Date"],
        "images": ["Media URLs"],
        "likes": [
            "X Likes",
            "Twitter Likes",
            "Facebook Likes",
            "Instagram Likes",
            "LinkedIn Likes",
            "TikTok Likes",
            "YouTube Likes",
            "Threads Likes",
            "Bluesky Likes",
            "Reddit Score",
        ],
        "shares": [
            "X Reposts",
            "Twitter Retweets",
            "Facebook Shares",
            "LinkedIn Shares",
            "TikTok Shares",
            "Threads Reposts",
            "Bluesky Reposts",
        ],
        "comments": [
            "X Replies",
            "Twitter Reply Count",
            "Facebook Comments",
            "Instagram Comments",
            "LinkedIn Comments",
            "TikTok Comments",
            "YouTube Comments",
            "Threads Replies",
            "Bluesky Replies",
            "Reddit Comments",
        ],
    },
)
