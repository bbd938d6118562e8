"""Posts of TikTok as CSV of 4CAT."""

from analysis.importers.sources.fourcat_csv import fourcat_source

SOURCE = fourcat_source(
    name="tiktok",
    label="TikTok",
    recognised_by=[["author", "likes", "comments", "shares", "plays", "thumbnail_url"]],
    fields={
        "author": ["author", "author_full"],
        "images": ["thumbnail_url"],
        "likes": ["likes"],
        "shares": ["shares"],
        "comments": ["comments"],
    },
)
