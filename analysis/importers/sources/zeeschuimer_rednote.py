"""Notes of RedNote collected with Zeeschuimer: JSON lines with the platform's own object in `data`."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="zeeschuimer-rednote",
    label="Zeeschuimer, RedNote (Xiaohongshu)",
    recognised_by=[
        ["item_id", "timestamp_collected", "data.note_card.interact_info.liked_count"],
        ["item_id", "timestamp_collected", "data.noteCard.interactInfo.likedCount"],
    ],
    fields={
        "post_id": ["item_id", "data.id"],
        "text": [
            "data.note_card.title + data.note_card.desc",
            "data.note_card.display_title",
            "data.noteCard.title + data.noteCard.desc",
            "data.noteCard.displayTitle",
        ],
        "author": [
            "data.note_card.user.nickname",
            "data.note_card.user.nick_name",
            "data.noteCard.user.nickname",
        ],
        "created_at": ["data.note_card.time", "data.noteCard.time"],
        "images": [
            "data.note_card.image_list[].url_default",
            "data.note_card.cover.url_default",
            "data.noteCard.cover.urlDefault",
        ],
        "likes": ["data.note_card.interact_info.liked_count", "data.noteCard.interactInfo.likedCount"],
        "shares": ["data.note_card.interact_info.shared_count", "data.noteCard.interactInfo.sharedCount"],
        "comments": ["data.note_card.interact_info.comment_count", "data.noteCard.interactInfo.commentCount"],
    },
)
