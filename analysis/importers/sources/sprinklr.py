"""Messages of Sprinklr, as CSV or workbook."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="sprinklr",
    label="Sprinklr",
    recognised_by=[
        ["Message", "Network", "Published"],
        ["Message", "Social Network", "Created Time"],
        ["Message", "SocialNetwork", "CreatedTime"],
    ],
    fields={
        "post_id": ["Universal Message Id", "UniversalMessageId", "Message Id", "Post Id", "Permalink"],
        "text": ["Message", "Post"],
        "author": ["Sender Screen Name", "SenderScreenName", "From User", "Author", "Account"],
        "created_at": ["Published", "Created Time", "CreatedTime"],
        "images": ["Media URL", "Image URL"],
        "likes": ["Likes"],
        "shares": ["Shares", "Retweets"],
        "comments": ["Comments", "Replies"],
    },
)
