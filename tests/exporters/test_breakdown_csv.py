"""The breakdown as CSV has every value in the order of the page, and hides names if privacy asks for it."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest

from analysis import query
from analysis.columns import Column, all_columns
from analysis.errors import PostLensError
from analysis.exporters import breakdown_csv
from analysis.exporters.breakdown_csv import export_breakdown_csv
from analysis.exporters.privacy import AS_GIVEN, Privacy
from analysis.posts import post_frame
from analysis.query import EVERY_POST, Filters
from analysis.workspace import Batch
from tests.exporters.private_posts import PSEUDONYMS, SCORES_ONLY
from tests.scored import FIRST_DAY, HEADS, new_batch, score

AUTHORS = ("ann", "=1+1", "Zoe")


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    rows = [
        {
            "post_id": f"p{row}",
            "text": f"#rain #tag{row} @{AUTHORS[row % 3].strip('=')} #{AUTHORS[0]}",
            "author": AUTHORS[row % 3],
            "created_at": FIRST_DAY + timedelta(hours=row),
            "likes": row or None,
        }
        for row in range(30)
    ]
    return score(new_batch(tmp_path_factory.mktemp("breakdown"), post_frame(rows)))


def column(name: str) -> Column:
    return next(each for each in all_columns(HEADS) if each.name == name)


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_every_value_is_there_in_the_order_of_the_page(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(breakdown_csv, "_VALUES_AT_ONCE", 7)
    filters = Filters(sentiments=("negative", "positive"))
    found = query.count_values(batch, filters, "hashtags", "likes", "negative", limit=1_000)
    rows = rows_of(export_breakdown_csv(batch, filters, column("hashtags"), "likes", "negative"))
    assert len(rows) == found.n_values > 14
    assert [row["value"] for row in rows] == list(found.table["title"])
    assert [int(row["likes"]) for row in rows] == list(found.table["amount"])
    assert [float(row["share"]) for row in rows] == pytest.approx(
        list(found.table["amount"] / found.amount), abs=1e-6
    )
    first = found.table.iloc[0]
    assert float(rows[0]["negative_share"]) == pytest.approx(first["negative"] / first["amount"], abs=1e-6)
    assert float(rows[0]["negative_low"]) == pytest.approx(first["low"], abs=1e-6)


def test_a_search_leaves_out_other_values(batch: Batch) -> None:
    rows = rows_of(export_breakdown_csv(batch, EVERY_POST, column("hashtags"), search="TAG1"))
    assert {row["value"] for row in rows} == {"tag1", *(f"tag{number}" for number in range(10, 20))}
    assert rows_of(export_breakdown_csv(batch, EVERY_POST, column("hashtags"), search="nothing")) == []


@pytest.mark.slow
def test_words_have_how_many_times_as_frequent_they_are(batch: Batch) -> None:
    found = query.count_values(batch, EVERY_POST, "words", order=query.UNUSUAL)
    rows = rows_of(export_breakdown_csv(batch, EVERY_POST, column("words"), order=query.UNUSUAL))
    assert [row["value"] for row in rows] == list(found.table["title"])
    times = [float(row["times_as_frequent"]) for row in rows]
    assert times == pytest.approx(list(found.table["times"]), abs=1e-6)
    others = rows_of(export_breakdown_csv(batch, EVERY_POST, column("hashtags")))
    assert "times_as_frequent" not in others[0]


def test_a_spreadsheet_runs_no_value(batch: Batch) -> None:
    rows = rows_of(export_breakdown_csv(batch, EVERY_POST, column("author")))
    assert {row["value"] for row in rows} == {"ann", "'=1+1", "Zoe"}


@pytest.mark.parametrize("name", ["author", "mentions"])
def test_with_pseudonyms_people_are_pseudonyms_of_the_report(batch: Batch, name: str) -> None:
    given = rows_of(export_breakdown_csv(batch, EVERY_POST, column(name), order="title"))
    hidden = rows_of(export_breakdown_csv(batch, EVERY_POST, column(name), order="title", privacy=PSEUDONYMS))
    names = PSEUDONYMS.pseudonyms
    assert {row["value"] for row in hidden} == {names.user(row["value"].lstrip("'")) for row in given}
    assert [row["value"] for row in hidden] == sorted(row["value"] for row in hidden)


def test_with_pseudonyms_a_hashtag_that_is_an_author_is_a_pseudonym(batch: Batch) -> None:
    rows = rows_of(export_breakdown_csv(batch, EVERY_POST, column("hashtags"), privacy=PSEUDONYMS))
    shown = {row["value"] for row in rows}
    assert "rain" in shown
    assert "ann" not in shown
    assert PSEUDONYMS.pseudonyms.user("ann") in shown


@pytest.mark.parametrize("name", ["names", "words"])
def test_names_and_words_in_texts_are_not_published_with_pseudonyms(batch: Batch, name: str) -> None:
    assert export_breakdown_csv(batch, EVERY_POST, column(name))
    with pytest.raises(PostLensError, match="may be names of people"):
        export_breakdown_csv(batch, EVERY_POST, column(name), privacy=PSEUDONYMS)


@pytest.mark.parametrize(("name", "weight"), [("author", "posts"), ("hashtags", "posts"), ("topic", "likes")])
def test_with_scores_only_neither_names_nor_likes_are_published(batch: Batch, name: str, weight: str) -> None:
    with pytest.raises(PostLensError, match="another level of privacy"):
        export_breakdown_csv(batch, EVERY_POST, column(name), weight, privacy=SCORES_ONLY)


@pytest.mark.parametrize("privacy", [AS_GIVEN, SCORES_ONLY])
def test_with_scores_only_topics_are_published_without_likes(batch: Batch, privacy: Privacy) -> None:
    rows = rows_of(
        export_breakdown_csv(
            batch, EVERY_POST, column("topic"), titles={"daily_life": "Daily life"}, privacy=privacy
        )
    )
    assert "Daily life" in {row["value"] for row in rows}
    assert sum(int(row["posts"]) for row in rows) == 30
    assert ("likes" in rows[0]) == privacy.shows_names
