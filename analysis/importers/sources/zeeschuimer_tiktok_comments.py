"""Comments on TikTok collected with Zeeschuimer: one JSON object a line, with the platform's own object in `data`."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="zeeschuimer-tiktok-comments",
    label="Zeeschuimer, TikTok comments",
    recognised_by=[["item_id", "timestamp_collected", "data.cid", "data.text", "data.create_time"]],
    fields={
        "post_id": ["item_id", "data.cid"],
        "text": ["data.text"],
        "author": ["data.user.unique_id", "data.user.nickname"],
        "created_at": ["data.create_time"],
        "likes": ["data.digg_count"],
        "comments": ["data.reply_comment_total"],
    },
)
