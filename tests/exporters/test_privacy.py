"""No export shows a name with pseudonyms, or a text with "scores only"."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from PIL import Image

from analysis import query
from analysis.attribution.ledger import WordValue
from analysis.columns import COLUMNS, Preset, report_columns
from analysis.errors import PostLensError
from analysis.exporters import (
    AS_GIVEN,
    CSV,
    PLAIN_CSV,
    ExplainedPost,
    Privacy,
    PrivacyLevel,
    export_explanation_html,
    export_summary_html,
    list_published_columns,
    preview_report,
    protect_explained_post,
    read_report_chunks,
    summarise_batch,
    write_report,
    write_report_table,
)
from analysis.exporters.file_names import name_report_file
from analysis.exporters.privacy import protect_post
from analysis.model.text import preprocess_text
from analysis.posts import post_frame
from analysis.query import EVERY_POST, Filters
from analysis.workspace import Batch, Workspace
from tests.charts.ledgers import BOTH, IMAGE
from tests.exporters.private_posts import (
    CONFIG,
    EXPORTERS,
    NAMES,
    PRIVATE,
    PSEUDONYMS,
    SCORES_ONLY,
    columns_of,
    rows_of,
    scored_posts,
    texts_with,
    written,
)
from tests.scored import HEADS, checked, media_with_image, new_batch, score, some_posts
from tests.scored import IMAGE as STORED


@pytest.mark.slow
@given(data=st.data(), name=NAMES)
@settings(max_examples=25, deadline=None)
def test_no_format_shows_a_name(data: st.DataObject, name: str) -> None:
    text, note = data.draw(texts_with(name)), data.draw(texts_with(name))
    extra = {
        "note": note, "writer": name.swapcase(), "link": f"https://a.b.org/{name}/12", "tags": [f"@{name}", 3],
        f"by @{name}": True, "raw": json.dumps({"user": {"login": name, "fans": 7}}),
    }  # fmt: skip
    row = {
        "post_id": f"{name}-1", "text": text, "author": data.draw(st.sampled_from([name, f"@{name.upper()}"])),
        "images": [STORED], "image_names": [f"{name}.jpg"], "source": f"{name}/posts.csv", "extra": json.dumps(extra),
    }  # fmt: skip
    posts = scored_posts(post_frame([row]))
    assert name.casefold() in written(posts, PLAIN_CSV, AS_GIVEN).casefold()
    for exporter in EXPORTERS:
        for privacy in PRIVATE:
            shown = written(posts, exporter, privacy)
            assert name.casefold() not in shown.casefold()
            assert name.casefold().encode("unicode-escape").decode() not in shown.casefold()


@pytest.mark.slow
@given(data=st.data(), name=NAMES)
@settings(max_examples=8, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_no_summary_shows_a_name(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, name: str
) -> None:
    rows = [
        {
            "post_id": f"{name}-{number}", "text": data.draw(texts_with(name)), "author": f"@{name}",
            "extra": json.dumps({"writer": name.upper(), "place": "Rome"}), "source": f"{name}.csv", "likes": 5,
            "images": [STORED], "image_names": [f"{name}.jpg"],
        }
        for number in range(3)
    ]  # fmt: skip
    folder = tmp_path_factory.mktemp("summary")
    batch = Workspace(folder / "home").create(
        checked(post_frame(rows)),
        media_with_image(folder / "media"),
        f"{name}_posts.csv",
        "spring",
        (),
        ("writer", "place"),
    )
    score(batch)
    filters = Filters(search=name, own_0=(name.upper(),))
    pages = {
        privacy: export_summary_html(summarise_batch(batch, filters, CONFIG, None, privacy))
        for privacy in (AS_GIVEN, *PRIVATE)
    }
    assert all((name.casefold() in page.casefold()) == (key == AS_GIVEN) for key, page in pages.items())
    assert "Rome" in pages[PSEUDONYMS]
    assert "<img" in pages[PSEUDONYMS]
    assert PSEUDONYMS.pseudonyms.user(name) in pages[PSEUDONYMS]
    assert "Search: not shown" in pages[PSEUDONYMS]


def test_scores_only_has_ids_times_and_the_same_scores() -> None:
    posts = scored_posts(some_posts(12).assign(source="secret.csv"))
    given_rows, rows = rows_of(posts, AS_GIVEN), rows_of(posts, SCORES_ONLY)
    left_out = set(given_rows[0]) - set(rows[0])
    assert left_out == {
        "text", "author", "images", "likes", "shares", "comments", "source", "row", "top_words", "original: campaign",
        "original: reach", "hashtags", "mentions", "emoji", "domains",
    }  # fmt: skip
    pseudonyms = {"post_id", "copy_of"}
    assert [{name: row[name] for name in row if name not in pseudonyms} for row in rows] == [
        {name: row[name] for name in rows[0] if name not in pseudonyms} for row in given_rows
    ]
    assert [row["post_id"] for row in rows] == [SCORES_ONLY.pseudonyms.post(f"p{i}") for i in range(12)]
    assert {row["copy_of"] for row in rows} == {rows[0]["post_id"]}
    for exporter in EXPORTERS:
        shown = written(posts, exporter, SCORES_ONLY)
        assert not any(
            word in shown for word in ("Post number", "author1", "photo", "spring", "autumn", "secret")
        )


def test_pseudonyms_change_nothing_but_names() -> None:
    posts = scored_posts(some_posts(12))
    given_rows, rows = rows_of(posts, AS_GIVEN), rows_of(posts, PSEUDONYMS)
    changed = {
        name for old, new in zip(given_rows, rows, strict=True) for name in old if old[name] != new[name]
    }
    assert changed == {"post_id", "author", "images", "source", "copy_of"}
    assert [row["author"] for row in rows][:2] == ["", PSEUDONYMS.pseudonyms.user("author1")]


def test_the_default_is_as_given() -> None:
    posts = scored_posts(some_posts(6))
    columns = columns_of(posts)
    (plain,), (chosen,) = read_report_chunks([posts], columns), read_report_chunks([posts], columns, AS_GIVEN)
    pd.testing.assert_frame_equal(plain, chosen)
    assert list_published_columns(columns, AS_GIVEN) == list(columns)


def test_types_stay_those_of_the_columns() -> None:
    posts = scored_posts(some_posts(6))
    columns = [column for column in columns_of(posts) if not column.name.startswith("original")]
    target = io.BytesIO()
    exporter = next(each for each in EXPORTERS if each.name == "parquet")
    exporter.write(
        read_report_chunks([posts], columns, PSEUDONYMS), list_published_columns(columns, PSEUDONYMS), target
    )
    schema = pq.read_table(io.BytesIO(target.getvalue())).schema
    assert [field.type for field in schema if field.name != "images"] == [
        column.type for column in columns if column.name != "images"
    ]


def test_a_report_without_a_column_of_scores_is_refused(tmp_path: Path) -> None:
    batch = score(new_batch(tmp_path))
    columns = [column for column in report_columns(HEADS) if column.name in ("text", "author")]
    with pytest.raises(PostLensError, match=r"would have no columns\. Choose columns of scores"):
        write_report_table(batch, EVERY_POST, columns, io.BytesIO(), CSV, SCORES_ONLY)


@pytest.mark.slow
@pytest.mark.parametrize("privacy", PRIVATE)
def test_preview_and_files_are_equally_private(tmp_path: Path, privacy: Privacy) -> None:
    batch = score(new_batch(tmp_path))
    columns = report_columns(HEADS, query.list_own_columns(batch))
    target = io.BytesIO()
    assert write_report_table(batch, EVERY_POST, columns, target, CSV, privacy) == 20
    header, *rows = csv.reader(io.StringIO(target.getvalue().decode("utf-8-sig"), newline=""))
    shown = preview_report(batch, EVERY_POST, columns, 5, privacy=privacy)
    assert (list(shown.columns), shown.to_numpy().tolist()) == (header, rows[:5])
    assert b"author1" not in target.getvalue()
    assert write_report(batch, EVERY_POST, columns, lambda *_: None, lambda: False, CSV, privacy)
    (path,) = batch.report_paths()
    assert path.read_bytes() == target.getvalue()
    assert path.name.endswith(f"{privacy.level.file_suffix}.csv")


def test_file_names_say_the_level_and_no_search(tmp_path: Path) -> None:
    batch = new_batch(tmp_path)
    batch.rename("About Ann")
    filters = Filters(search="@ann", uncertain=True, own_0=("Ann",))
    names = [name_report_file(batch, filters, ".csv", level=level) for level in PrivacyLevel]
    assert [re.sub(r"-\d{4}-\d\d-\d\d", "", name) for name in names] == [
        "about-ann-ann-ann-uncertain.csv", "spring-uncertain-pseudonyms.csv", "spring-uncertain-scores-only.csv",
    ]  # fmt: skip


def summary_page(batch: Batch, privacy: Privacy) -> str:
    return export_summary_html(summarise_batch(batch, EVERY_POST, CONFIG, None, privacy))


@pytest.mark.slow
def test_a_summary_of_scores_only_says_that_it_shows_no_posts(tmp_path: Path) -> None:
    batch = score(new_batch(tmp_path))
    page, as_given = summary_page(batch, SCORES_ONLY), summary_page(batch, AS_GIVEN)
    assert "Notable posts</h2><p>Not shown: this report holds scores only, no texts and no pictures." in page
    assert "<img" in as_given
    assert "<img" not in page
    assert "Post number" in as_given
    assert "Post number" not in page
    levels = [summary_page(batch, privacy) for privacy in (AS_GIVEN, *PRIVATE)]
    assert [re.search(r"<h3>Privacy: (.*?)</h3>", each)[1] for each in levels] == [  # type: ignore[index]
        "as given", "pseudonyms", "scores only",
    ]  # fmt: skip


@pytest.mark.slow
def test_highlighted_words_of_a_summary_are_pseudonyms(tmp_path: Path) -> None:
    posts = some_posts(12).assign(text=[f"{i} happy, @Rain and sun" for i in range(12)], images=[[]] * 12)
    page = summary_page(
        score(new_batch(tmp_path, posts)), PSEUDONYMS
    )  # the words of the batch are @rain and sun
    assert "Rain" not in page
    assert re.search(rf'<span title="\+0\.42"[^>]*>@{PSEUDONYMS.pseudonyms.user("rain")}</span>', page)


def explained(text: str) -> ExplainedPost:
    words = tuple(
        WordValue(text[word.start : word.end], word.start, word.end, value)
        for value, word in enumerate(preprocess_text(text).words, start=1)
    )
    post = {"post_id": "1234567", "text": text, "author": "Ann", "image_names": ["ann.jpg"]}
    images = [(IMAGE.media_id, Image.new("RGB", (40, 20), "teal"))]
    scores = {"sentiment": {"negative": 0.1, "neutral": 0.3, "positive": 0.6}}
    return ExplainedPost(post, replace(BOTH, words=words), {"both": scores}, images, "compact@1a2b3c4d")


def test_an_explanation_keeps_its_highlights_next_to_pseudonyms() -> None:
    text = "see @bob.b and https://x.com/Ann/status/1 rain <b>"
    page = export_explanation_html(protect_explained_post(explained(text), PSEUDONYMS))
    assert not re.search(r"\bann\b|bob|1234567", page.split("<body>")[1], re.IGNORECASE)
    marked = re.findall(r'<span title="\+(\d+)\.00"[^>]*>(.*?)</span>', page)
    by_word = {word: int(value) for value, word in marked}
    numbers = {word.text: word.value for word in explained(text).ledger.words}
    ann = PSEUDONYMS.pseudonyms.user("ann")
    assert by_word[f"https://x.com/{ann}"] == numbers["https://x.com/Ann/status/1"]
    assert by_word["rain"] == numbers["rain"]
    assert "<img" in page
    assert "Privacy: pseudonyms" in page


def test_an_explanation_of_scores_only_has_values_and_no_post() -> None:
    page = export_explanation_html(protect_explained_post(explained("a rainy @bob"), SCORES_ONLY))
    assert not re.search("rainy|bob|1234567|ann.jpg|<img|<h2>Words|<h2>Images", page.split("<body>")[1])
    assert "Positive" in page
    assert "Privacy: scores only" in page
    assert protect_explained_post(explained("x"), AS_GIVEN).privacy is PrivacyLevel.EVERYTHING


def test_scores_only_never_publishes_likes_or_what_is_computed_from_them() -> None:
    columns = [replace(column, export=Preset.FULL) for column in COLUMNS]
    published = {column.name for column in list_published_columns(columns, SCORES_ONLY)}
    hidden = {"likes", "shares", "comments", "interactions", "platform", "hashtags", "author"}
    assert hidden <= {column.name for column in columns}
    assert not hidden & published
    post = {"post_id": "a", "likes": 3, "shares": 1, "comments": 0, "interactions": 4, "valence": 0.5}
    assert set(protect_post(post, SCORES_ONLY)) & set(post) == {"post_id", "valence"}
    assert protect_post(post, PSEUDONYMS)["interactions"] == 4
