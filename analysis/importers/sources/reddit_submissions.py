"""Submissions of Reddit from its API and from dumps such as Pushshift's: one JSON object a line."""

from analysis.importers.sources.source import NO_IMAGE, Skip, Source

SOURCE = Source(
    name="reddit-submissions",
    label="Reddit, submissions",
    recognised_by=[
        ["subreddit", "created_utc", "title", "selftext"],
        ["subreddit", "created_utc", "title", "num_comments"],
    ],
    fields={
        "post_id": ["id", "name"],
        "text": ["title + selftext"],
        "author": ["author"],
        "created_at": ["created_utc"],
        "images": ["url_overridden_by_dest", "url"],
        "likes": ["score", "ups"],
        "comments": ["num_comments"],
    },
    blank={"text": r"\[(?:removed|deleted)\]", "author": r"\[deleted\]", "images": NO_IMAGE},
    skips=[
        Skip(
            when={"selftext": ["[removed]", "[deleted]"], "title": ["", "[removed]", "[deleted]"]},
            reason="was deleted by its author or removed by a moderator and has no title",
        )
    ],
)
