"""Posts from Apify's Facebook scrapers, as JSON or CSV."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="apify-facebook",
    label="Apify, Facebook",
    recognised_by=[["facebookUrl", "postId", "text"]],
    fields={
        "post_id": ["postId", "url"],
        "text": ["text"],
        "author": ["pageName", "user.name"],
        "created_at": ["timestamp", "time"],
        "images": [
            "media[].photo_image.uri",
            "media.*.photo_image.uri",
            "media[].thumbnail",
            "media.*.thumbnail",
        ],
        "likes": ["likes", "topReactionsCount"],
        "shares": ["shares"],
        "comments": ["comments"],
    },
    blank={"likes": r"-1", "shares": r"-1", "comments": r"-1"},
)
