"""Videos from Apify's TikTok scraper, as JSON or CSV."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="apify-tiktok",
    label="Apify, TikTok",
    recognised_by=[["id", "text", "authorMeta.name", "diggCount"]],
    fields={
        "post_id": ["id"],
        "text": ["text"],
        "author": ["authorMeta.name", "authorMeta.nickName"],
        "created_at": ["createTimeISO", "createTime"],
        "images": [
            "slideshowImageLinks[].downloadLink",
            "slideshowImageLinks[].tiktokLink",
            "slideshowImageLinks.*.downloadLink",
            "slideshowImageLinks.*.tiktokLink",
            "videoMeta.coverUrl",
        ],
        "likes": ["diggCount"],
        "shares": ["shareCount"],
        "comments": ["commentCount"],
    },
    blank={"likes": r"-1", "shares": r"-1", "comments": r"-1"},
)
