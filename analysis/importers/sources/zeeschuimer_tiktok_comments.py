"""Comments on TikTok collected with Zeeschuimer: one JSON object a line, with the platform's own object in `data`."""

from analysis.importers.sources.zeeschuimer_data import zeeschuimer_source

SOURCE = zeeschuimer_source(
    name="tiktok-comments",
    label="TikTok comments",
    recognised_by=[["cid", "text", "create_time"]],
    fields={
        "post_id": ["cid"],
        "text": ["text"],
        "author": ["user.unique_id", "user.nickname"],
        "created_at": ["create_time"],
        "likes": ["digg_count"],
        "comments": ["reply_comment_total"],
    },
)
