"""CrowdTangle's historical report of Facebook posts, as CSV."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="crowdtangle-facebook",
    label="CrowdTangle, Facebook",
    recognised_by=[
        ["Page Name", "Post Created", "Message", "URL"],
        ["Group Name", "Post Created", "Message", "URL"],
    ],
    fields={
        "post_id": ["URL"],
        "text": ["Message", "Image Text", "Link Text", "Description"],
        "author": ["User Name", "Page Name", "Group Name"],
        "created_at": ["Post Created"],
        "likes": ["Likes"],
        "shares": ["Shares"],
        "comments": ["Comments"],
    },
)
