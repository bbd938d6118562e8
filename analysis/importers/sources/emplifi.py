"""Emplifi's (formerly Socialbakers') list of content, as CSV or workbook."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="emplifi",
    label="Emplifi",
    recognised_by=[
        ["Content ID", "Platform", "Profile name", "Message"],
        ["Content ID", "Platform", "Profile name", "Description"],
    ],
    fields={
        "post_id": ["Content ID"],
        "text": ["Message", "Description", "Title"],
        "author": ["Author name", "Profile name"],
        "created_at": ["Published", "Date"],
        "likes": ["Likes", "Reactions"],
        "shares": ["Shares"],
        "comments": ["Comments"],
    },
)
