from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from analysis.importers import ColumnMapping
from analysis.intake import (
    REJECTED_COLUMNS,
    CheckedBatch,
    Counts,
    Inputs,
    Rejection,
    check_batch,
    list_files,
    parse_pasted_text,
    read_inputs,
)
from analysis.posts import POST_COLUMNS, POST_SCHEMA, content_id
from analysis.settings import Settings
from tests.intake.drops import drop, extras, images, posts_csv, sheet_rows, workbook

SAMPLES = Path(__file__).parents[2] / "sample_posts"


def image_names(checked: CheckedBatch) -> list[list[str]]:
    return [list(names) for names in checked.posts["image_names"]]


def reasons(checked: CheckedBatch, kind: str) -> list[str]:
    return list(checked.rejected.loc[checked.rejected["kind"] == kind, "reason"])


def assert_adds_up(checked: CheckedBatch) -> None:
    for kind, counts in checked.counts.items():
        assert counts.received + counts.rejected == counts.expected, kind
        assert counts.rejected == len(reasons(checked, kind)), kind
    assert checked.counts["row"].received == len(checked.posts)
    assert checked.rejected["remedy"].str.len().gt(0).all()


# Rows to posts


def test_a_plain_row_becomes_a_post_with_every_field() -> None:
    inputs = posts_csv(
        "id,text,author,date,image,likes,shares,comments,campaign,empty\n"
        '900719925474099312345,"Hi, there",@ann,2026-03-02 10:00,a.jpg,"1,234",5,0,spring,\n',
        images("a.jpg"),
    )
    checked = check_batch(inputs)
    (post,) = checked.posts.to_dict("records")
    assert tuple(checked.posts.columns) == POST_COLUMNS
    assert post["post_id"] == "900719925474099312345"
    assert post["text"] == "Hi, there"
    assert post["author"] == "@ann"
    assert post["created_at"] == pd.Timestamp("2026-03-02 10:00", tz="UTC")
    assert list(post["images"]) == [inputs.images["a.jpg"].media_id]
    assert list(post["image_names"]) == ["a.jpg"]
    assert (post["likes"], post["shares"], post["comments"]) == (1234, 5, 0)
    assert (post["source"], post["row"]) == ("posts.csv", 1)
    assert json.loads(post["extra"]) == {"campaign": "spring"}
    assert checked.counts == {
        "row": Counts(1, 1, 0),
        "file": Counts(2, 2, 0),
        "reference": Counts(1, 1, 0),
        "column": Counts(4, 4, 0),
    }
    assert_adds_up(checked)


def test_a_time_or_count_that_cannot_be_read_keeps_its_row_and_its_raw_value() -> None:
    checked = check_batch(posts_csv("text,date,likes\na,last Tuesday,many\nb,2026-01-02,\n"))
    assert checked.posts["created_at"].isna().tolist() == [True, False]
    assert checked.posts["likes"].isna().all()
    assert extras(checked.posts) == [{"date": "last Tuesday", "likes": "many"}, {}]


def test_ids_of_a_workbook_have_no_decimals() -> None:
    rows = sheet_rows(["id", "text"], [1234567890123, "a"], ["0012", "b"])
    assert list(check_batch(drop(("p.xlsx", workbook(("S", rows))))).posts["post_id"]) == [
        "1234567890123",
        "0012",
    ]


def test_a_post_without_an_id_gets_one_from_its_content() -> None:
    checked = check_batch(posts_csv("text\nhello\nbye\nhello\n"))
    hello, bye = content_id("hello", []), content_id("bye", [])
    assert list(checked.posts["post_id"]) == [hello, bye, f"{hello}-2"]
    assert_adds_up(checked)


def test_text_is_kept_to_the_letter() -> None:
    text = '  =cmd|"/c calc"!A1 <script>alert(1)</script>\r\n# heading\t'
    quoted = '"' + text.replace('"', '""') + '"'
    assert check_batch(posts_csv(f"text\n{quoted}\n")).posts["text"].tolist() == [text]


def test_pasted_text_becomes_one_post_a_line(tmp_path: Path) -> None:
    checked = check_batch(read_inputs([parse_pasted_text('first, "quoted"\n[second]\n')], tmp_path))
    assert checked.posts["text"].tolist() == ['first, "quoted"', "[second]"]


def test_the_sample_posts_are_all_taken(tmp_path: Path) -> None:
    checked = check_batch(read_inputs(list_files(SAMPLES), tmp_path))
    assert checked.counts["row"].rejected == 0
    assert checked.counts["reference"].rejected == 0
    assert set(checked.rejected["name"]) == {"CREDITS.md", "README.md"}
    assert_adds_up(checked)


# Rows refused


def test_each_refused_row_has_its_own_reason_and_its_cells_and_the_rest_proceeds() -> None:
    checked = check_batch(
        posts_csv(
            "id,text,image\n1,fine,\n2,,\n3, ,gone.jpg\n1,fine,\n1,other,\n4,too,many,fields\n5,fine too,\n"
        )
    )
    assert checked.posts["post_id"].tolist() == ["1", "5"]
    assert checked.posts["row"].tolist() == [1, 7]
    rows = checked.rejected[checked.rejected["kind"] == "row"].set_index("reason")
    assert set(rows.index) == {
        "row 2 has nothing in the column read as text, and no image",
        "row 3 has no text, and none of the images that it names could be used",
        "row 4 repeats the id 1 of row 1 of posts.csv, with the same text and images",
        "row 5 repeats the id 1 of row 1 of posts.csv, with another text or other images",
        "row 6 has 4 fields; the header has 3",
    }
    assert json.loads(
        rows.loc["row 3 has no text, and none of the images that it names could be used", "raw"]
    ) == {
        "id": "3",
        "text": " ",
        "image": "gone.jpg",
    }
    assert rows.loc["row 2 has nothing in the column read as text, and no image", "post_id"] == "2"
    assert set(rows["name"]) == {"posts.csv"}
    assert tuple(checked.rejected.columns) == REJECTED_COLUMNS
    assert_adds_up(checked)


def test_an_id_may_not_repeat_across_tables() -> None:
    checked = check_batch(drop(("a.csv", "id,text\n1,a\n"), ("b.csv", "id,text\n1,b\n2,c\n")))
    assert checked.posts["source"].tolist() == ["a.csv", "b.csv"]
    assert reasons(checked, "row") == [
        "row 1 repeats the id 1 of row 1 of a.csv, with another text or other images"
    ]


def test_a_text_over_the_limit_is_refused_and_cut_in_the_list() -> None:
    checked = check_batch(posts_csv(f"text\n{'x' * 11}\n{'y' * 10}\n"), settings=Settings(max_text_chars=10))
    assert checked.posts["text"].tolist() == ["y" * 10]
    assert reasons(checked, "row") == ["row 1 has a text of 11 characters; the limit is 10"]
    assert json.loads(checked.rejected["raw"][0]) == {"text": "x" * 10 + "…"}


def test_rows_beyond_the_limit_of_a_batch_are_refused_each() -> None:
    inputs = drop(("a.csv", "text\na\nb\n"), ("b.csv", "text\nc\nd\n"))
    checked = check_batch(inputs, settings=Settings(max_rows=3))
    assert checked.posts["text"].tolist() == ["a", "b", "c"]
    assert reasons(checked, "row") == ["row 2 is beyond the 3 posts of one batch"]
    assert_adds_up(checked)


# Columns


def test_a_table_of_unknown_columns_is_a_rejected_file_and_the_others_proceed() -> None:
    checked = check_batch(drop(("odd.csv", "ident,Kommentar\n1,schön\n"), ("posts.csv", "text\na\n")))
    assert checked.posts["text"].tolist() == ["a"]
    (reason,) = reasons(checked, "file")
    assert reason.endswith("its columns are: ident, Kommentar")
    assert checked.counts["file"] == Counts(2, 1, 1)
    assert checked.counts["row"] == Counts(1, 1, 0)
    assert_adds_up(checked)


def test_a_mapping_by_hand_takes_any_columns() -> None:
    inputs = drop(("odd.csv", "ident,Kommentar,text\n7,schön,unused\n"), ("posts.csv", "text\na\n"))
    checked = check_batch(inputs, {"odd.csv": ColumnMapping(post_id="ident", text="Kommentar")})
    assert checked.posts["text"].tolist() == ["schön", "a"]
    assert checked.posts["post_id"][0] == "7"
    assert extras(checked.posts)[0] == {"text": "unused"}


def test_one_mapping_serves_all_tables() -> None:
    inputs = drop(("a.csv", "Kommentar\nx\n"), ("b.csv", "Kommentar,likes\ny,3\n"))
    checked = check_batch(inputs, ColumnMapping(text="Kommentar", likes="likes"))
    assert checked.posts["text"].tolist() == ["x", "y"]
    assert checked.posts["likes"][1] == 3


# Images to posts


@pytest.mark.parametrize(
    "reference",
    ["pics/Ä b.jpg", "./pics/Ä b.jpg", "pics\\Ä b.jpg", "Ä b.jpg", "ä B.JPG", "C:\\me\\old\\Ä b.jpg",
     "pics/A\u0308 b.jpg", "https://example.org/x/%C3%84%20b.jpg?size=large", '["Ä b.jpg"]', "Ä b.jpg;"],
)  # fmt: skip
def test_a_image_is_found_by_path_name_or_address(reference: str) -> None:
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


def test_a_image_beside_the_table_goes_before_one_of_the_same_name_elsewhere() -> None:
    inputs = drop(("north/posts.csv", "text,image\na,cat.jpg\n"), media=images("cat.jpg", "north/cat.jpg"))
    assert image_names(check_batch(inputs)) == [["north/cat.jpg"]]


def test_a_name_that_fits_several_images_is_refused_unless_its_folder_tells() -> None:
    media = images("x/one/cat.jpg", "x/two/cat.jpg")
    checked = check_batch(posts_csv("text,image\na,cat.jpg\nb,two/cat.jpg\n", media))
    assert image_names(checked) == [[], ["x/two/cat.jpg"]]
    assert reasons(checked, "reference") == [
        "row 1 names cat.jpg, which fits 2 images: x/one/cat.jpg, x/two/cat.jpg"
    ]
    assert_adds_up(checked)


def test_equal_images_of_one_name_are_not_ambiguous() -> None:
    media = images("one/cat.jpg", "two/cat.jpg", content="same")
    assert image_names(check_batch(posts_csv("text,image\na,cat.jpg\n", media))) == [["one/cat.jpg"]]


def test_missing_images_are_listed_and_the_text_goes_on() -> None:
    checked = check_batch(
        drop(
            ("posts.csv", 'id,text,image\n1,a,"gone.jpg;https://example.org/p/9.jpg;broken.jpg"\n'),
            rejected=[Rejection("file", "pics/broken.jpg", "is no image", "Replace it.")],
        )
    )
    assert checked.posts["text"].tolist() == ["a"]
    assert reasons(checked, "reference") == [
        "row 1 names gone.jpg, which is not among the images given",
        "row 1 names https://example.org/p/9.jpg, which is only named by its address; nothing is downloaded",
        "row 1 names broken.jpg, which was given, but was rejected",
    ]
    missing = checked.rejected[checked.rejected["kind"] == "reference"]
    assert missing["raw"].tolist() == ["gone.jpg", "https://example.org/p/9.jpg", "broken.jpg"]
    assert set(missing["post_id"]) == {"1"}
    assert_adds_up(checked)


def test_a_list_of_images_at_any_depth_of_nesting_costs_one_reference() -> None:
    depths = range(850, 1_000)
    rows = "".join(f"{depth},a,{'[' * depth}{']' * depth}\n" for depth in depths)
    checked = check_batch(posts_csv(f"id,text,image\n{rows}"))
    assert checked.counts["reference"] == Counts(len(depths), 0, len(depths))
    assert_adds_up(checked)


def test_a_cell_of_millions_of_references_is_one_that_is_refused() -> None:
    checked = check_batch(posts_csv(f"id,text,image\n1,a,{'x;' * 1_000_000}\n2,b,x.jpg\n"))
    assert checked.counts["reference"] == Counts(2, 0, 2)
    assert (
        "is longer than the 100,000 characters that are read as names of images"
        in reasons(checked, "reference")[0]
    )
    assert_adds_up(checked)


def test_names_of_images_are_cut_in_a_reason() -> None:
    media = images(*(f"{folder}/{'n' * 400}/a.png" for folder in "xy"))
    checked = check_batch(posts_csv("id,text,image\n1,hello,a.png\n", media))
    (reason,) = reasons(checked, "reference")
    assert "fits 2 images" in reason
    assert len(reason) < 300


def test_progress_is_reported_while_images_are_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analysis.intake.batch._REPORT_INTERVAL", 0.0)
    steps: list[tuple[int, int]] = []
    inputs = posts_csv("text,image\na,x.jpg\nb,y.jpg\n", images("x.jpg"))
    check_batch(inputs, progress=lambda *step: steps.append(step))
    assert steps == [(0, 2), (0, 2), (0, 2), (1, 2)]


def test_images_named_after_the_id_belong_to_a_row_that_names_none() -> None:
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


def test_images_by_id_stand_for_addresses_but_not_for_names() -> None:
    media = images("1-a.jpg", "2-a.jpg", "x.jpg")
    checked = check_batch(posts_csv("id,text,image\n1,a,https://x.org/q.jpg\n2,b,x.jpg\n", media))
    assert image_names(checked) == [["1-a.jpg"], ["x.jpg"]]
    assert reasons(checked, "reference") == []
    assert reasons(checked, "file") == ["is an image that no post names"]
    assert_adds_up(checked)


def test_an_id_says_more_than_the_last_part_of_an_address() -> None:
    media = images("1-a.jpg", "photo.jpg")
    checked = check_batch(
        posts_csv("id,text,image\n1,a,https://x.org/1/photo.jpg\n2,b,https://x.org/2/photo.jpg\n", media)
    )
    assert image_names(checked) == [["1-a.jpg"], ["photo.jpg"]]


def test_of_images_of_one_name_the_one_that_shares_most_folders_with_an_outside_path_is_taken() -> None:
    media = images("17/1.jpg", "18/1.jpg", "old/17/1.jpg")
    checked = check_batch(posts_csv("text,image\na,C:\\export\\18\\1.jpg\nb,/data/old/17/1.JPG\n", media))
    assert image_names(checked) == [["18/1.jpg"], ["old/17/1.jpg"]]


def test_a_image_that_a_row_names_is_not_given_to_another_by_its_id() -> None:
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


def test_without_a_table_each_image_is_a_post_and_a_copy_is_refused() -> None:
    media = {**images("one/cat.jpg", "b.jpg"), **images("two/cat.jpg", content="one/cat.jpg")}
    checked = check_batch(
        drop(media=media, rejected=[Rejection("file", "notes.txt", "is no table", "Leave it.")])
    )
    cat = media["one/cat.jpg"].media_id
    assert checked.posts["post_id"][0] == content_id("", [cat])
    assert image_names(checked) == [["one/cat.jpg"], ["b.jpg"]]
    assert checked.posts["row"].tolist() == [0, 0]
    rejected = checked.rejected.set_index("name")["reason"].to_dict()
    assert rejected == {"notes.txt": "is no table", "two/cat.jpg": "holds the same as one/cat.jpg"}
    assert checked.counts["file"] == Counts(4, 3, 1)
    assert_adds_up(checked)


def test_an_empty_drop_gives_an_empty_batch() -> None:
    checked = check_batch(Inputs((), {}, (), 0))
    assert len(checked.posts) == len(checked.rejected) == 0
    assert tuple(checked.posts.columns) == POST_COLUMNS
    assert_adds_up(checked)


def test_the_posts_fit_the_schema_that_they_are_stored_with() -> None:
    import pyarrow as pa

    posts = check_batch(posts_csv("text,likes\na,1\nb,\n")).posts
    assert pa.Table.from_pandas(posts, schema=POST_SCHEMA, preserve_index=False).num_rows == 2
