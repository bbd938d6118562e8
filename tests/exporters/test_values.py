"""Hashtags, mentions, domains and authors in reports: shown as the chosen privacy allows."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from analysis import query
from analysis.exporters import AS_GIVEN, Privacy, export_summary_html, summarise_batch
from analysis.exporters.file_names import name_report_file
from analysis.posts import post_frame
from analysis.query import EVERY_POST, Filters
from analysis.workspace import Batch
from tests.exporters.private_posts import CONFIG, PSEUDONYMS, SCORES_ONLY, rows_of, scored_posts
from tests.scored import IMAGE, new_batch, score

TEXT = "#Rain #AnnSmith with @bob and @eve@host.org 😀 https://www.annsmith.blog/x https://example.org"
ANN, BOB = (PSEUDONYMS.pseudonyms.user(name) for name in ("AnnSmith", "bob"))


def some_values(n: int = 1) -> pd.DataFrame:
    extra = '{"platform": "<b>X</b>"}'
    rows = [{"post_id": f"p{row}", "text": TEXT, "author": "AnnSmith", "extra": extra} for row in range(n)]
    return post_frame(rows)


def test_reports_list_what_was_found_in_texts() -> None:
    (row,) = rows_of(scored_posts(some_values()), AS_GIVEN)
    assert row["hashtags"] == "AnnSmith;Rain"
    assert row["mentions"] == "bob;eve@host.org"
    assert row["emoji"] == "😀"
    assert row["domains"] == "annsmith.blog;example.org"


def test_pseudonyms_replace_mentions_and_the_author_and_keep_other_words() -> None:
    (row,) = rows_of(scored_posts(some_values()), PSEUDONYMS)
    assert row["hashtags"] == f"{ANN};Rain"
    assert row["mentions"] == f"{BOB};{PSEUDONYMS.pseudonyms.user('eve@host.org')}"
    assert f"@{BOB}" in row["text"]
    assert row["domains"] == f"{ANN}.blog;example.org"
    (row,) = rows_of(scored_posts(some_values()), SCORES_ONLY)
    assert not {"hashtags", "mentions", "emoji", "domains", "author"} & set(row)


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    return score(new_batch(tmp_path_factory.mktemp("values"), some_values(30)))


def page_of(batch: Batch, privacy: Privacy, filters: Filters = EVERY_POST) -> str:
    return export_summary_html(summarise_batch(batch, filters, CONFIG, None, privacy))


@pytest.mark.slow
def test_the_summary_shows_the_most_frequent_values_with_their_sentiments(batch: Batch) -> None:
    summary = summarise_batch(batch, EVERY_POST, CONFIG, None)
    groups = {group.title: group for group in summary.values}
    assert list(groups) == ["Hashtags", "Authors", "Platforms", "Languages"]
    counts = query.count_by(batch, EVERY_POST, "sentiment")
    (author,) = groups["Authors"].rows
    assert {name: posts for name, posts in author.posts.items() if posts} == dict(
        counts.itertuples(index=False)
    )
    page = page_of(batch, AS_GIVEN)
    assert "Most frequent</h2>" in page
    assert "#Rain" in page
    assert "&lt;b&gt;X&lt;/b&gt;" in page
    assert "<b>X" not in page


@pytest.mark.slow
def test_the_summary_lists_names_in_texts_unless_names_are_hidden(tmp_path: Path) -> None:
    posts = post_frame([{"post_id": f"p{row}", "text": "we had Nordic Bean again"} for row in range(4)])
    named = score(new_batch(tmp_path, posts))
    groups = {group.title: group for group in summarise_batch(named, EVERY_POST, CONFIG, None).values}
    assert [row.title for row in groups["Names"].rows] == ["Nordic Bean"]
    assert "Nordic Bean" in page_of(named, AS_GIVEN)
    assert "Names" not in [
        group.title for group in summarise_batch(named, EVERY_POST, CONFIG, None, PSEUDONYMS).values
    ]


@pytest.mark.slow
def test_the_summary_has_no_section_without_values(tmp_path: Path) -> None:
    plain = score(
        new_batch(tmp_path, post_frame([{"post_id": "a", "images": [IMAGE], "image_names": ["a.jpg"]}]))
    )
    assert summarise_batch(plain, EVERY_POST, CONFIG, None).values == []
    assert "Most frequent" not in page_of(plain, AS_GIVEN)


@pytest.mark.slow
def test_the_summary_hides_names_of_authors_in_values_and_filters(batch: Batch) -> None:
    filters = Filters(authors=("annsmith",), hashtags=("AnnSmith",))
    page = page_of(batch, PSEUDONYMS, filters)
    assert "annsmith" not in page.casefold()
    assert ANN in page
    assert "#Rain" in page
    assert "Author: not shown" in page
    assert "Hashtag: not shown" in page
    page = page_of(batch, SCORES_ONLY, filters)
    assert not any(word in page for word in ("Rain", "Authors", "Platforms", ANN))
    assert "Languages" in page
    assert "Author annsmith" in page_of(batch, AS_GIVEN, filters)


def test_names_of_private_files_have_no_authors_or_hashtags(batch: Batch) -> None:
    filters = Filters(authors=("annsmith",), hashtags=("rain",), languages=("en",))
    assert "annsmith-rain" in name_report_file(batch, filters, ".csv")
    private = name_report_file(batch, filters, ".csv", level=PSEUDONYMS.level)
    assert "annsmith" not in private
    assert "rain" not in private
    assert "-en-" in private
