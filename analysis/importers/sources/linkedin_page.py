"""LinkedIn's analytics of the posts of a page."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="linkedin-page",
    label="LinkedIn, page analytics",
    recognised_by=[["Post title", "Post link", "Created date", "Likes"]],
    fields={
        "post_id": ["Post link"],
        "text": ["Post title"],
        "author": ["Posted by"],
        "created_at": ["Created date"],
        "likes": ["Likes"],
        "shares": ["Reposts"],
        "comments": ["Comments"],
    },
)
