"""Captions, data of posts and lists of images."""

from __future__ import annotations

import json
import lzma
from pathlib import Path

import pytest

from analysis.importers.refused import RefusedError
from analysis.intake import InputFile
from analysis.intake.albums import is_decoration
from analysis.intake.companions import companion_names, read_companion_file
from analysis.settings import MB, Settings
from tests.intake.file_sets import A, B, C, posts, reasons, scored


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
        read_companion_file(InputFile("a.json.xz", bomb), Settings(max_companion_bytes=MB))


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
