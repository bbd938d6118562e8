"""Captions, data of posts, lists of images and descriptions of accounts."""

from __future__ import annotations

import io
import json
import lzma
from pathlib import Path

import pytest
from PIL import Image

from analysis.importers.refused import RefusedError
from analysis.intake import CheckedBatch, InputFile, check_batch, read_inputs
from analysis.intake.albums import is_decoration
from analysis.intake.companions import companion_names, read_companion
from analysis.settings import MB, Settings


def png(colour: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (20, 20), colour).save(file, "PNG")
    return file.getvalue()


A, B, C = png("red"), png("green"), png("blue")


def scored(tmp_path: Path, files: dict[str, bytes | str]) -> CheckedBatch:
    drop = [
        InputFile(name, content.encode() if isinstance(content, str) else content)
        for name, content in files.items()
    ]
    inputs = read_inputs(drop, tmp_path / "media")
    checked = check_batch(inputs)
    assert inputs.expected_files == len(files)
    assert all(each.received + each.rejected == each.expected for each in checked.counts.values())
    return checked


def posts(checked: CheckedBatch) -> list[tuple[str, int]]:
    return list(zip(checked.posts["text"], checked.posts["images"].map(len), strict=True))


def reasons(checked: CheckedBatch) -> dict[str, str]:
    return dict(zip(checked.rejected["name"], checked.rejected["reason"], strict=True))


def test_a_text_of_the_same_name_is_the_caption(tmp_path: Path) -> None:
    checked = scored(
        tmp_path, {"a.png": A, "a.txt": "first\nline two\n", "sub/b.png": B, "sub/b.png.txt": "second"}
    )
    assert posts(checked) == [("first\nline two", 1), ("second", 1)]
    assert len(checked.rejected) == 0


def test_numbered_images_share_a_caption_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    checked = scored(tmp_path, {"p_10.png": C, "p_2.png": B, "p_1.png": A, "p.txt": "three"})
    assert posts(checked) == [("three", 3)]
    assert list(checked.posts["image_names"][0]) == ["p_1.png", "p_2.png", "p_10.png"]


def test_with_captions_an_image_without_one_is_listed(tmp_path: Path) -> None:
    checked = scored(tmp_path, {"a.png": A, "a.txt": "first", "b.png": B})
    assert posts(checked) == [("first", 1)]
    assert reasons(checked) == {"b.png": "is an image that no post refers to"}


def test_a_caption_whose_image_is_rejected_is_a_post_of_its_text(tmp_path: Path) -> None:
    checked = scored(tmp_path, {"a.mp4": b"\0\0\0\x18ftypisom", "a.txt": "a video"})
    assert posts(checked) == [("a video", 0)]
    assert "is a video" in reasons(checked)["a.mp4"]


def test_the_caption_of_an_image_that_a_table_names_is_listed(tmp_path: Path) -> None:
    checked = scored(tmp_path, {"posts.csv": "text,image\nhello,a.png\n", "a.png": A, "a.txt": "x"})
    assert posts(checked) == [("hello", 1)]
    assert "the caption of an image that a table names" in reasons(checked)["a.txt"]


def test_an_image_beside_any_table_is_not_a_post_of_its_own(tmp_path: Path) -> None:
    checked = scored(tmp_path, {"prices.csv": "sku,price\n1,2.50\n2,3.75\n", "a.png": A})
    assert posts(checked) == []
    assert "has no column" in reasons(checked)["prices.csv"]
    assert reasons(checked)["a.png"] == "is an image that no post refers to"


@pytest.mark.parametrize(
    ("name", "decoration"),
    [
        ("avatar.png", True),
        ("data/profile_media/1-abc.jpg", True),
        ("2022-01-01_00-00-00_UTC_profile_pic.jpg", True),
        ("photos/photo_1_thumb.jpg", True),
        ("assets/twemoji/1f600.png", True),
        ("emoji_1f600.png", True),
        ("party_with_emoji_cake.jpg", False),
        ("my avatar film review.jpg", False),
        ("profile.jpg", False),
    ],
)
def test_avatars_emoji_and_thumbnails_are_known_by_their_names(name: str, decoration: bool) -> None:
    assert is_decoration(name) is decoration


def test_decorations_are_no_posts_unless_a_table_names_them(tmp_path: Path) -> None:
    assert "is a profile picture" in reasons(scored(tmp_path, {"a.png": A, "avatar.png": B}))["avatar.png"]
    named = scored(tmp_path, {"posts.csv": "text,image\nhello,avatar.png\n", "avatar.png": B})
    assert posts(named) == [("hello", 1)]


def instaloader(kind: str = "Post", **node: object) -> bytes:
    return lzma.compress(json.dumps({"node": node, "instaloader": {"node_type": kind}}).encode())


def test_a_folder_of_instaloader_is_posts_with_times_counts_and_authors(tmp_path: Path) -> None:
    first, second, third = (f"river/2023-05-0{day}_10-00-0{day}_UTC" for day in (1, 2, 3))
    data = instaloader(
        shortcode="Cs0",
        owner={"username": "river"},
        edge_media_preview_like={"count": 55},
        edge_media_to_comment={"count": 2},
    )
    checked = scored(
        tmp_path,
        {
            f"{first}.png": A,
            f"{first}.txt": "the tram",
            f"{first}.json.xz": data,
            f"{second}_1.png": A,
            f"{second}_2.png": B,
            f"{second}.txt": "a queue",
            f"{third}.png": C,
            "river/river_1.json.xz": instaloader("Profile", username="river"),
            "river/id": "1",
        },
    )
    times = checked.posts["created_at"].dt.strftime("%d %H:%M:%S").tolist()
    assert times == ["01 10:00:01", "02 10:00:02", "03 10:00:03"]
    assert posts(checked) == [("the tram", 1), ("a queue", 2), ("", 1)]
    assert set(reasons(checked)) == {"river/river_1.json.xz", "river/id"}
    row = checked.posts.iloc[0]
    assert (row["post_id"], row["author"], row["likes"], row["comments"]) == ("Cs0", "river", 55, 2)


def test_data_that_unpacks_to_too_much_is_refused() -> None:
    bomb = lzma.compress(bytes(3 * MB))
    with pytest.raises(RefusedError, match="unpacks to more than 1 MB"):
        read_companion(InputFile("a.json.xz", bomb), Settings(max_companion_bytes=MB))


def test_companions_are_known_by_the_names_around_them() -> None:
    names = {
        "a.jpg",
        "a.txt",
        "b.txt",
        "a.json",
        "x_UTC.json",
        "deep/a.txt",
        ".metadata.json",
        "data/account.js",
    }
    assert companion_names(names) == {"a.txt", "x_UTC.json", ".metadata.json", "data/account.js"}


def test_a_list_of_images_binds_them_and_is_no_table(tmp_path: Path) -> None:
    listed = {
        "https://cdn.example/1?sig=a": {"filename": "one.png", "success": True, "post_ids": ["p1"]},
        "https://cdn.example/2?sig=b": {"filename": "two.png", "success": True, "post_ids": ["p1", "p2"]},
    }
    table = (
        "id,text,image_url\n"
        "p1,first,https://cdn.example/1?sig=a\n"
        "p2,second,\n"
        "p3,third,https://cdn.example/3?sig=c\n"
    )
    checked = scored(
        tmp_path, {"posts.csv": table, "one.png": A, "two.png": B, ".metadata.json": json.dumps(listed)}
    )
    assert posts(checked) == [("first", 2), ("second", 1), ("third", 0)]
    assert "only given as a URL" in reasons(checked)["posts.csv"]


def test_a_list_of_images_without_its_table_is_listed(tmp_path: Path) -> None:
    listed = json.dumps({"https://cdn.example/1": {"filename": "one.png", "post_ids": ["p1"]}})
    assert (
        "no table of these posts"
        in reasons(scored(tmp_path, {"one.png": A, ".metadata.json": listed}))[".metadata.json"]
    )


def test_posts_called_manifest_are_a_table(tmp_path: Path) -> None:
    checked = scored(tmp_path, {"manifest.json": json.dumps([{"id": "1", "text": "a fine day"}])})
    assert posts(checked) == [("a fine day", 0)]


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


def test_a_table_without_a_name_is_read(tmp_path: Path) -> None:
    assert posts(scored(tmp_path, {"/": '{"text": "hello"}\n'})) == [("hello", 0)]


def test_data_of_gallery_dl_makes_one_post_of_the_images_of_a_post(tmp_path: Path) -> None:
    about = {
        "category": "twitter",
        "filename": "F1",
        "extension": "png",
        "tweet_id": 71,
        "content": "hello",
        "author": {"name": "marlow", "nick": "Marlow Byrd"},
        "date": "2022-01-01 08:00:00",
        "favorite_count": 4,
        "retweet_count": 2,
        "reply_count": 0,
    }
    checked = scored(
        tmp_path,
        {
            "x/71_1.png": A,
            "x/71_2.png": B,
            "x/71_1.png.json": json.dumps(about),
            "x/71_2.png.json": json.dumps(about | {"filename": "F2"}),
        },
    )
    assert posts(checked) == [("hello", 2)]
    (post,) = checked.posts.itertuples()
    assert (post.post_id, post.author, post.likes, post.shares, post.comments) == ("71", "marlow", 4, 2, 0)
    assert post.created_at.isoformat() == "2022-01-01T08:00:00+00:00"
    assert checked.rejected.empty


def test_other_data_beside_an_image_is_read_as_a_table(tmp_path: Path) -> None:
    checked = scored(tmp_path, {"a.png": A, "a.png.json": json.dumps({"text": "hello", "image": "a.png"})})
    assert posts(checked) == [("hello", 1)]
