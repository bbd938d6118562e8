"""Posts with the same words stay separate, and so do those whose ids a spreadsheet rounded."""

from __future__ import annotations

import pytest

from analysis.intake import check_batch
from analysis.intake.ids import RoundedIds
from analysis.posts import compute_post_id
from tests.intake.drops import drop, posts_csv, sheet_rows, workbook

REPOSTS = (
    "text,author,date,likes\nBoycott NordCup now!,ann,2026-10-01,5\nBoycott NordCup now!,bob,2026-10-02,900\n"
    "Boycott NordCup now!,cyd,2026-10-03,12\nLovely cup,dan,2026-10-03,1\n"
)


def test_reposts_without_ids_are_posts_of_their_own_with_stable_ids() -> None:
    posts = check_batch(posts_csv(REPOSTS)).posts
    first = compute_post_id("Boycott NordCup now!", [])
    assert posts["author"].tolist() == ["ann", "bob", "cyd", "dan"]
    assert posts["post_id"].tolist()[:3] == [first, f"{first}-2", f"{first}-3"]
    assert check_batch(posts_csv(REPOSTS)).posts["post_id"].tolist() == posts["post_id"].tolist()


def test_posts_of_several_tables_without_ids_get_different_ids() -> None:
    checked = check_batch(drop(("a.csv", REPOSTS), ("b.csv", REPOSTS)))
    assert checked.posts["post_id"].nunique() == 8


@pytest.mark.slow
def test_many_equal_rows_take_time_linear_in_their_number() -> None:
    assert len(check_batch(posts_csv("text\n" + "same\n" * 20_000)).posts) == 20_000


def test_rows_that_share_a_rounded_id_are_kept_and_a_repeated_row_is_not() -> None:
    checked = check_batch(
        posts_csv(
            "id,text,author\n1.47743E+18,hello,ann\n1.47743E+18,bye,ann\n1.47743E+18,hello,bob\n"
            "1.47743E+18,bye,ann\n1.54266E+18,other,ann\n"
        )
    )
    assert checked.posts["post_id"].tolist() == [
        "1.47743E+18",
        "1.47743E+18-2",
        "1.47743E+18-3",
        "1.54266E+18",
    ]
    reasons = checked.rejected.set_index("kind")["reason"]
    assert reasons["row"].startswith("row 4 repeats the id 1.47743E+18 of row 2")
    assert reasons["column"].startswith("has 5 of 5 ids in 'id' that a spreadsheet has rounded")
    for counts in checked.counts.values():
        assert counts.received + counts.rejected == counts.expected


def find_rounded(ids: list[str]) -> list[int]:
    column = RoundedIds()
    column.observe(ids)
    return column.find(ids)


def test_whole_ids_are_not_taken_for_rounded_ones() -> None:
    whole = ["1477430000000000001", "1500112233445566778", "1500112233440010000", "17", "", "abc", "1e5x"]
    assert find_rounded(whole) == []


@pytest.mark.parametrize("post_id", ["1.23E+18", "1,23E+18", "1E18", "1.477e+18", "1500112233440010000"])
def test_rounded_ids_are_found(post_id: str) -> None:
    assert find_rounded(["", post_id, "5"]) == [1]


def test_a_workbook_gives_the_digits_that_it_shows() -> None:
    rows = sheet_rows(["id", "text", "share"], ["1.50011223344001e18", "a", 2.5])
    numbers = rows.replace(
        't="inlineStr"><is><t xml:space="preserve">1.50011223344001e18</t></is>',
        "><v>1.50011223344001e18</v>",
    )
    checked = check_batch(drop(("posts.xlsx", workbook(("S", numbers)))))
    assert checked.posts["post_id"].tolist() == ["1500112233440010000"]
