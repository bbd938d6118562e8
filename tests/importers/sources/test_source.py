"""How a source's description is applied to a table."""

from __future__ import annotations

import pytest

from analysis.importers import ImportedRows, RefusedError
from analysis.importers.sources.source import ANY, NO_IMAGE, Skip, Source
from analysis.settings import Settings


def table(*rows: dict[str, str]) -> ImportedRows:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return ImportedRows(
        columns, {number: [row.get(name, "") for name in columns] for number, row in enumerate(rows, 1)}
    )


def source(**options: object) -> Source:
    return Source(**{"name": "a", "label": "A", "recognised_by": [["id", "text"]], "fields": {}} | options)  # type: ignore[arg-type]


def read(field: str, paths: list[str], *rows: dict[str, str], **options: object) -> list[str]:
    """Return the values of a field after mapping."""
    imported, mapping = source(fields={field: paths}, **options).map(table(*rows))
    column = mapping.images[0] if field == "images" else getattr(mapping, field)
    return [row[list(imported.columns).index(column)] for row in imported.rows.values()]


def test_columns_are_compared_without_case_and_a_slash_is_a_dot() -> None:
    a = source(recognised_by=[["user.name", "Post Text"]])
    assert a.match(table({"User/Name": "", "post text": ""})) == 2
    assert a.match(table({"User/Name": ""})) == 0


def test_values_distinguish_tables_with_the_same_columns() -> None:
    a = source(values={"text": r"\[.*\]", "absent": "x"})
    assert a.match(table({"id": "1", "text": "[1]"}, {"id": "2", "text": ""})) == 2
    assert a.match(table({"id": "1", "text": "[1]"}, {"id": "2", "text": "word"})) == 0


def test_the_first_value_that_is_not_blank_counts() -> None:
    rows = {"a": "", "b": "[]", "c": "C"}, {"a": "A", "b": "B", "c": "C"}
    assert read("author", ["a", "b", "c"], *rows) == ["C", "A"]
    assert read("author", ["a", "c"], *rows, blank={"author": "C"}) == ["", "A"]


def test_a_field_of_one_column_is_mapped_to_it_without_a_copy() -> None:
    imported, mapping = source(fields={"text": ["none", "Text"]}).map(table({"id": "1", "text": "x"}))
    assert mapping.text == "text" and list(imported.columns) == ["id", "text"]


def test_texts_are_joined_by_a_line_break_and_times_by_a_space() -> None:
    rows = {"a": "05-Mar-2024", "b": "10:00 AM", "c": "+0200"}, {"a": "05-Mar-2024 09:00AM", "b": "9:00 AM"}
    assert read("created_at", ["a + b + c"], *rows) == ["05-Mar-2024 10:00 AM +0200", "05-Mar-2024 09:00AM"]
    assert read("text", ["a + c"], *rows) == ["05-Mar-2024\n+0200", "05-Mar-2024 09:00AM"]


def test_items_of_lists_are_read_by_path() -> None:
    cell = '[{"media": {"uri": "a.jpg"}}, {"media": {"uri": "b.jpg"}}, {"other": 1}, 5]'
    rows = {"a": cell}, {"a": "no JSON"}, {"a": "[" * 5_000 + "]" * 5_000}, {"a": '{"media": 1}'}
    assert read("images", ["a[].media.uri"], *rows) == ["a.jpg\nb.jpg", "", "", ""]
    assert read("images", ["a[0].media"], *rows) == ['{"uri": "a.jpg"}', "", "", ""]


def test_numbered_columns_are_read_in_order_of_their_numbers() -> None:
    assert read("images", ["images.*"], {"images/10": "c", "images/2": "b", "images/0": "a"}) == ["a\nb\nc"]


def test_an_address_of_a_page_is_no_image() -> None:
    rows = [{"a": a} for a in ("https://a.example/x.JPG?w=1", "https://a.example/x.html", "x.png", "self")]
    assert read("images", ["a"], *rows, blank={"images": NO_IMAGE}) == [rows[0]["a"], "", "x.png", ""]


def test_records_that_are_no_posts_are_rejected_with_the_reason() -> None:
    skips = [Skip({"type": ["service"], "text": [""]}, "is a message"), Skip({"error": [ANY]}, "is an error")]
    rows = {"type": "service", "text": ""}, {"type": "service", "text": "x"}, {"error": "404"}, {"type": "a"}
    imported, _ = source(skips=skips).map(table(*rows))
    assert list(imported.rows) == [2, 4]
    assert [(each.number, each.reason) for each in imported.refused] == [
        (1, "is a message"),
        (3, "is an error"),
    ]
    assert imported.refused[1].raw == '{"error": "404"}'


def test_too_many_records_that_are_no_posts_are_refused() -> None:
    skips = [Skip({"type": ["service"]}, "is a message")]
    with pytest.raises(RefusedError, match="more than 1 rows"):
        source(skips=skips).map(table(*[{"type": "service"}] * 2), Settings(max_rejected_rows=1))


def test_other_fields_are_guessed_where_users_name_the_columns() -> None:
    row = {
        "id": "1",
        "text": "about the task",
        "data.id": "7",
        "data.caption": "Plum cake for all",
        "data.likes": "4",
    }
    _, mapping = source(fields={"post_id": ["data.id", "id"]}, guess_in="data.").map(table(row))
    assert (mapping.post_id, mapping.text, mapping.likes) == ("ID (composed)", "data.caption", "data.likes")
    assert mapping.author is None


def test_columns_that_a_source_reads_are_known() -> None:
    a = source(fields={"text": ["a + b", "none"], "images": ["c[].uri", "d.*"]})
    assert a.columns_read(["A", "b", "c", "d.0", "d.x"]) == {"A", "b", "c", "d.0"}
