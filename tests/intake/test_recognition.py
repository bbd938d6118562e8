"""What a table is recognised as, in words."""

from __future__ import annotations

from dataclasses import replace

from analysis.intake.recognition import CHOSEN, recognise_table
from tests.intake.drops import drop

TIKTOK = (
    '{"item_id": 1, "timestamp_collected": 1, "data": {"desc": "Good day", "createTime": 1681615724, '
    '"author": {"uniqueId": "ada"}}}'
)


def test_a_source_is_certain_of_its_columns() -> None:
    (table,) = drop(("tiktok.ndjson", TIKTOK)).tables
    found = recognise_table(table)
    assert (found.source, found.confidence) == ("Zeeschuimer, TikTok", 1.0)
    assert found.mapping.text == "data.desc"
    assert found.reason("text", found.mapping) == "from the format of the source"
    assert found.reason("likes", found.mapping) == ""


def test_guesses_have_a_reason_and_the_lowest_confidence_counts() -> None:
    (table,) = drop(("posts.csv", "Full Text,pictures of it\nWhat a day,a.png\nSo much rain,b.png\n")).tables
    found = recognise_table(table)
    assert found.source == ""
    assert found.reason("text", found.mapping) == "guessed from its name (100 %)"
    assert 0 < found.confidence < 1


def test_a_column_of_the_analyst_is_a_choice() -> None:
    (table,) = drop(("posts.csv", "text,other\nWhat a day,x\n")).tables
    found = recognise_table(table)
    assert found.reason("text", replace(found.mapping, text="other")) == CHOSEN


def test_expected_fields_that_are_not_there_are_missing() -> None:
    (table,) = drop(("posts.csv", "text,author\nWhat a day,ada\n")).tables
    assert recognise_table(table).missing(with_images=False) == ("created_at",)
    assert recognise_table(table).missing(with_images=True) == ("created_at", "images")
