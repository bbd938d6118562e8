"""Posts of LinkedIn as CSV of 4CAT."""

from analysis.importers.sources.fourcat_csv import fourcat_source

SOURCE = fourcat_source(
    name="linkedin",
    label="LinkedIn",
    recognised_by=[
        ["author", "image_urls", "comments", "shares", "reactions"],
        ["author_name", "image_urls", "comments", "shares", "reactions"],
    ],
    fields={
        "author": ["author", "author_name"],
        "images": ["image_urls"],
        "likes": ["reactions"],
        "shares": ["shares"],
        "comments": ["comments"],
    },
)
