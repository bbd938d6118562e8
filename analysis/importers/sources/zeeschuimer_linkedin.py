"""Posts of LinkedIn collected with Zeeschuimer: one JSON object a line, with the platform's own object in `data`."""

from analysis.importers.sources.zeeschuimer_data import zeeschuimer_source

SOURCE = zeeschuimer_source(
    name="linkedin",
    label="LinkedIn",
    recognised_by=[["commentary.text.text", "actor.name.text"]],
    fields={
        "post_id": ["entityUrn"],
        "text": ["commentary.text.text"],
        "author": ["actor.name.text"],
        "likes": ["socialDetail.totalSocialActivityCounts.numLikes"],
        "shares": ["socialDetail.totalSocialActivityCounts.numShares"],
        "comments": ["socialDetail.totalSocialActivityCounts.numComments"],
    },
)
