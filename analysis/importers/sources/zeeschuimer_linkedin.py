"""Posts of LinkedIn collected with Zeeschuimer: one JSON object a line, with the platform's own object in `data`."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="zeeschuimer-linkedin",
    label="Zeeschuimer, LinkedIn",
    recognised_by=[["item_id", "timestamp_collected", "data.commentary.text.text", "data.actor.name.text"]],
    fields={
        "post_id": ["item_id", "data.entityUrn"],
        "text": ["data.commentary.text.text"],
        "author": ["data.actor.name.text"],
        "likes": [
            "data.socialDetail.totalSocialActivityCounts.numLikes",
        ],
        "shares": [
            "data.socialDetail.totalSocialActivityCounts.numShares",
        ],
        "comments": [
            "data.socialDetail.totalSocialActivityCounts.numComments",
        ],
    },
)
