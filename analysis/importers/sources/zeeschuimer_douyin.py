"""Posts of Douyin collected with Zeeschuimer: one JSON object a line, with the platform's own object in `data`."""

from analysis.importers.sources.zeeschuimer_data import zeeschuimer_source

SOURCE = zeeschuimer_source(
    name="douyin",
    label="Douyin",
    recognised_by=[["aweme_id", "desc", "create_time"], ["awemeId", "desc", "createTime"]],
    fields={
        "post_id": ["aweme_id", "awemeId"],
        "text": ["desc"],
        "author": ["author.nickname", "authorInfo.nickname"],
        "created_at": ["create_time", "createTime"],
        "images": ["images"],
        "likes": ["statistics.digg_count", "stats.diggCount"],
        "shares": ["statistics.share_count", "stats.shareCount"],
        "comments": ["statistics.comment_count", "stats.commentCount"],
    },
)
