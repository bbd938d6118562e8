"""Emplifi's (formerly Socialbakers') list of content, as CSV or workbook.

No list of the columns is published. These are the columns of two such workbooks:
https://github.com/wa2elgomaa/agentic-beast/blob/main/backend/data/analytics/EXCEL_MAPPING.md
"""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="emplifi",
    label="Emplifi",
    recognised_by=[
        ["Content ID", "Platform", "Profile name", "Content"],
        ["Content ID", "Platform", "Profile name", "Message"],
        ["Content ID", "Platform", "Profile name", "Description"],
    ],
    fields={
        "post_id": ["Content ID"],
        "text": ["Content", "Message", "Description", "Title"],
        "author": ["Author name", "Profile name"],
        "created_at": ["Date", "Published", "Reported at"],
        "likes": ["Total likes", "Total reactions", "Likes", "Reactions"],
        "shares": ["Total shares", "Shares"],
        "comments": ["Total comments", "Comments"],
    },
    guess_in="",
)
