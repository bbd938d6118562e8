"""The sample posts are complete, credited and as described in their README. Reads `sample_posts/` as plain files."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import emoji
import pytest
from PIL import Image

FOLDER = Path(__file__).parent.parent / "sample_posts"
IMAGES = sorted(f"images/{path.name}" for path in (FOLDER / "images").iterdir())
COLUMNS = ["post_id", "text", "author", "created_at", "images", "likes", "shares", "comments"]
TOPICS = (
    "Arts & culture",
    "Business & entrepreneurs",
    "Daily life",
    "Pop culture",
    "Science & technology",
    "Sports & gaming",
)


def read_posts() -> list[dict[str, str]]:
    with (FOLDER / "posts.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def table_rows(name: str) -> list[list[str]]:
    """Return the cells of every table line of a Markdown file, header lines included."""
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]


POSTS = {post["post_id"]: post for post in read_posts()}
SHOWN = {row[0]: re.findall(r"s\d\d", row[1]) for row in table_rows("README.md")}
CREDITS = {row[0]: row for row in table_rows("CREDITS.md") if row[0].startswith("images/")}


def posts_showing(situation: str) -> list[dict[str, str]]:
    posts = [POSTS[post_id] for post_id in SHOWN[situation]]
    assert posts, f"README.md names no post for {situation!r}"
    return posts


def images_of(post: dict[str, str]) -> list[str]:
    return [name for name in post["images"].split(";") if name]


def test_there_are_enough_posts_and_their_ids_are_unique() -> None:
    posts = read_posts()
    assert list(posts[0]) == COLUMNS
    assert len(posts) >= 24
    assert len({post["post_id"] for post in posts}) == len(posts)


def test_posts_name_exactly_the_images_in_the_folder() -> None:
    named = {name for post in POSTS.values() for name in images_of(post)}
    assert named == set(IMAGES)


def test_every_post_has_a_text_or_an_image() -> None:
    assert all(post["text"].strip() or images_of(post) for post in POSTS.values())


@pytest.mark.parametrize("name", IMAGES)
def test_image_opens_is_small_and_carries_no_metadata(name: str) -> None:
    path = FOLDER / name
    assert path.stat().st_size < 150_000
    with Image.open(path) as image:
        image.load()
        assert image.format == "JPEG"
        assert max(image.size) <= 800
        assert not image.getexif()
        assert not {"exif", "icc_profile", "comment", "xmp", "photoshop"} & image.info.keys()


def test_every_image_is_credited_with_author_source_and_licence_and_no_other() -> None:
    assert set(CREDITS) == set(IMAGES)
    for _, _title, author, source, licence, _changes in CREDITS.values():
        assert author
        assert source
        assert re.search(r"CC0|CC BY|Public domain", licence)


def test_the_readme_gives_every_post_a_topic_and_a_situation() -> None:
    by_topic = [post_id for topic in TOPICS for post_id in SHOWN[topic]]
    assert sorted(by_topic) == sorted(POSTS)
    assert {post_id for row, ids in SHOWN.items() if row not in TOPICS for post_id in ids} == set(POSTS)


def test_text_only_posts_have_no_image_and_image_only_posts_no_text() -> None:
    text_only = {post_id for post_id, post in POSTS.items() if not images_of(post)}
    image_only = {post_id for post_id, post in POSTS.items() if not post["text"].strip()}
    assert text_only == {post["post_id"] for post in posts_showing("text only")}
    assert image_only == {post["post_id"] for post in posts_showing("image only")}


def test_carousels_hold_three_images() -> None:
    assert all(len(images_of(post)) == 3 for post in posts_showing("carousel"))


def test_emoji_rich_posts_hold_many_emoji() -> None:
    assert all(emoji.emoji_count(post["text"]) >= 8 for post in posts_showing("emoji-rich"))


def test_posts_in_another_language_use_no_common_english_word() -> None:
    common = {"the", "and", "of", "is", "to", "for", "with", "this"}
    for post in posts_showing("another language"):
        assert not common & set(re.findall(r"\w+", post["text"].lower()))
    english = POSTS["s01"]["text"].lower()
    assert common & set(re.findall(r"\w+", english))


def test_there_are_mixed_ironic_and_contradicting_posts() -> None:
    for situation in ("mixed", "ironic"):
        assert all(post["text"] for post in posts_showing(situation))
    assert all(post["text"] and images_of(post) for post in posts_showing("text and image disagree"))
