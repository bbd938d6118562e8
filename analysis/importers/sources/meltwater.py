"""Mentions from Meltwater, as CSV (UTF-16, separated by tabs) or workbook."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="meltwater",
    label="Meltwater",
    recognised_by=[
        ["Date", "URL", "Hit Sentence"],
        ["Date", "URL", "Headline", "Opening Text"],
        ["Date", "URL", "Headline", "Opening Text", "Hit Sentence", "Influencer"],
    ],
    fields={
        "post_id": ["Tweet Id", "URL"],
        "text": ["Hit Sentence", "Opening Text", "Headline"],
        "author": ["Influencer", "Twitter Screen Name"],
        "created_at": ["Date + Time"],
        "likes": ["Likes"],
        "shares": ["Retweets", "Reposts", "Shares"],
        "comments": ["Replies", "Comments"],
    },
)
