from __future__ import annotations

from datetime import UTC, datetime

import pytest

from analysis.intake import MAPPED_FIELDS, ColumnMapping, guess_mapping
from analysis.intake.values import read_count, read_times


@pytest.mark.parametrize(
    ("field", "names"),
    [
        ("post_id", ["id", "post_id", "Post ID", "POSTID"]),
        ("text", ["text", "Body", "content", "MESSAGE", "caption", " Text "]),
        ("author", ["author", "user", "username", "User Name", "user_name"]),
        ("created_at", ["date", "created_at", "Created At", "timestamp", "Time_Stamp"]),
        ("likes", ["likes", "Likes"]),
        ("shares", ["shares"]),
        ("comments", ["Comments"]),
    ],
)
def test_names_of_the_plain_csv_are_recognised_in_any_spelling(field: str, names: list[str]) -> None:
    for name in names:
        assert getattr(guess_mapping(["other", name]), field) == name


def test_every_picture_column_counts_in_the_order_of_the_table() -> None:
    columns = ["image_2", "Image1", "media", "image path", "images", "imagery", "mediatype"]
    assert guess_mapping(columns).images == ("image_2", "Image1", "media", "image path", "images")


def test_of_several_columns_for_a_field_the_more_exact_one_is_taken() -> None:
    mapping = guess_mapping(["id", "post_id", "caption", "text", "date", "created_at"])
    assert (mapping.post_id, mapping.text, mapping.created_at) == ("post_id", "text", "created_at")


def test_of_columns_that_differ_in_spelling_the_first_is_taken() -> None:
    assert guess_mapping(["Text", "text"]).text == "Text"


def test_unknown_columns_make_no_posts() -> None:
    assert guess_mapping(["Kommentar", "likes", "id"]).makes_posts is False
    assert guess_mapping(["image"]).makes_posts is True


def test_a_mapping_keeps_only_the_columns_that_a_table_has() -> None:
    mapping = ColumnMapping(post_id="no", text="Kommentar", images=("a", "b"), likes="no")
    assert mapping.within(["Kommentar", "b"]) == ColumnMapping(text="Kommentar", images=("b",))
    assert mapping.columns() == {"no", "Kommentar", "a", "b"}


def test_every_field_of_a_mapping_has_a_title() -> None:
    assert set(MAPPED_FIELDS) == set(ColumnMapping.__dataclass_fields__)


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-02T14:05:00Z",
        "2026-03-02 14:05",
        "2026-03-02T16:05:00+02:00",
        "2026-03-02 09:05:00 -0500",
        "2026-03-02 14:05:00 UTC",
        "1772460300",
        "1772460300000",
        "1772460300.0",
        "Mon Mar 02 14:05:00 +0000 2026",
        "Mon, 02 Mar 2026 14:05:00 GMT",
        "Mon, Mar 2, 2026 2:05 PM",
        "02.03.2026 14:05",
        "2026/03/02 14:05:00",
        "March 2, 2026, 2:05 pm",
        "2 Mar 2026 14:05",
        " 2026-03-02T14:05:00 ",
    ],
)
def test_usual_ways_to_write_a_time_are_read_as_utc(written: str) -> None:
    assert read_times([written]) == [datetime(2026, 3, 2, 14, 5, tzinfo=UTC)]


@pytest.mark.parametrize(
    "written",
    ["", "yesterday", "2026-13-01", "31.02.2026", "12", "2026-01-01 25:00", "0001-01-01T00:00+10:00", "9" * 200,
     "2026-01-01 10:00 EST", "1e9", "٢٠٢٦-٠١-٠١"],
)  # fmt: skip
def test_what_is_no_certain_time_is_not_read(written: str) -> None:
    assert read_times([written]) == [None]


def test_other_dates_of_the_column_tell_day_from_month() -> None:
    fifth_of_june, sixth_of_may = datetime(2026, 6, 5, tzinfo=UTC), datetime(2026, 5, 6, tzinfo=UTC)
    assert read_times(["05/06/2026", "25/06/2026"])[0] == fifth_of_june
    assert read_times(["05/06/2026", "05/25/26 3:04 PM"])[0] == sixth_of_may
    assert read_times(["05/06/2026"]) == [None]
    assert read_times(["05/06/2026", "25/06/2026", "05/25/2026"]) == [None, None, None]


@pytest.mark.parametrize(
    ("written", "count"),
    [
        ("12", 12),
        (" 1,234 ", 1_234),
        ("1.234.567", 1_234_567),
        ("1 234", 1_234),
        ("1\u202f234", 1_234),
        ("1'234", 1_234),
        ("12.0", 12),
        ("-3", -3),
        ("12.5", None),
        ("1,23", None),
        ("1,234.567", None),
        ("many", None),
        ("", None),
        ("9223372036854775808", None),
        ("9" * 5_000, None),
    ],
)
def test_counts_are_read_with_separators_and_never_guessed(written: str, count: int | None) -> None:
    assert read_count(written) == count
