from __future__ import annotations

import pytest

from analysis.importers import MAPPED_FIELDS, ColumnMapping, guess_mapping


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


def test_every_image_column_counts_in_the_order_of_the_table() -> None:
    columns = ["image_2", "Image1", "media", "image path", "images", "imagery", "mediatype"]
    assert guess_mapping(columns).images == ("image_2", "Image1", "media", "image path", "images")


def test_of_several_columns_for_a_field_the_more_exact_one_is_taken() -> None:
    mapping = guess_mapping(["id", "post_id", "caption", "text", "date", "created_at"])
    assert (mapping.post_id, mapping.text, mapping.created_at) == ("post_id", "text", "created_at")


def test_of_columns_that_differ_in_spelling_the_first_is_taken() -> None:
    assert guess_mapping(["Text", "text"]).text == "Text"


def test_unknown_columns_make_no_posts() -> None:
    assert guess_mapping(["Farbe", "likes", "id"]).makes_posts is False
    assert guess_mapping(["image"]).makes_posts is True


def test_a_mapping_keeps_only_the_columns_that_a_table_has() -> None:
    mapping = ColumnMapping(post_id="no", text="Kommentar", images=("a", "b"), likes="no")
    assert mapping.within(["Kommentar", "b"]) == ColumnMapping(text="Kommentar", images=("b",))
    assert mapping.columns() == {"no", "Kommentar", "a", "b"}


def test_every_field_of_a_mapping_has_a_title() -> None:
    assert set(MAPPED_FIELDS) == set(ColumnMapping.__dataclass_fields__)


def test_a_column_of_equal_values_is_not_the_text() -> None:
    sample = {"Status": ["IP Address"] * 3, "Q2": ["It was good", "It was late again", "Nobody came"]}
    assert guess_mapping(list(sample), sample).text == "Q2"


def test_an_address_that_rows_share_is_not_their_id() -> None:
    sample = {"Link": ["https://x.org/1", "https://x.org/1"], "Message": ["Good morning", "Good night"]}
    assert guess_mapping(list(sample), sample).post_id is None
    sample["Link"][1] = "https://x.org/2"
    assert guess_mapping(list(sample), sample).post_id == "Link"


def test_a_table_of_accounts_has_no_texts() -> None:
    sample = {
        "Vertex": ["marlow", "inga"],
        "Followers": ["3", "4"],
        "Description": ["Pilot of ferries", "I bake plum cake"],
        "Joined Date (UTC)": ["2012-01-01", "2013-01-01"],
    }
    assert guess_mapping(list(sample), sample).makes_posts is False
    few = {name: sample[name] for name in ("Vertex", "Followers", "Description")}
    assert guess_mapping(list(few), few).text == "Description"
    posts = {**sample, "Date": ["2026-05-01", "2026-05-02"]}
    assert guess_mapping(list(posts), posts).text == "Description"
