"""Results of Talkwalker, as workbook, CSV or JSON with dotted column names."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="talkwalker",
    label="Talkwalker",
    recognised_by=[
        ["url", "published", "content", "extra_author_attributes.name"],
        ["url", "published", "content", "indexed"],
    ],
    fields={
        "post_id": ["url"],
        "text": ["content", "title"],
        "author": ["extra_author_attributes.name", "extra_author_attributes.short_name"],
        "created_at": ["published"],
        "images": ["images.url", "images[].url", "images"],
        "likes": [
            "article_extended_attributes.twitter_likes",
            "article_extended_attributes.facebook_likes",
            "article_extended_attributes.instagram_likes",
            "article_extended_attributes.linkedin_likes",
            "article_extended_attributes.tiktok_likes",
            "article_extended_attributes.youtube_likes",
        ],
        "shares": [
            "article_extended_attributes.twitter_retweets",
            "article_extended_attributes.twitter_shares",
            "article_extended_attributes.facebook_shares",
            "article_extended_attributes.linkedin_shares",
            "article_extended_attributes.tiktok_shares",
        ],
        "comments": [
            "article_extended_attributes.twitter_replies",
            "article_extended_attributes.facebook_comments",
            "article_extended_attributes.instagram_comments",
            "article_extended_attributes.linkedin_comments",
            "article_extended_attributes.tiktok_comments",
            "article_extended_attributes.youtube_comments",
            "article_extended_attributes.num_comments",
        ],
    },
)
