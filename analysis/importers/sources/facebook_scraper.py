"""Posts of Facebook from facebook-scraper, as CSV with Python's lists in cells, or JSON."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="facebook-scraper",
    label="facebook-scraper",
    recognised_by=[["post_id", "post_text", "post_url", "images"]],
    fields={
        "post_id": ["post_id"],
        "text": ["post_text", "text"],
        "author": ["username", "user_id"],
        "created_at": ["timestamp", "time"],
        "images": ["images", "image"],
        "likes": ["likes", "reaction_count"],
        "shares": ["shares"],
        "comments": ["comments"],
    },
)
