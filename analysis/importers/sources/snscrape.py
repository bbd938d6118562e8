"""Posts of X from snscrape (whose older versions write `content`) and twscrape: one JSON object a line, or CSV."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="snscrape",
    label="snscrape, twscrape",
    recognised_by=[
        ["date", "rawContent", "user.username"],
        ["date", "content", "renderedContent", "user.username"],
        ["date", "rawContent", "likeCount", "retweetCount"],
        ["date", "rawContent", "user"],
    ],
    fields={
        "post_id": ["id_str", "id", "url"],
        "text": ["retweetedTweet.rawContent", "rawContent", "retweetedTweet.content", "content"],
        "author": ["user.username", "username"],
        "created_at": ["date"],
        "images": ["media.photos[].url", "media[].fullUrl", "media"],
        "likes": ["likeCount"],
        "shares": ["retweetCount"],
        "comments": ["replyCount"],
    },
)
