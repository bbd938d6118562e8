"""Notes of RedNote collected with Zeeschuimer: JSON lines with the platform's own object in `data`."""

from analysis.importers.sources.zeeschuimer_data import zeeschuimer_source

SOURCE = zeeschuimer_source(
    name="rednote",
    label="RedNote (Xiaohongshu)",
    recognised_by=[["note_card.interact_info.liked_count"], ["noteCard.interactInfo.likedCount"]],
    fields={
        "post_id": ["id"],
        "text": [
            "note_card.title + note_card.desc",
            "note_card.display_title",
            "noteCard.title + noteCard.desc",
            "noteCard.displayTitle",
        ],
        "author": ["note_card.user.nickname", "note_card.user.nick_name", "noteCard.user.nickname"],
        "created_at": ["note_card.time", "noteCard.time"],
        "images": [
            "note_card.image_list[].url_default",
            "note_card.cover.url_default",
            "noteCard.cover.urlDefault",
        ],
        "likes": ["note_card.interact_info.liked_count", "noteCard.interactInfo.likedCount"],
        "shares": ["note_card.interact_info.shared_count", "noteCard.interactInfo.sharedCount"],
        "comments": ["note_card.interact_info.comment_count", "noteCard.interactInfo.commentCount"],
    },
)
