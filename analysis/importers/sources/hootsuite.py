"""Hootsuite's reports of posts, as CSV; those of one network name its account and the id of its posts.

No list of the columns is published. These are the columns that programs for such files read:
https://github.com/dominiqueramirez/SECVA-Analytics/blob/main/src/utils/csvParser.js (Facebook, Instagram, X)
https://github.com/nspyrison/rfacebook_eyewatch/blob/master/2_R/clean_hs_fb_posts.r (Facebook)
"""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="hootsuite",
    label="Hootsuite",
    recognised_by=[
        ["Date (GMT)", "Post Message", "Post Permalink"],
        ["Date (GMT)", "Tweet ID", "Tweet Text", "Tweet Permalink"],
        ["Date (GMT)", "Tweet Text", "Tweet Permalink"],
        ["Post Message", "Social Network"],
        ["Post Message", "Network"],
    ],
    fields={
        "post_id": [
            "Post ID",
            "Facebook Post ID",
            "Instagram Post ID",
            "Tweet ID",
            "Post Permalink",
            "Tweet Permalink",
        ],
        "text": ["Post Message", "Tweet Text", "Post Title", "Title"],
        "author": [
            "Social Profile Name",
            "Facebook Page",
            "Instagram Account",
            "Twitter Account",
            "Profile Name",
            "Profile",
        ],
        "created_at": ["Date (GMT)", "Published", "Date"],
        "likes": ["Likes", "Reactions"],
        "shares": ["Shares", "Retweets"],
        "comments": ["Comments", "Replies"],
    },
    blank={"text": r"\(Post with no description\)"},
    guess_in="",
)
