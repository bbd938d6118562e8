"""Posts of Threads collected with Zeeschuimer: one JSON object a line, with the platform's own object in `data`."""

from analysis.importers.sources.zeeschuimer_data import zeeschuimer_source

SOURCE = zeeschuimer_source(
    name="threads",
    label="Threads",
    recognised_by=[
        ["taken_at", "user.username", "text_post_app_info.direct_reply_count"],
        ["taken_at", "user.username", "caption.text", "text_post_app_info.direct_reply_count"],
    ],
    fields={
        "post_id": ["code", "pk"],
        "text": ["caption.text"],
        "author": ["user.username"],
        "created_at": ["taken_at"],
        "images": ["carousel_media", "image_versions2.candidates[0].url"],
        "likes": ["like_count"],
        "shares": ["text_post_app_info.repost_count"],
        "comments": ["text_post_app_info.direct_reply_count"],
    },
)
