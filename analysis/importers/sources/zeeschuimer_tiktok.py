"""TikTok posts collected with Zeeschuimer: one JSON object a line, with the platform's own object in `data`.

https://github.com/digitalmethodsinitiative/zeeschuimer
"""

from analysis.importers.sources.zeeschuimer_data import zeeschuimer_source

SOURCE = zeeschuimer_source(
    name="tiktok",
    label="TikTok",
    recognised_by=[["desc", "createTime"]],
    fields={
        "post_id": ["id"],
        "text": ["desc"],
        "author": ["author.uniqueId", "author", "author.nickname"],
        "created_at": ["createTime"],
        "images": ["imagePost.images"],
        "likes": ["stats.diggCount", "statsV2.diggCount"],
        "shares": ["stats.shareCount", "statsV2.shareCount"],
        "comments": ["stats.commentCount", "statsV2.commentCount"],
    },
)
