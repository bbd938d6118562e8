"""Tables and images become posts, and every row that does not is listed with its reason."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from analysis.importers import ColumnMapping
from analysis.intake import (
    REJECTED_COLUMNS,
    Counts,
    Inputs,
    Rejection,
    check_batch,
    list_files,
    parse_pasted_text,
    read_inputs,
)
from analysis.posts import POST_COLUMNS, POST_SCHEMA, compute_post_id
from analysis.settings import Settings
from tests.intake.drops import (
    assert_adds_up,
    drop,
    extras,
    image_names,
    images,
    posts_csv,
    reasons,
    sheet_rows,
    workbook,
)

SAMPLES = Path(__file__).parents[2] / "sample_posts"


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
        "sheet": Counts(0, 0, 0),
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
    hello, bye = compute_post_id("hello", []), compute_post_id("bye", [])
    assert list(checked.posts["post_id"]) == [hello, bye, f"{hello}-2"]
    assert_adds_up(checked)


def test_text_is_kept_unchanged() -> None:
    text = '  =cmd|"/c calc"!A1 <script>alert(1)</script>\r\n# heading\t'
    quoted = '"' + text.replace('"', '""') + '"'
    assert check_batch(posts_csv(f"text\n{quoted}\n")).posts["text"].tolist() == [text]


def test_pasted_text_becomes_one_post_a_line(tmp_path: Path) -> None:
    checked = check_batch(read_inputs([parse_pasted_text('first, "quoted"\n[second]\n')], tmp_path))
    assert checked.posts["text"].tolist() == ['first, "quoted"', "[second]"]


def test_all_sample_posts_are_accepted(tmp_path: Path) -> None:
    checked = check_batch(read_inputs(list_files(SAMPLES), tmp_path))
    assert checked.counts["row"].rejected == 0
    assert checked.counts["reference"].rejected == 0
    assert set(checked.rejected["name"]) == {"CREDITS.md", "README.md"}
    assert_adds_up(checked)


# Rows refused


def test_each_refused_row_has_a_reason_and_its_cells_and_the_rest_is_kept() -> None:
    checked = check_batch(
        posts_csv(
            "id,text,image\n1,fine,\n2,,\n3, ,gone.jpg\n1,fine,\n1,other,\n4,too,many,fields\n5,fine too,\n"
        )
    )
    assert checked.posts["post_id"].tolist() == ["1", "5"]
    assert checked.posts["row"].tolist() == [1, 7]
    rows = checked.rejected[checked.rejected["kind"] == "row"].set_index("reason")
    assert set(rows.index) == {
        "row 2 has no text and no image",
        "row 3 has no text, and none of its images could be used",
        "row 4 repeats the id 1 of row 1 of posts.csv, with the same text and images",
        "row 5 repeats the id 1 of row 1 of posts.csv, with a different text or different images",
        "row 6 has 4 fields; the header has 3",
    }
    assert json.loads(rows.loc["row 3 has no text, and none of its images could be used", "raw"]) == {
        "id": "3",
        "text": " ",
        "image": "gone.jpg",
    }
    assert rows.loc["row 2 has no text and no image", "post_id"] == "2"
    assert set(rows["name"]) == {"posts.csv"}
    assert tuple(checked.rejected.columns) == REJECTED_COLUMNS
    assert_adds_up(checked)


def test_an_id_may_not_repeat_across_tables() -> None:
    checked = check_batch(drop(("a.csv", "id,text\n1,a\n"), ("b.csv", "id,text\n1,b\n2,c\n")))
    assert checked.posts["source"].tolist() == ["a.csv", "b.csv"]
    assert reasons(checked, "row") == [
        "row 1 repeats the id 1 of row 1 of a.csv, with a different text or different images"
    ]


def test_a_text_over_the_limit_is_refused_and_cut_in_the_list() -> None:
    checked = check_batch(posts_csv(f"text\n{'x' * 11}\n{'y' * 10}\n"), settings=Settings(max_text_chars=10))
    assert checked.posts["text"].tolist() == ["y" * 10]
    assert reasons(checked, "row") == ["row 1 has a text of 11 characters; the limit is 10"]
    assert json.loads(checked.rejected["raw"][0]) == {"text": "x" * 10 + "…"}


def test_an_id_or_author_over_the_limit_is_refused() -> None:
    long = "x" * 1_001
    table = f"id,author,text,image\n{long},a,one,absent.jpg\n2,{long},two,\n{long[1:]},{long[1:]},three,\n"
    checked = check_batch(posts_csv(table))
    assert checked.posts["text"].tolist() == ["three"]
    assert checked.posts["author"].tolist() == ["x" * 1_000]
    assert reasons(checked, "row") == [
        "row 1 has an id of 1,001 characters; the limit is 1,000",
        "row 2 has an author of 1,001 characters; the limit is 1,000",
    ]
    ids = checked.rejected.set_index("reason")["post_id"]
    assert {len(str(post_id)) for reason, post_id in ids.items() if str(reason).startswith("row 1")} == {201}
    assert_adds_up(checked)


def test_rows_beyond_the_limit_of_a_batch_are_refused_each() -> None:
    inputs = drop(("a.csv", "text\na\nb\n"), ("b.csv", "text\nc\nd\n"))
    checked = check_batch(inputs, settings=Settings(max_rows=3))
    assert checked.posts["text"].tolist() == ["a", "b", "c"]
    assert reasons(checked, "row") == ["row 2 is beyond the 3 posts of one batch"]
    assert_adds_up(checked)


# Columns


def test_a_table_of_unknown_columns_is_a_rejected_file_and_the_others_proceed() -> None:
    checked = check_batch(drop(("odd.csv", "ident,Farbe\n1,schön\n"), ("posts.csv", "text\na\n")))
    assert checked.posts["text"].tolist() == ["a"]
    (reason,) = reasons(checked, "file")
    assert reason.endswith("its columns are: ident, Farbe")
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


def test_without_a_table_each_image_is_a_post_and_a_copy_is_refused() -> None:
    media = {**images("one/cat.jpg", "b.jpg"), **images("two/cat.jpg", content="one/cat.jpg")}
    checked = check_batch(
        drop(media=media, rejected=[Rejection("file", "notes.txt", "is no table", "Leave it.")])
    )
    cat = media["one/cat.jpg"].media_id
    assert checked.posts["post_id"][0] == compute_post_id("", [cat])
    assert image_names(checked) == [["one/cat.jpg"], ["b.jpg"]]
    assert checked.posts["row"].tolist() == [0, 0]
    rejected = checked.rejected.set_index("name")["reason"].to_dict()
    assert rejected == {"notes.txt": "is no table", "two/cat.jpg": "has the same content as one/cat.jpg"}
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


def test_many_rejected_rows_are_listed_together_and_all_counts_add_up() -> None:
    table = "id,text\n" + "1,hello\n" * 6 + "2,rain\n"
    checked = check_batch(drop(("a.csv", table), ("b.csv", table)), settings=Settings(max_listed_rows=3))
    listed = reasons(checked, "row")
    assert len(listed) == 5
    assert listed[3].startswith(
        "has 2 more rows that were rejected, such as: row 5 repeats the id 1 of row 1 of a.csv"
    )
    assert listed[4].startswith(
        "has 7 more rows that were rejected, such as: row 1 repeats the id 1 of row 1 of a.csv"
    )
    counts = checked.counts["row"]
    assert (counts.expected, counts.received, counts.rejected) == (14, 2, 12)


def test_many_rows_with_missing_images_are_listed_together() -> None:
    table = "id,text,image\n" + "".join(f"{n},hello,x{n}.jpg|y{n}.jpg\n" for n in range(6))
    checked = check_batch(drop(("a.csv", table)), settings=Settings(max_listed_references=2))
    listed = reasons(checked, "reference")
    assert len(listed) == 5
    assert "1 more of its images are missing too" in listed[2]
    assert listed[4].startswith("has 3 more rows with missing images, such as: row 4 names x3.jpg")
    counts = checked.counts["reference"]
    assert (counts.expected, counts.received, counts.rejected) == (7, 0, 7)
