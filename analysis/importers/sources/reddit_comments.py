"""Comments of Reddit from its API and from dumps such as Pushshift's: one JSON object a line."""

from analysis.importers.sources.source import Skip, Source

SOURCE = Source(
    name="reddit-comments",
    label="Reddit, comments",
    recognised_by=[["subreddit", "created_utc", "body"]],
    fields={
        "post_id": ["id", "name"],
        "text": ["body"],
        "author": ["author"],
        "created_at": ["created_utc"],
        "likes": ["score", "ups"],
    },
    blank={"author": r"\[deleted\]"},
    skips=[
        Skip(
            when={"body": ["[removed]", "[deleted]"]},
            reason="was deleted by its author or removed by a moderator",
        )
    ],
)
