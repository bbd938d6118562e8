"""Posts of X as CSV of 4CAT."""

from analysis.importers.sources.fourcat_csv import fourcat_source

SOURCE = fourcat_source(
    name="x",
    label="X",
    recognised_by=[["author", "like_count", "retweet_count", "reply_count", "quote_count"]],
    fields={
        "author": ["author", "author_fullname"],
        "images": ["images"],
        "likes": ["like_count"],
        "shares": ["retweet_count"],
        "comments": ["reply_count"],
    },
)
