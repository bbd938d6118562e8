"""Instagram posts collected with Zeeschuimer: one JSON object a line, with the platform's own object in `data`.

https://github.com/digitalmethodsinitiative/zeeschuimer
"""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="zeeschuimer-instagram",
    label="Zeeschuimer, Instagram",
    recognised_by=[
        ["item_id", "timestamp_collected", "data.taken_at", "data.caption.text"],
        ["item_id", "timestamp_collected", "data.taken_at", "data.caption"],
        ["item_id", "timestamp_collected", "data.taken_at_timestamp"],
    ],
    fields={
        "post_id": ["item_id", "data.id"],
        "text": ["data.caption.text", "data.edge_media_to_caption"],
        "author": ["data.user.username", "data.owner.username"],
        "created_at": ["data.taken_at", "data.taken_at_timestamp"],
        "images": ["data.carousel_media", "data.image_versions2.candidates[0].url", "data.display_url"],
        "likes": ["data.like_count", "data.edge_media_preview_like.count"],
        "comments": ["data.comment_count", "data.edge_media_preview_comment.count"],
    },
)
