"""Downloads of accounts: their posts with the owner as author, and the files that have no posts."""

from __future__ import annotations

import json
from pathlib import Path

from tests.intake.file_sets import A, B, C, posts, reasons, scored


def test_an_archive_of_x_is_its_posts_with_the_owner_as_author(tmp_path: Path) -> None:
    tweet = {"id_str": "19", "full_text": "Fog &amp; rain", "created_at": "Mon Dec 01 18:20:30 +0000 2025"}
    media = [{"media_url_https": "https://pbs.twimg.com/media/G1.png"}]
    tweets = json.dumps([{"tweet": tweet | {"extended_entities": {"media": media}, "favorite_count": "3"}}])
    checked = scored(
        tmp_path,
        {
            "data/tweets.js": f"window.YTD.tweets.part0 = {tweets}",
            "data/account.js": 'window.YTD.account.part0 = [{"account": {"username": "river"}}]',
            "data/like.js": 'window.YTD.like.part0 = [{"like": {"fullText": "not mine"}}]',
            "data/manifest.js": 'window.__THAR_CONFIG = {"a": 1}; alert(1)',
            "data/tweets_media/19-G1.png": A,
            "data/profile_media/9-me.png": B,
        },
    )
    assert posts(checked) == [("Fog & rain", 1)]
    assert (checked.posts["author"][0], checked.posts["likes"][0]) == ("river", 3)
    assert set(reasons(checked)) == {"data/like.js", "data/manifest.js", "data/profile_media/9-me.png"}
    assert "is the part 'like' of an archive of X" in reasons(checked)["data/like.js"]


def test_a_download_of_facebook_is_repaired_and_its_links_are_listed(tmp_path: Path) -> None:
    entry = {"timestamp": 1641024000, "title": "Anka updated her status."}
    said = "Grüße 🎉".encode().decode("latin-1")
    image = {"data": [{"media": {"uri": "posts/media/a.png", "description": said}}]}
    link = {"data": [{"external_context": {"url": "https://example.org"}}]}
    checked = scored(
        tmp_path,
        {
            "posts/your_posts_1.json": json.dumps(
                [
                    entry | {"data": [{"post": said}], "attachments": [image]},
                    entry | {"data": [], "attachments": [image], "timestamp": 1641024001},
                    entry | {"data": [], "attachments": [link]},
                ]
            ),
            "posts/media/a.png": A,
            "friends/friends.json": json.dumps({"friends_v2": [{"name": "Brock", "timestamp": 1}]}),
        },
    )
    assert checked.posts["text"][0] == "Grüße 🎉"
    assert checked.posts["created_at"][0].isoformat() == "2022-01-01T08:00:00+00:00"
    assert "a part of an account's download" in reasons(checked)["friends/friends.json"]
    assert checked.counts["row"].rejected >= 1


def test_a_download_of_instagram_reads_titles_of_posts_and_of_single_images(tmp_path: Path) -> None:
    said = "Café".encode().decode("latin-1")
    one = {"media": [{"uri": "media/a.png", "creation_timestamp": 1641024000, "title": said}]}
    several = {
        "media": [
            {"uri": "media/b.png", "creation_timestamp": 1641024002, "title": ""},
            {"uri": "media/c.png", "creation_timestamp": 1641024003, "title": ""},
        ],
        "title": "two of them",
        "creation_timestamp": 1641024001,
    }
    checked = scored(
        tmp_path,
        {
            "content/posts_1.json": json.dumps([one, several]),
            "media/a.png": A,
            "media/b.png": B,
            "media/c.png": C,
        },
    )
    assert posts(checked) == [("Café", 1), ("two of them", 2)]


def test_an_archive_of_mastodon_has_its_owner_as_author(tmp_path: Path) -> None:
    item = {
        "id": "1",
        "type": "Create",
        "published": "2022-11-01T08:15:00Z",
        "object": {"content": "<p>Fog</p>"},
    }
    checked = scored(
        tmp_path,
        {
            "outbox.json": json.dumps({"type": "OrderedCollection", "orderedItems": [item]}),
            "actor.json": json.dumps({"type": "Person", "preferredUsername": "river"}),
        },
    )
    assert checked.posts["author"].tolist() == ["river"]
    assert len(checked.rejected) == 0


def test_profile_pictures_of_a_download_are_no_posts(tmp_path: Path) -> None:
    post = {"media": [{"uri": "media/a.png", "creation_timestamp": 1641024000, "title": "hello"}]}
    profile = {
        "ig_profile_picture": [{"uri": "media/profile/b.png", "creation_timestamp": 1641024000, "title": ""}]
    }
    checked = scored(
        tmp_path,
        {
            "content/posts_1.json": json.dumps([post]),
            "content/profile_photos.json": json.dumps(profile),
            "media/a.png": A,
            "media/profile/b.png": B,
        },
    )
    assert posts(checked) == [("hello", 1)]
    assert "a part of an account's download" in reasons(checked)["content/profile_photos.json"]
    assert "profile picture" in reasons(checked)["media/profile/b.png"]


def test_of_a_download_of_linkedin_only_shares_and_comments_are_posts(tmp_path: Path) -> None:
    checked = scored(
        tmp_path,
        {
            "in/Shares.csv": "Date,ShareLink,ShareCommentary,MediaUrl\n2022-01-01,https://l.example/1,hello there,\n",
            "in/Comments.csv": "Date,Link,Message\n2022-01-02,https://l.example/2,good night\n",
            "in/Connections.csv": "First Name,Company,Position\nInga,Harbour,Pilot of ferries\n",
            "posts.csv": "text\nmine\n",
        },
    )
    assert sorted(posts(checked)) == [("good night", 0), ("hello there", 0), ("mine", 0)]
    assert "a part of an account's download" in reasons(checked)["in/Connections.csv"]


def test_lists_of_members_and_channels_of_slack_are_no_posts(tmp_path: Path) -> None:
    message = {"type": "message", "user": "U1", "ts": "1641024000.000100", "text": "hello"}
    channel = {"id": "C1", "name": "general", "purpose": {"value": "All that has no other place"}}
    checked = scored(
        tmp_path,
        {"general/2022-01-01.json": json.dumps([message]), "channels.json": json.dumps([channel])},
    )
    assert posts(checked) == [("hello", 0)]
    assert "a part of an account's download" in reasons(checked)["channels.json"]
