"""Posts of Threads collected with Zeeschuimer: one JSON object a line, with the platform's own object in `data`."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="zeeschuimer-threads",
    label="Zeeschuimer, Threads",
    recognised_by=[
        [
            "item_id",
            "timestamp_collected",
            "data.taken_at",
            "data.user.username",
            "data.text_post_app_info.direct_reply_count",
        ],
        [
            "item_id",
            "timestamp_collected",
            "data.taken_at",
            "data.user.username",
            "data.caption.text",
            "data.text_post_app_info.direct_reply_count",
        ],
    ],
    fields={
        "post_id": ["item_id", "data.code", "data.pk"],
        "text": ["data.caption.text"],
        "author": ["data.user.username"],
        "created_at": ["data.taken_at"],
        "images": ["data.carousel_media", "data.image_versions2.candidates[0].url"],
        "likes": ["data.like_count"],
        "shares": ["data.text_post_app_info.repost_count"],
        "comments": ["data.text_post_app_info.direct_reply_count"],
    },
)
