"""Posts of Instagram as CSV of 4CAT."""

from analysis.importers.sources.fourcat_csv import fourcat_source

SOURCE = fourcat_source(
    name="instagram",
    label="Instagram",
    recognised_by=[
        ["author", "image_urls", "num_likes", "num_comments", "timestamp", "thread_id"],
        ["author", "image_url", "num_likes", "num_comments", "timestamp", "thread_id"],
        ["author", "image_urls", "num_likes", "num_comments"],
    ],
    fields={
        "author": ["author", "author_fullname"],
        "images": ["image_urls", "image_url", "media_urls", "media_url"],
        "likes": ["num_likes"],
        "comments": ["num_comments"],
    },
    blank={"likes": "-1"},
)
