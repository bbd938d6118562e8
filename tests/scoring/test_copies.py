from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from analysis import query
from analysis.model.bundle import Bundle
from analysis.model.config import EncoderConfig
from analysis.model.encoding import resize_to_square
from analysis.posts import post_frame
from analysis.query import Filters
from analysis.scoring.copies import compute_image_copy_key, compute_text_copy_key, group_similar_images
from analysis.scoring.pipeline import score_batch
from analysis.workspace import Batch, Workspace
from tests.scored import IMAGE, checked, media_with_image

SAMPLES = Path(__file__).parents[2] / "sample_posts"


def bits_apart(one: str, other: str) -> int:
    return (int(one, 16) ^ int(other, 16)).bit_count()


def compressed(photo: Image.Image, scale: float, quality: int) -> Image.Image:
    file = BytesIO()
    size = (int(photo.width * scale), int(photo.height * scale))
    photo.resize(size).save(file, "JPEG", quality=quality)
    return Image.open(file)


def key_of(photo: Image.Image) -> str:
    return compute_image_copy_key(resize_to_square(photo, EncoderConfig("timm", "any", dim=4)))


@pytest.mark.parametrize(
    "copy",
    [
        "GREAT match today!!!",
        "great, match (today) 🎉",
        "@ann Great match today https://x.y/z",
        "RT @ann: Great match today",
        "great match\ntoday",
    ],
)
def test_equivalent_texts_have_the_same_key(copy: str) -> None:
    assert compute_text_copy_key(copy) == compute_text_copy_key("Great match today")


@pytest.mark.parametrize("other", ["great match tonight", "great day match", "great matchtoday"])
def test_other_texts_have_another_key(other: str) -> None:
    assert compute_text_copy_key(other, images=True) != compute_text_copy_key("Great match today")


def test_short_texts_are_compared_only_with_an_image() -> None:
    assert (
        compute_text_copy_key("thank you")
        == compute_text_copy_key("😀 https://x.y @ann")
        == compute_text_copy_key("", images=True)
        == ""
    )
    assert (
        compute_text_copy_key("Thank you!", images=True)
        == compute_text_copy_key("thank you", images=True)
        != ""
    )
    assert compute_text_copy_key("今天天气 真的 很好") != ""


@pytest.mark.slow
def test_images_keep_their_key_when_scaled_and_compressed_and_others_are_far() -> None:
    images = [Image.open(path).convert("RGB") for path in sorted(SAMPLES.rglob("*.jpg"))]
    keys = [key_of(photo) for photo in images]
    copies = [key_of(compressed(photo, 0.6, 60)) for photo in images]
    assert max(bits_apart(key, copy) for key, copy in zip(keys, copies, strict=True)) <= 3
    assert min(bits_apart(one, other) for one in keys for other in keys if one != other) > 10
    groups = group_similar_images([*keys, *copies])
    assert len(set(groups.values())) == len(images)


def test_near_copies_are_grouped_transitively() -> None:
    steps = ["0000000000000000", "0000000000000007", "000000000000003f", "ff00000000000000"]
    assert set(group_similar_images(steps).values()) == {steps[0], steps[3]}
    assert group_similar_images([]) == {}


@pytest.fixture
def batch(tmp_path: Path, tiny_bundle: Bundle) -> Batch:
    rows = [
        {"post_id": "first", "text": "Buy good phones now"},
        {"post_id": "lone", "text": "A rainy day, not so good"},
        {"post_id": "second", "text": "BUY good phones now!!! http://spam.example"},
        {"post_id": "imaged", "text": "Buy good phones now", "images": [IMAGE]},
        {"post_id": "third", "text": "@ann buy good phones now"},
        {"post_id": "short", "text": "ok"},
        {"post_id": "short too", "text": "ok"},
        {"post_id": "same image", "text": "buy good phones now?", "images": [IMAGE]},
    ]
    workspace = Workspace(tmp_path / "home")
    batch = workspace.create(checked(post_frame(rows)), media_with_image(tmp_path / "media"), "Spam")
    score_batch(batch, tiny_bundle)
    return batch


def test_near_copies_are_counted_and_point_to_the_first(batch: Batch) -> None:
    found = batch.read_part("copies", 0).set_index("post_id")
    assert found["copies"].to_dict() == {
        "first": 2, "lone": 0, "second": 2, "imaged": 1, "third": 2, "short": 0, "short too": 0, "same image": 1,
    }  # fmt: skip
    assert found["copy_of"].dropna().to_dict() == {
        "second": "first",
        "third": "first",
        "same image": "imaged",
    }


def test_near_copies_can_be_excluded_or_shown_alone(batch: Batch) -> None:
    copies = {"second", "third", "same image"}
    everything = set(batch.posts()["post_id"])
    assert query.compute_totals(batch).near_copies == len(copies)
    assert set(query.read_page(batch, Filters(near_copy=True))["post_id"]) == copies
    assert set(query.read_page(batch, Filters(near_copy=False))["post_id"]) == everything - copies
    batch.clear("copies")
    assert (
        query.compute_totals(batch).near_copies
        == query.count_matching_posts(batch, Filters(near_copy=False))
        == 0
    )  # not known yet
