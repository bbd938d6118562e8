"""Images of posts: how references in tables, and ids, are matched with the images received."""

from __future__ import annotations

import pytest

from analysis.intake import (
    Counts,
    Rejection,
    check_batch,
)
from analysis.settings import Settings
from tests.intake.drops import (
    assert_adds_up,
    drop,
    image_names,
    images,
    posts_csv,
    reasons,
)


@pytest.mark.parametrize(
    "reference",
    ["pics/Ä b.jpg", "./pics/Ä b.jpg", "pics\\Ä b.jpg", "Ä b.jpg", "ä B.JPG", "C:\\me\\old\\Ä b.jpg",
     "pics/A\u0308 b.jpg", "https://example.org/x/%C3%84%20b.jpg?size=large", '["Ä b.jpg"]', "Ä b.jpg;"],
)  # fmt: skip
def test_an_image_is_found_by_path_name_or_address(reference: str) -> None:
    quoted = '"' + reference.replace('"', '""') + '"'
    checked = check_batch(posts_csv(f"text,image\na,{quoted}\n", images("pics/Ä b.jpg", "c.jpg")))
    assert image_names(checked) == [["pics/Ä b.jpg"]]
    assert checked.counts["reference"] == Counts(1, 1, 0)


@pytest.mark.parametrize(
    "cell",
    ["a.jpg;b.png", "a.jpg | b.png", "a.jpg\nb.png", "a.jpg, b.png", '["a.jpg", "b.png"]', "a.jpg;b.png;",
     "http://x.org/a.jpg,https://x.org/1,2/b.png", "a.jpg;a.jpg;b.png"],
)  # fmt: skip
def test_several_images_in_one_cell_keep_their_order(cell: str) -> None:
    quoted = '"' + cell.replace('"', '""') + '"'
    checked = check_batch(posts_csv(f"text,images\na,{quoted}\n", images("b.png", "a.jpg")))
    assert image_names(checked) == [["a.jpg", "b.png"]]
    assert reasons(checked, "reference") == []
    assert_adds_up(checked)


def test_a_name_that_holds_a_separator_is_not_split() -> None:
    checked = check_batch(posts_csv('text,image\na,"one, two; three.jpg"\n', images("one, two; three.jpg")))
    assert image_names(checked) == [["one, two; three.jpg"]]


def test_several_image_columns_are_joined() -> None:
    checked = check_batch(posts_csv("text,image_1,image_2\na,a.jpg,b.jpg\n", images("b.jpg", "a.jpg")))
    assert image_names(checked) == [["a.jpg", "b.jpg"]]


def test_an_image_next_to_the_table_is_preferred_to_others_of_that_name() -> None:
    inputs = drop(("north/posts.csv", "text,image\na,cat.jpg\n"), media=images("cat.jpg", "north/cat.jpg"))
    assert image_names(check_batch(inputs)) == [["north/cat.jpg"]]


def test_a_name_that_fits_several_images_is_refused_unless_its_folder_tells() -> None:
    media = images("x/one/cat.jpg", "x/two/cat.jpg")
    checked = check_batch(posts_csv("text,image\na,cat.jpg\nb,two/cat.jpg\n", media))
    assert image_names(checked) == [[], ["x/two/cat.jpg"]]
    assert reasons(checked, "reference") == [
        "row 1 names cat.jpg, which matches 2 images: x/one/cat.jpg, x/two/cat.jpg"
    ]
    assert_adds_up(checked)


def test_equal_images_of_one_name_are_not_ambiguous() -> None:
    media = images("one/cat.jpg", "two/cat.jpg", content="same")
    assert image_names(check_batch(posts_csv("text,image\na,cat.jpg\n", media))) == [["one/cat.jpg"]]


def test_missing_images_are_listed_and_the_text_is_kept() -> None:
    checked = check_batch(
        drop(
            ("posts.csv", 'id,text,image\n1,a,"gone.jpg;https://example.org/p/9.jpg;broken.jpg"\n'),
            rejected=[Rejection("file", "pics/broken.jpg", "is no image", "Replace it.")],
        )
    )
    assert checked.posts["text"].tolist() == ["a"]
    assert reasons(checked, "reference") == [
        "row 1 names gone.jpg, which was not uploaded",
        "row 1 names https://example.org/p/9.jpg, which is only given as a URL; nothing is downloaded",
        "row 1 names broken.jpg, which was rejected",
    ]
    missing = checked.rejected[checked.rejected["kind"] == "reference"]
    assert missing["raw"].tolist() == ["gone.jpg", "https://example.org/p/9.jpg", "broken.jpg"]
    assert set(missing["post_id"]) == {"1"}
    assert_adds_up(checked)


def test_a_list_of_images_at_any_depth_of_nesting_costs_one_reference() -> None:
    depths = range(850, 1_000)
    rows = "".join(f"{depth},a,{'[' * depth}1.5{']' * depth}\n" for depth in depths)
    checked = check_batch(posts_csv(f"id,text,image\n{rows}"))
    assert checked.counts["reference"] == Counts(len(depths), 0, len(depths))
    assert_adds_up(checked)


def test_a_cell_of_millions_of_references_is_one_that_is_refused() -> None:
    checked = check_batch(posts_csv(f"id,text,image\n1,a,{'x;' * 1_000_000}\n2,b,x.jpg\n"))
    assert checked.counts["reference"] == Counts(2, 0, 2)
    assert "is longer than 100,000 characters, the limit for image names" in reasons(checked, "reference")[0]
    assert_adds_up(checked)


def test_names_of_images_are_cut_in_a_reason() -> None:
    media = images(*(f"{folder}/{'n' * 400}/a.png" for folder in "xy"))
    checked = check_batch(posts_csv("id,text,image\n1,hello,a.png\n", media))
    (reason,) = reasons(checked, "reference")
    assert "matches 2 images" in reason
    assert len(reason) < 300


def test_progress_is_reported_while_images_are_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analysis.intake.batch._REPORT_INTERVAL", 0.0)
    steps: list[tuple[int, int]] = []
    inputs = posts_csv("text,image\na,x.jpg\nb,y.jpg\n", images("x.jpg"))
    check_batch(inputs, progress=lambda *step: steps.append(step))
    assert steps == [(0, 2), (0, 2), (0, 2), (1, 2)]


def test_images_named_after_an_id_belong_to_a_row_without_image_names() -> None:
    media = images("m/7-10.jpg", "m/7-2.jpg", "8_x.png", "9.webp", "70.jpg", "a-b-c.jpg")
    checked = check_batch(
        posts_csv("id,text\n7,a\n8,b\n9,c\n0,d\na,e\na-b,f\n", media),
    )
    assert image_names(checked) == [
        ["m/7-2.jpg", "m/7-10.jpg"],
        ["8_x.png"],
        ["9.webp"],
        [],
        [],
        ["a-b-c.jpg"],
    ]
    assert checked.rejected["name"].tolist() == ["70.jpg"]
    assert_adds_up(checked)


def test_images_by_id_replace_urls_but_not_names() -> None:
    media = images("1-a.jpg", "2-a.jpg", "x.jpg")
    checked = check_batch(posts_csv("id,text,image\n1,a,https://x.org/q.jpg\n2,b,x.jpg\n", media))
    assert image_names(checked) == [["1-a.jpg"], ["x.jpg"]]
    assert reasons(checked, "reference") == []
    assert reasons(checked, "file") == ["is an image that no post refers to"]
    assert_adds_up(checked)


def test_an_id_matches_before_the_last_part_of_a_url() -> None:
    media = images("1-a.jpg", "photo.jpg")
    checked = check_batch(
        posts_csv("id,text,image\n1,a,https://x.org/1/photo.jpg\n2,b,https://x.org/2/photo.jpg\n", media)
    )
    assert image_names(checked) == [["1-a.jpg"], ["photo.jpg"]]


def test_the_image_sharing_most_folders_with_an_outside_path_is_used() -> None:
    media = images("17/1.jpg", "18/1.jpg", "old/17/1.jpg")
    checked = check_batch(posts_csv("text,image\na,C:\\export\\18\\1.jpg\nb,/data/old/17/1.JPG\n", media))
    assert image_names(checked) == [["18/1.jpg"], ["old/17/1.jpg"]]


def test_an_image_that_a_row_names_is_not_given_to_another_by_its_id() -> None:
    checked = check_batch(posts_csv("id,text,image\n1,a,\n2,b,1_cat.jpg\n", images("1_cat.jpg")))
    assert image_names(checked) == [[], ["1_cat.jpg"]]


def test_surplus_images_are_refused_and_the_post_keeps_the_first() -> None:
    media = images("a.jpg", "b.jpg", "c.jpg")
    checked = check_batch(
        posts_csv("text,images\nx,a.jpg;b.jpg;c.jpg\n", media), settings=Settings(max_images_per_post=2)
    )
    assert image_names(checked) == [["a.jpg", "b.jpg"]]
    assert reasons(checked, "reference") == [
        "row 1 names c.jpg, which is image 3 of its post; the limit is 2"
    ]
    assert_adds_up(checked)


def test_a_row_with_only_a_image_is_a_post() -> None:
    checked = check_batch(posts_csv("id,text,image\n1,,a.jpg\n", images("a.jpg")))
    assert checked.posts["text"].tolist() == [""]
    assert image_names(checked) == [["a.jpg"]]


def test_an_id_in_brackets_names_the_images_of_its_post() -> None:
    media = images("Plum cake [v_1].webp", "Plum cake [none].webp")
    checked = check_batch(posts_csv("id,text,image\nv_1,a,https://x.org/q.webp\n", media))
    assert image_names(checked) == [["Plum cake [v_1].webp"]]


def test_of_several_addresses_of_one_image_the_first_counts() -> None:
    cell = '[{""imageURL"": {""urlList"": [""https://x.org/a.jpg"", ""https://y.org/b.jpg""]}}]'
    checked = check_batch(posts_csv(f'id,text,image\n1,a,"{cell}"\n', images("a.jpg", "b.jpg")))
    assert image_names(checked) == [["a.jpg"]]


def test_the_short_link_of_an_image_of_x_is_not_its_address() -> None:
    cell = '[{""url"": ""https://t.co/q"", ""media_url_https"": ""https://x.org/a.jpg""}]'
    checked = check_batch(posts_csv(f'id,text,media\n1,a,"{cell}"\n', images("a.jpg")))
    assert image_names(checked) == [["a.jpg"]]


def test_the_link_of_a_blob_is_its_name() -> None:
    cell = '[{""alt"": """", ""image"": {""ref"": {""$link"": ""bafk1""}, ""mimeType"": ""image/jpeg""}}]'
    checked = check_batch(posts_csv(f'id,text,images\n1,a,"{cell}"\n', images("bafk1.jpg")))
    assert image_names(checked) == [["bafk1.jpg"]]


@pytest.mark.parametrize(
    "reference",
    ["m00001", "M00001", "https://x.org/media/m00001?format=jpg&name=large", "https://x.org/m00001@jpeg"],
)
def test_a_name_without_its_suffix_is_found(reference: str) -> None:
    checked = check_batch(posts_csv(f"text,image\na,{reference}\n", images("pics/m00001.jpg", "m.jpg")))
    assert image_names(checked) == [["pics/m00001.jpg"]]


@pytest.mark.parametrize("reference", ["m00001.png", "https://x.org/p/7"])
def test_another_suffix_and_a_short_end_of_an_address_are_no_name_without_suffix(reference: str) -> None:
    checked = check_batch(posts_csv(f"text,image\na,{reference}\n", images("m00001.jpg", "7.jpg")))
    assert image_names(checked) == [[]]
    assert_adds_up(checked)


def test_the_folder_of_images_is_called_by_the_id_of_their_post() -> None:
    media = images("media/51/1.jpg", "media/51/0.jpg", "media/52/0.jpg", "media/53/0.jpg")
    checked = check_batch(posts_csv("id,text\n51,a\n52,b\n", media))
    assert image_names(checked) == [["media/51/0.jpg", "media/51/1.jpg"], ["media/52/0.jpg"]]
    assert checked.rejected["name"].tolist() == ["media/53/0.jpg"]


@pytest.mark.parametrize(
    "cell", ["<img src='m/a.jpg' alt='x'><img src='b.jpg'>", "m/a.jpg?raw=1;b.jpg?raw=1"]
)
def test_tags_and_queries_around_names_of_images_are_removed(cell: str) -> None:
    checked = check_batch(posts_csv(f'text,image\na,"{cell}"\n', images("m/a.jpg", "b.jpg")))
    assert image_names(checked) == [["m/a.jpg", "b.jpg"]]
