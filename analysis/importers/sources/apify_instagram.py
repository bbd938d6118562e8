"""Posts from Apify's Instagram scrapers, as JSON or as CSV with one column for each item of a list."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="apify-instagram",
    label="Apify, Instagram",
    recognised_by=[["shortCode", "caption", "ownerUsername"]],
    fields={
        "post_id": ["id", "shortCode"],
        "text": ["caption"],
        "author": ["ownerUsername", "ownerFullName"],
        "created_at": ["timestamp"],
        "images": ["images", "images.*", "childPosts[].displayUrl", "childPosts.*.displayUrl", "displayUrl"],
        "likes": ["likesCount"],
        "comments": ["commentsCount"],
    },
    blank={"likes": r"-1", "comments": r"-1"},
)
