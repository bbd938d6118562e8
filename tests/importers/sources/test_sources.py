"""Every source is recognised, and its posts are read exactly, from small invented files in `fixtures`."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pytest

from analysis.importers.sources import get_source, sources
from analysis.intake import InputFile, check_batch, read_inputs

FIXTURES = Path(__file__).parent / "fixtures"
FERRY = "The ferry was late again and nobody told us"
CAKE = "Plum cake for the whole street today"
TIME = "2024-03-05T10:00:00Z"
IMAGE = "https://cdn.example/a/pic1.jpg"
IMAGE_2 = "https://cdn.example/a/pic2.jpg"


@dataclass(frozen=True)
class Post:
    """What a post of a fixture contains; "" for an id that the source does not give."""

    id: str
    text: str
    author: str | None = None
    time: str | None = None
    likes: int | None = None
    shares: int | None = None
    comments: int | None = None
    images: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Case:
    """A fixture, the label of its source, its posts, and the number of rows that are rejected."""

    file: str
    label: str
    posts: list[Post]
    rejected: int = 0


CASES = [
    Case(
        "zeeschuimer-x.ndjson",
        "Zeeschuimer, X",
        [
            Post("11", text=FERRY, author="marlow", time=TIME, likes=4, shares=2, comments=1, images=[IMAGE]),
            Post(
                "12",
                text="Plum cake for the whole street today, and then some more words",
                author="marlow",
                time=TIME,
                likes=4,
                shares=2,
                comments=1,
            ),
            Post("13", text=CAKE, author="marlow", time=TIME, likes=4, shares=2, comments=1),
        ],
    ),
    Case(
        "zeeschuimer-threads.ndjson",
        "Zeeschuimer, Threads",
        [
            Post("21", text=FERRY, author="marlow", time=TIME, likes=4, shares=2, comments=1, images=[IMAGE]),
            Post(
                "22",
                text=CAKE,
                author="marlow",
                time=TIME,
                likes=4,
                shares=2,
                comments=1,
                images=[IMAGE, IMAGE_2],
            ),
        ],
    ),
    Case(
        "zeeschuimer-instagram.ndjson",
        "Zeeschuimer, Instagram",
        [
            Post("3_1", text=FERRY, author="marlow", time=TIME, likes=4, comments=1, images=[IMAGE]),
            Post("3_3", text=CAKE, author="inga", time=TIME, likes=5, comments=0),
        ],
        rejected=1,
    ),
    Case(
        "zeeschuimer-tiktok.ndjson",
        "Zeeschuimer, TikTok",
        [
            Post("41", text=FERRY, author="marlow", time=TIME, likes=4, shares=2, comments=1),
            Post(
                "42",
                text=CAKE,
                author="inga",
                time=TIME,
                likes=5,
                shares=0,
                comments=3,
                images=[IMAGE, IMAGE_2],
            ),
        ],
    ),
    Case(
        "zeeschuimer-tiktok-comments.ndjson",
        "Zeeschuimer, TikTok comments",
        [Post("51", text=FERRY, author="marlow", time=TIME, likes=4, comments=1)],
    ),
    Case(
        "zeeschuimer-linkedin.ndjson",
        "Zeeschuimer, LinkedIn",
        [Post("urn:li:activity:61", text=FERRY, author="Marlow Byrd", likes=4, shares=2, comments=1)],
    ),
    Case(
        "zeeschuimer-pinterest.ndjson",
        "Zeeschuimer, Pinterest",
        [
            Post(
                "71",
                text="Plum cake\nPlum cake for the whole street today",
                author="inga",
                time=TIME,
                shares=2,
                comments=1,
                images=[IMAGE],
            ),
            Post("72", text=FERRY, author="marlow", images=[IMAGE_2]),
        ],
    ),
    Case(
        "zeeschuimer-truthsocial.ndjson",
        "Zeeschuimer, Truth Social",
        [
            Post("81", text=FERRY, author="marlow", time=TIME, likes=4, shares=2, comments=1, images=[IMAGE]),
            Post("82", text=CAKE, author="inga", time=TIME, likes=0, shares=0, comments=0),
        ],
    ),
    Case(
        "zeeschuimer-9gag.ndjson",
        "Zeeschuimer, 9gag",
        [Post("a1", text=FERRY, author="marlow", time=TIME, likes=4, comments=1, images=[IMAGE])],
    ),
    Case(
        "zeeschuimer-imgur.ndjson",
        "Zeeschuimer, Imgur",
        [
            Post(
                "b1",
                text="Ferry\nThe ferry was late again and nobody told us",
                author="marlow",
                time=TIME,
                likes=4,
                comments=1,
                images=[IMAGE],
            )
        ],
    ),
    Case(
        "zeeschuimer-douyin.ndjson",
        "Zeeschuimer, Douyin",
        [Post("c1", text="渡轮又晚点了", author="小船", time=TIME, likes=4, shares=2, comments=1)],
    ),
    Case(
        "zeeschuimer-rednote.ndjson",
        "Zeeschuimer, RedNote (Xiaohongshu)",
        [
            Post("d1", text="李子蛋糕", author="小船", likes=12000, images=[IMAGE]),
            Post("d2", text="渡轮\n又晚点了", author="小船", time=TIME, likes=4, shares=2, comments=1),
        ],
    ),
    Case(
        "4cat.csv",
        "4CAT",
        [
            Post(
                "1",
                text="Ferry\nThe ferry was late again and nobody told us",
                author="marlow",
                time=TIME,
                likes=4,
                images=[IMAGE],
            ),
            Post("2", text=CAKE, author="inga", time=TIME, likes=5),
        ],
    ),
    Case(
        "4cat-instagram.csv",
        "4CAT, Instagram",
        [
            Post("1", text=FERRY, author="marlow", time=TIME, likes=4, comments=1, images=[IMAGE, IMAGE_2]),
            Post("2", text=CAKE, author="inga", time=TIME, comments=0),
        ],
    ),
    Case(
        "4cat-tiktok.csv",
        "4CAT, TikTok",
        [Post("1", text=FERRY, author="marlow", time=TIME, likes=4, shares=2, comments=1, images=[IMAGE])],
    ),
    Case(
        "4cat-x.csv",
        "4CAT, X",
        [
            Post(
                "1",
                text=FERRY,
                author="marlow",
                time=TIME,
                likes=4,
                shares=2,
                comments=1,
                images=[IMAGE, IMAGE_2],
            )
        ],
    ),
    Case(
        "4cat-threads.csv",
        "4CAT, Threads",
        [Post("1", text=FERRY, author="marlow", time=TIME, likes=4, shares=2, comments=1, images=[IMAGE])],
    ),
    Case(
        "4cat-bluesky.csv",
        "4CAT, Bluesky",
        [
            Post(
                "at://did:plc:aa/app.bsky.feed.post/1",
                text=FERRY,
                author="marlow",
                time=TIME,
                likes=4,
                shares=2,
                comments=1,
                images=[IMAGE],
            )
        ],
    ),
    Case(
        "4cat-linkedin.csv",
        "4CAT, LinkedIn",
        [Post("1", text=FERRY, author="marlow", time=TIME, likes=4, shares=2, comments=1, images=[IMAGE])],
    ),
    Case(
        "4cat-truthsocial.csv",
        "4CAT, Truth Social",
        [Post("1", text=FERRY, author="marlow", time=TIME, shares=2, comments=1, images=[IMAGE])],
    ),
    Case(
        "4cat-pinterest.csv",
        "4CAT, Pinterest",
        [
            Post(
                "1",
                text="Ferry\nThe ferry was late again and nobody told us",
                author="marlow",
                time=TIME,
                images=[IMAGE],
            )
        ],
    ),
    Case(
        "4cat-imageboards.csv",
        "4CAT, image boards",
        [
            Post(
                "1",
                text="Ferry\nThe ferry was late again and nobody told us",
                author="marlow",
                time=TIME,
                images=["1700.jpg"],
            )
        ],
    ),
    Case(
        "crowdtangle-facebook.csv",
        "CrowdTangle, Facebook",
        [
            Post(
                "https://www.facebook.com/1/posts/2",
                text=FERRY,
                author="marlow",
                time=TIME,
                likes=1204,
                shares=2,
                comments=8,
            ),
            Post(
                "https://www.facebook.com/1/posts/3",
                text=CAKE,
                author="Inga",
                time=TIME,
                likes=1204,
                shares=0,
                comments=8,
            ),
        ],
    ),
    Case(
        "crowdtangle-instagram.csv",
        "CrowdTangle, Instagram",
        [
            Post(
                "https://www.instagram.com/p/AAA/",
                text=FERRY,
                author="marlow",
                time=TIME,
                likes=1204,
                comments=8,
                images=[IMAGE],
            )
        ],
    ),
    Case(
        "meta-content-library.csv",
        "Meta Content Library",
        [
            Post(
                "1",
                text=FERRY,
                author="Marlow Byrd",
                time=TIME,
                likes=4,
                shares=2,
                comments=1,
                images=[IMAGE],
            )
        ],
    ),
    Case(
        "twarc-csv.csv",
        "twarc-csv, X API v2",
        [Post("1", text=FERRY, author="marlow", time=TIME, likes=4, shares=2, comments=1, images=[IMAGE])],
    ),
    Case(
        "twarc-v1-csv.csv",
        "twarc, Twitter API v1.1 CSV",
        [Post("1", text=FERRY, author="marlow", time=TIME, likes=4, shares=2, images=[IMAGE])],
    ),
    Case(
        "social-feed-manager.csv",
        "Social Feed Manager",
        [Post("1", text=FERRY, author="marlow", time=TIME, likes=4, shares=2, images=[IMAGE])],
    ),
    Case(
        "x-analytics-posts.csv",
        "X analytics",
        [
            Post("1", text=FERRY, time="2024-03-05T00:00:00Z", likes=4, shares=2, comments=1),
            Post("2", text=CAKE, time="2024-03-06T00:00:00Z", likes=0, shares=0, comments=0),
        ],
    ),
    Case(
        "x-analytics-tweets.csv",
        "X analytics",
        [Post("1", text=FERRY, time=TIME, likes=4, shares=2, comments=1)],
    ),
    Case(
        "reddit-submissions.ndjson",
        "Reddit, submissions",
        [
            Post(
                "r1",
                text="Ferry\nThe ferry was late again and nobody told us",
                author="marlow",
                time=TIME,
                likes=-1,
                comments=1,
            ),
            Post("r2", text=CAKE, time=TIME, likes=-1, comments=1, images=["https://i.redd.it/pic1.jpg"]),
        ],
        rejected=1,
    ),
    Case(
        "reddit-comments.ndjson",
        "Reddit, comments",
        [Post("k1", text=FERRY, author="marlow", time=TIME, likes=4)],
        rejected=1,
    ),
    Case(
        "tiktok-research.json",
        "TikTok Research API",
        [
            Post("1", text=FERRY, author="marlow", time=TIME, likes=4, shares=2, comments=1),
            Post("2", text=CAKE, author="marlow", time=TIME, likes=4, shares=2, comments=1),
        ],
    ),
    Case(
        "tiktok-research-comments.csv",
        "TikTok Research API, comments",
        [Post("1", text=FERRY, time=TIME, likes=4, comments=1)],
    ),
    Case(
        "youtube-data-tools-videos.tab",
        "YouTube Data Tools, videos",
        [
            Post(
                "v1",
                text="Ferry\nThe ferry was late again and nobody told us",
                author="Marlow Byrd",
                time=TIME,
                likes=4,
                comments=1,
                images=[IMAGE],
            ),
            Post("v2", text=CAKE, author="Inga", time=TIME, comments=0),
        ],
    ),
    Case(
        "youtube-data-tools-comments.tab",
        "YouTube Data Tools, comments",
        [Post("y1", text=FERRY, author="marlow", time=TIME, likes=4, comments=1)],
    ),
    Case(
        "mastodon-api.json",
        "Mastodon API",
        [
            Post(
                "1",
                text=FERRY,
                author="marlow@social.example",
                time=TIME,
                likes=4,
                shares=2,
                comments=1,
                images=[IMAGE],
            ),
            Post(
                "2",
                text="food\nPlum cake for the whole street today",
                author="marlow@social.example",
                time=TIME,
                likes=4,
                shares=2,
                comments=1,
            ),
            Post(
                "3",
                text=FERRY,
                author="marlow@social.example",
                time=TIME,
                likes=4,
                shares=2,
                comments=1,
                images=[IMAGE],
            ),
        ],
    ),
    Case(
        "mastodon-archive.json",
        "Mastodon archive",
        [
            Post(
                "https://social.example/users/marlow/statuses/1",
                text=FERRY,
                author="https://social.example/users/marlow",
                time=TIME,
                images=["/media_attachments/files/1/pic1.jpg"],
            )
        ],
        rejected=1,
    ),
    Case(
        "brandwatch.csv",
        "Brandwatch",
        [
            Post("1", text=FERRY, author="marlow", time=TIME, likes=4, shares=2, comments=1, images=[IMAGE]),
            Post("2", text=CAKE, author="marlow", time=TIME, likes=1200, shares=0, comments=3),
        ],
    ),
    Case(
        "meltwater.tsv",
        "Meltwater",
        [
            Post("1", text=FERRY, author="@marlow", time=TIME, likes=4, shares=2, comments=1),
            Post("http://news.example/2", text=CAKE, author="@marlow", time=TIME, shares=2, comments=1),
        ],
    ),
    Case(
        "talkwalker.csv",
        "Talkwalker",
        [
            Post(
                "http://twitter.com/marlow/statuses/1",
                text=FERRY,
                author="Marlow Byrd",
                time=TIME,
                likes=4,
                shares=2,
                comments=1,
                images=[IMAGE],
            )
        ],
    ),
    Case(
        "snscrape.jsonl",
        "snscrape, twscrape",
        [
            Post("1", text=FERRY, author="marlow", time=TIME, likes=4, shares=2, comments=1, images=[IMAGE]),
            Post("2", text=CAKE, author="marlow", time=TIME, likes=4, shares=2, comments=1),
        ],
    ),
    Case(
        "twscrape.jsonl",
        "snscrape, twscrape",
        [Post("1", text=FERRY, author="marlow", time=TIME, likes=4, shares=2, comments=1, images=[IMAGE])],
    ),
    Case(
        "twint.csv",
        "twint",
        [Post("1", text=FERRY, author="marlow", time=TIME, likes=4, shares=2, comments=1, images=[IMAGE])],
    ),
    Case(
        "twitterscraper.json",
        "twitterscraper",
        [Post("1", text=FERRY, author="marlow", time=TIME, likes=4, shares=2, comments=1, images=[IMAGE])],
    ),
    Case(
        "apify-instagram.json",
        "Apify, Instagram",
        [
            Post("1", text=FERRY, author="marlow", time=TIME, comments=1, images=[IMAGE]),
            Post("2", text=CAKE, author="marlow", time=TIME, likes=4, comments=1, images=[IMAGE, IMAGE_2]),
        ],
    ),
    Case(
        "apify-instagram.csv",
        "Apify, Instagram",
        [
            Post("1", text=FERRY, author="marlow", time=TIME, comments=1, images=[IMAGE, IMAGE_2]),
            Post("2", text=CAKE, author="inga", time=TIME, likes=4, comments=0, images=[IMAGE_2, IMAGE]),
        ],
    ),
    Case(
        "apify-tiktok.json",
        "Apify, TikTok",
        [Post("1", text=FERRY, author="marlow", time=TIME, likes=4, shares=2, comments=1, images=[IMAGE])],
    ),
    Case(
        "apify-facebook.json",
        "Apify, Facebook",
        [Post("1", text=FERRY, author="marlow", time=TIME, likes=4, shares=2, comments=1, images=[IMAGE])],
    ),
    Case(
        "pyktok.csv",
        "pyktok",
        [Post("1", text=FERRY, author="marlow", time=TIME, likes=4, shares=2, comments=1)],
    ),
    Case(
        "facebook-scraper.csv",
        "facebook-scraper",
        [
            Post(
                "1",
                text=FERRY,
                author="Marlow Byrd",
                time=TIME,
                likes=4,
                shares=2,
                comments=1,
                images=[IMAGE, IMAGE_2],
            )
        ],
    ),
    Case(
        "hugging-face-images.ndjson",
        "Hugging Face, images",
        [
            Post("1", text=FERRY, likes=4, images=["pic1.jpg"]),
            Post("2", text=CAKE, likes=5, images=["pic2.jpg"]),
        ],
    ),
    Case(
        "label-studio.json",
        "Label Studio",
        [
            Post("100", text=FERRY, author="marlow", time=TIME, images=["/data/upload/3/pic1.jpg"]),
            Post("101", text=CAKE, author="inga", time=TIME),
        ],
    ),
    Case(
        "label-studio-table.csv",
        "Label Studio, CSV",
        [Post("100", text=FERRY, images=["/data/upload/3/pic1.jpg"])],
    ),
    Case("doccano.jsonl", "doccano", [Post("1", text=FERRY), Post("2", text=CAKE)]),
    Case("argilla.json", "Argilla", [Post("1", text=FERRY, author="marlow")]),
    Case(
        "sentiment140.csv",
        "Sentiment140",
        [
            Post("1467810369", text=FERRY, author="marlow", time=TIME),
            Post("1467810370", text=CAKE, author="inga", time=TIME),
        ],
    ),
    Case(
        "kaggle-airline.csv",
        "Kaggle, airline tweets",
        [Post("1", text=FERRY, author="marlow", time=TIME, shares=2)],
    ),
    Case(
        "sprinklr.csv",
        "Sprinklr",
        [
            Post(
                "https://x.com/marlow/status/1",
                text=FERRY,
                author="marlow",
                time=TIME,
                likes=4,
                shares=2,
                comments=1,
            )
        ],
    ),
    Case(
        "sprout-social.csv",
        "Sprout Social",
        [Post("1", text=FERRY, author="@marlow", time=TIME, likes=4, shares=2, comments=1)],
    ),
    Case(
        "hootsuite.csv",
        "Hootsuite",
        [Post("1", text=FERRY, author="marlow", time=TIME, likes=4, shares=2, comments=1)],
    ),
    Case(
        "emplifi.csv",
        "Emplifi",
        [Post("1", text=FERRY, author="Marlow", time=TIME, likes=4, shares=2, comments=1)],
    ),
    Case(
        "linkedin-page.csv",
        "LinkedIn, page analytics",
        [
            Post(
                "https://www.linkedin.com/feed/update/1",
                text=FERRY,
                author="Marlow Byrd",
                time="2024-03-25T00:00:00Z",
                likes=4,
                shares=2,
                comments=1,
            )
        ],
    ),
    Case(
        "linkedin-download.csv",
        "LinkedIn download",
        [Post("https://www.linkedin.com/feed/update/1", text=FERRY, time=TIME)],
    ),
    Case(
        "pinterest-api.json",
        "Pinterest API",
        [
            Post(
                "1",
                text="Cake\nPlum cake for the whole street today",
                author="inga",
                time=TIME,
                images=[IMAGE],
            )
        ],
    ),
    Case(
        "meta-business-suite.csv",
        "Meta Business Suite",
        [Post("1", text=FERRY, author="Marlow", time="2024-03-25T10:00:00Z", likes=4, shares=2, comments=1)],
    ),
    Case(
        "instagram-download.json",
        "Instagram download",
        [
            Post("", text=FERRY, time=TIME, images=["media/posts/202403/pic1.jpg"]),
            Post(
                "",
                text="Plum cake ☕",
                time=TIME,
                images=["media/posts/202403/pic1.jpg", "media/posts/202403/pic2.jpg"],
            ),
        ],
    ),
    Case(
        "instagram-stories.json",
        "Instagram download, stories",
        [Post("", text=FERRY, time=TIME, images=["media/stories/pic1.jpg"])],
    ),
    Case(
        "facebook-download.json",
        "Facebook download",
        [
            Post("", text=FERRY, time=TIME, images=["posts/media/pic1.jpg", "posts/media/pic2.jpg"]),
            Post("", text="Plum cake ☕", time=TIME),
        ],
    ),
    Case(
        "bluesky-feed.json",
        "Bluesky API",
        [
            Post(
                "at://did:plc:aa/app.bsky.feed.post/1",
                text=FERRY,
                author="marlow.example",
                time=TIME,
                likes=4,
                shares=2,
                comments=1,
                images=[IMAGE],
            )
        ],
    ),
    Case(
        "bluesky-posts.jsonl",
        "Bluesky API",
        [
            Post(
                "at://did:plc:aa/app.bsky.feed.post/1",
                text=FERRY,
                author="marlow.example",
                time=TIME,
                likes=4,
                shares=2,
                comments=1,
            ),
            Post(
                "at://did:plc:aa/app.bsky.feed.post/10",
                text=CAKE,
                author="inga.example",
                time=TIME,
                likes=0,
                shares=0,
                comments=0,
            ),
        ],
    ),
    Case(
        "bluesky-records.json",
        "Bluesky, records",
        [Post("at://did:plc:aa/app.bsky.feed.post/1", text=FERRY, time=TIME)],
    ),
    Case(
        "bluesky-jetstream.jsonl",
        "Bluesky, Jetstream",
        [Post("c1", text=FERRY, author="did:plc:aa", time=TIME)],
        rejected=2,
    ),
    Case(
        "telegram.json",
        "Telegram Desktop",
        [
            Post(
                "2",
                text="The ferry was late again",
                author="Marlow",
                time=TIME,
                images=["photos/photo_1.jpg"],
            ),
            Post("3", text=CAKE, author="Marlow", time=TIME),
            Post("4", text=FERRY, author="Marlow", time=TIME, images=["files/pic2.jpg"]),
            Post("5", text=CAKE, author="Marlow", time=TIME),
        ],
        rejected=1,
    ),
    Case(
        "telegram-account.json",
        "Telegram Desktop",
        [
            Post("7_1", text=FERRY, author="Marlow", time=TIME),
            Post("8_1", text=CAKE, author="Marlow", time=TIME),
        ],
    ),
    Case(
        "yt-dlp.json",
        "yt-dlp",
        [
            Post(
                "v1",
                text="Ferry\nThe ferry was late again and nobody told us",
                author="Marlow",
                time=TIME,
                likes=4,
                comments=1,
                images=["https://cdn.example/a/pic1.webp"],
            ),
            Post("q1", text=CAKE, author="@inga", time=TIME, likes=0),
        ],
    ),
    Case(
        "twitter-v1.jsonl",
        "Twitter API v1.1",
        [
            Post("1", text=FERRY, author="marlow", time=TIME, likes=4, shares=2, comments=1),
            Post("2", text=CAKE, author="marlow", time=TIME, likes=4, shares=2, comments=1, images=[IMAGE]),
        ],
        rejected=2,
    ),
    Case(
        "twitter-v2.jsonl",
        "X API v2",
        [
            Post("1", text=FERRY, author="marlow", time=TIME, likes=4, shares=2, comments=1, images=[IMAGE]),
            Post("2", text=CAKE, author="marlow", time=TIME, likes=4, shares=2, comments=1),
        ],
        rejected=1,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.file)
def test_a_source_is_recognised_and_its_posts_are_read_exactly(case: Case, tmp_path: Path) -> None:
    inputs = read_inputs([InputFile(case.file, FIXTURES / case.file)], tmp_path)
    assert [table.source for table in inputs.tables] == [case.label], inputs.rejected

    checked = check_batch(inputs)
    rejected = checked.rejected.groupby("kind")
    missing = rejected.get_group("reference") if "reference" in rejected.groups else checked.rejected[:0]
    found = [
        Post(
            row.post_id if expected.id else "",
            row.text,
            None if pd.isna(row.author) else row.author,
            None if pd.isna(row.created_at) else row.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            *(None if pd.isna(count) else int(count) for count in (row.likes, row.shares, row.comments)),
            missing["raw"][missing["post_id"].fillna("") == (row.post_id if expected.id else "")].tolist(),
        )
        for row, expected in zip(checked.posts.itertuples(), case.posts, strict=True)
    ]
    if not case.posts[0].id:  # references are only listed by the post's own id
        everything = [image for post in case.posts for image in post.images]
        assert missing["raw"].tolist() == everything
        assert [(post.text, post.time) for post in found] == [(post.text, post.time) for post in case.posts]
    else:
        assert found == case.posts
    assert checked.counts["row"].rejected == case.rejected


def test_every_source_has_a_fixture() -> None:
    assert {source.label for source in sources()} == {case.label for case in CASES}


def test_names_and_labels_of_sources_are_unique() -> None:
    assert (
        len({source.name for source in sources()})
        == len({source.label for source in sources()})
        == len(sources())
    )


def test_an_unknown_source_is_an_error_that_lists_the_known_ones() -> None:
    assert get_source("telegram").label == "Telegram Desktop"
    with pytest.raises(ValueError, match=r"'telegramm' is not a known source. Use one of: 4cat, .*telegram"):
        get_source("telegramm")
