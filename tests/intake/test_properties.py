"""What must hold for any drop, found out with random tables, random bytes and random images."""

from __future__ import annotations

import csv
import io
import json

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from analysis.importers import RefusedError, guess_mapping
from analysis.intake import CheckedBatch, InputFile, check_batch, parse_table
from analysis.intake.texts import read_texts
from analysis.intake.values import read_count, read_times
from analysis.posts import POST_SCHEMA, has_text
from analysis.settings import Settings
from tests.intake.drops import drop, images, workbook

NAMES = ("a.jpg", "b.jpg", "sub/b.jpg", "1-x.jpg", "2.png", "a, b.jpg")
REFERENCES = (
    *NAMES,
    "gone.jpg",
    "http://x.org/a.jpg",
    "http://x.org/gone.jpg",
    "[",
    '["a.jpg", null, 3]',
    "",
    " ",
)
LIMITS = Settings(max_rows=6, max_text_chars=12, max_images_per_post=2, max_columns=20)

letters = st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\r\t\x0b\x1c\x85")
texts = st.text(letters, max_size=15)  # more control characters would make the table no text at all
ids = st.sampled_from(["", "1", "2", "3", " 1 ", "x-y"])
media_cells = st.lists(st.sampled_from(REFERENCES), max_size=4).map(";".join)
rows = st.lists(st.tuples(ids, texts, media_cells, texts).map(list), max_size=9)
ragged = st.lists(st.lists(texts | media_cells, max_size=6), max_size=6)
tables = st.tuples(rows, ragged).map(lambda parts: [["id", "text", "images", "other"], *parts[0], *parts[1]])
given_names = st.sets(st.sampled_from(NAMES))

quick = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


def as_csv(table: list[list[str]]) -> bytes:
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL).writerows(table)
    return written.getvalue().encode()


def assert_sound(checked: CheckedBatch) -> None:
    listed = checked.rejected["kind"].value_counts()
    for kind, counts in checked.counts.items():
        assert counts.received + counts.rejected == counts.expected, kind
        assert counts.received >= 0
        assert counts.rejected == listed.get(kind, 0), kind
    assert checked.counts["row"].received == len(checked.posts)
    assert checked.posts["post_id"].is_unique
    assert checked.posts["post_id"].str.len().gt(0).all()
    for post in checked.posts.itertuples():
        assert post.text.strip() or len(post.images)
        assert len(post.images) == len(post.image_names) <= LIMITS.max_images_per_post
        json.loads(post.extra)
    pa.Table.from_pandas(checked.posts, schema=POST_SCHEMA, preserve_index=False)
    pa.Table.from_pandas(checked.rejected, preserve_index=False)


@pytest.mark.slow
@quick
@given(table=tables, names=given_names)
def test_received_and_rejected_add_up_to_the_input(table: list[list[str]], names: set[str]) -> None:
    try:
        inputs = drop(("posts.csv", as_csv(table)), media=images(*sorted(names)), settings=LIMITS)
    except RefusedError:
        assert not [row for row in table[1:] if row]
        return
    checked = check_batch(inputs, settings=LIMITS)
    assert_sound(checked)
    assert checked.counts["row"].expected == sum(bool(row) for row in table[1:])
    assert checked.counts["file"].expected == 1 + len(names)


@pytest.mark.slow
@quick
@given(one=tables, two=tables, names=given_names)
def test_counts_of_several_tables_add_up(one: list[list[str]], two: list[list[str]], names: set[str]) -> None:
    files = [("one.csv", [*one, ["9", "ninth", "", ""]]), ("sub/two.csv", [*two, ["10", "tenth", "", ""]])]
    inputs = drop(
        *((name, as_csv(table)) for name, table in files), media=images(*sorted(names)), settings=LIMITS
    )
    assert_sound(check_batch(inputs, settings=LIMITS))


@pytest.mark.slow
@quick
@given(names=given_names, same=st.booleans())
def test_counts_of_images_without_a_table_add_up(names: set[str], same: bool) -> None:
    media = images(*sorted(names), content="same" if same else None)
    checked = check_batch(drop(media=media), settings=LIMITS)
    assert_sound(checked)
    assert len(checked.posts) == (min(1, len(names)) if same else len(names))


@pytest.mark.slow
@settings(quick, max_examples=300)
@given(
    content=st.binary(max_size=300)
    | texts.map(str.encode)
    | st.binary(max_size=60).map(lambda tail: b"id,text\n1," + tail)
    | st.binary(max_size=60).map(lambda tail: b"PK\x03\x04" + tail),
    ending=st.sampled_from([".csv", ".tsv", ".json", ".ndjson", ".xlsx", ""]),
)
@example(content=b',!\r"', ending=".csv")  # an open quotation mark in a row that is shorter than the header
def test_any_bytes_make_a_table_or_are_refused(content: bytes, ending: str) -> None:
    try:
        read = parse_table(InputFile("posts" + ending, content))
    except RefusedError:
        return
    assert read.n_rows > 0
    assert len(set(read.columns)) == len(read.columns)
    assert_sound(check_batch(drop(("posts" + ending, content)), settings=LIMITS))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)
posts = st.lists(
    st.dictionaries(st.sampled_from(["id", "text", "likes", "image", "date", "x"]), json_values), max_size=5
)


@pytest.mark.slow
@quick
@given(value=json_values | posts, lines=st.booleans())
def test_any_json_makes_a_table_or_is_refused(value: object, lines: bool) -> None:
    values = value if lines and isinstance(value, list) else [value]
    content = "\n".join(json.dumps(each) for each in values)
    try:
        inputs = drop(("posts.json", content), settings=LIMITS)
    except RefusedError:
        return
    assert_sound(check_batch(inputs, settings=LIMITS))


@quick
@given(sheet=st.text(st.sampled_from('<>/rowc v="A1ZB9'), max_size=80))
def test_any_sheet_makes_a_table_or_is_refused(sheet: str) -> None:
    try:
        read = parse_table(InputFile("posts.xlsx", workbook(("S", sheet))))
    except RefusedError:
        return
    assert read.n_rows > 0


@pytest.mark.slow
@quick
@example(written=["\xad"], delimiter=",", codec="utf-8")  # a soft hyphen alone is nothing to read
@example(written=["\r\t", "\r\t"], delimiter="\t", codec="utf-8")  # each line has one tab
@given(
    written=st.lists(
        st.text(
            st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff")
            | st.sampled_from("\n\r\t")
        ),
        min_size=1,
    ),
    delimiter=st.sampled_from(",;\t|"),
    codec=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_texts_come_through_a_csv_unchanged(written: list[str], delimiter: str, codec: str) -> None:
    table = io.StringIO()
    writer = csv.writer(table, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([["id", "text"], *([f"n{place}", text] for place, text in enumerate(written))])
    inputs = drop(("posts.csv", table.getvalue().encode(codec)))
    assert inputs.tables[0].rows["text"].tolist() == written
    assert check_batch(inputs).posts["text"].tolist() == [
        text for text in read_texts(written) if has_text(text)
    ]


@quick
@given(st.lists(st.text(max_size=20)))
def test_any_column_names_and_values_can_be_guessed_and_read(values: list[str]) -> None:
    guess_mapping(values)
    times = read_times(values)
    assert len(times) == len(values)
    assert all(time is None or time.utcoffset().total_seconds() == 0 for time in times)
    assert all(count is None or abs(count) < 2**63 for count in map(read_count, values))
