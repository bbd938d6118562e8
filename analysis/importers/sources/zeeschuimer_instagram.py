"""Instagram posts collected with Zeeschuimer: one JSON object a line, with the platform's own object in `data`.

https://github.com/digitalmethodsinitiative/zeeschuimer
"""

from analysis.importers.sources.zeeschuimer_data import zeeschuimer_source

SOURCE = zeeschuimer_source(
    name="instagram",
    label="Instagram",
    recognised_by=[["taken_at", "caption.text"], ["taken_at", "caption"], ["taken_at_timestamp"]],
    fields={
        "post_id": ["id"],
        "text": ["caption.text", "edge_media_to_caption"],
        "author": ["user.username", "owner.username"],
        "created_at": ["taken_at", "taken_at_timestamp"],
        "images": ["carousel_media", "image_versions2.candidates[0].url", "display_url"],
        "likes": ["like_count", "edge_media_preview_like.count"],
        "comments": ["comment_count", "edge_media_preview_comment.count"],
    },
)
