"""Posts of Threads as CSV of 4CAT."""

from analysis.importers.sources.fourcat_csv import fourcat_source

SOURCE = fourcat_source(
    name="threads",
    label="Threads",
    recognised_by=[["author", "image_url", "likes", "reposts", "replies", "quotes"]],
    fields={
        "images": ["image_url"],
        "likes": ["likes"],
        "shares": ["reposts"],
        "comments": ["replies"],
    },
)
