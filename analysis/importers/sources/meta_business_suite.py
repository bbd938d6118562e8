"""Meta Business Suite's report of the posts of a page or account, as CSV."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="meta-business-suite",
    label="Meta Business Suite",
    recognised_by=[
        ["Post ID", "Page name", "Title", "Publish time"],
        ["Post ID", "Account username", "Description", "Publish time"],
    ],
    fields={
        "post_id": ["Post ID"],
        "text": ["Title", "Description"],
        "author": ["Page name", "Account username", "Account name"],
        "created_at": ["Publish time"],
        "likes": ["Likes", "Reactions"],
        "shares": ["Shares"],
        "comments": ["Comments"],
    },
)
