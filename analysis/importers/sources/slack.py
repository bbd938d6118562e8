"""Messages of a Slack export: one JSON file a day in the folder of each channel."""

from analysis.importers.sources.source import NO_IMAGE, Skip, Source

_NOTICES = [
    "bot_add",
    "bot_remove",
    "channel_archive",
    "channel_convert_to_private",
    "channel_join",
    "channel_leave",
    "channel_name",
    "channel_posting_permissions",
    "channel_purpose",
    "channel_topic",
    "channel_unarchive",
    "group_join",
    "group_leave",
    "group_name",
    "group_purpose",
    "group_topic",
    "huddle_thread",
    "pinned_item",
    "reminder_add",
    "tombstone",
]

SOURCE = Source(
    name="slack",
    label="Slack export",
    recognised_by=[["type", "ts", "text", "user"], ["type", "ts", "text", "bot_id"]],
    fields={
        "post_id": ["client_msg_id", "ts"],
        "text": ["text"],
        "author": ["user_profile.display_name", "user_profile.real_name", "username", "user"],
        "created_at": ["ts"],
        "images": ["files[].url_private"],
        "comments": ["reply_count"],
    },
    values={"ts": r"\d{9,10}\.\d{6}$"},
    blank={"images": NO_IMAGE},
    skips=[Skip(when={"subtype": _NOTICES}, reason="is a notice of Slack, such as a new member")],
)
