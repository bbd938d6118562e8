"""TikTok posts collected with Zeeschuimer: one JSON object a line, with the platform's own object in `data`.

https://github.com/digitalmethodsinitiative/zeeschuimer
"""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="zeeschuimer-tiktok",
    label="Zeeschuimer, TikTok",
    recognised_by=[["item_id", "timestamp_collected", "data.desc", "data.createTime"]],
    fields={
        "post_id": ["item_id", "data.id"],
        "text": ["data.desc"],
        "author": ["data.author.uniqueId", "data.author", "data.author.nickname"],
        "created_at": ["data.createTime"],
        "images": ["data.imagePost.images"],
        "likes": ["data.stats.diggCount", "data.statsV2.diggCount"],
        "shares": ["data.stats.shareCount", "data.statsV2.shareCount"],
        "comments": ["data.stats.commentCount", "data.statsV2.commentCount"],
    },
)
