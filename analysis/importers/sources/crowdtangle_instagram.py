"""CrowdTangle's historical report of Instagram posts, as CSV."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="crowdtangle-instagram",
    label="CrowdTangle, Instagram",
    recognised_by=[
        ["Account", "Post Created", "Description", "URL"],
        ["Account", "User Name", "Post Created", "Description", "Photo", "URL"],
    ],
    fields={
        "post_id": ["URL"],
        "text": ["Description", "Title", "Image Text"],
        "author": ["User Name", "Account"],
        "created_at": ["Post Created"],
        "images": ["Photo"],
        "likes": ["Likes"],
        "comments": ["Comments"],
    },
)
