"""Posts of Douyin collected with Zeeschuimer: one JSON object a line, with the platform's own object in `data`."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="zeeschuimer-douyin",
    label="Zeeschuimer, Douyin",
    recognised_by=[
        ["item_id", "timestamp_collected", "data.aweme_id", "data.desc", "data.create_time"],
        ["item_id", "timestamp_collected", "data.awemeId", "data.desc", "data.createTime"],
    ],
    fields={
        "post_id": ["item_id", "data.aweme_id", "data.awemeId"],
        "text": ["data.desc"],
        "author": ["data.author.nickname", "data.authorInfo.nickname"],
        "created_at": ["data.create_time", "data.createTime"],
        "images": ["data.images"],
        "likes": ["data.statistics.digg_count", "data.stats.diggCount"],
        "shares": ["data.statistics.share_count", "data.stats.shareCount"],
        "comments": ["data.statistics.comment_count", "data.stats.commentCount"],
    },
)
