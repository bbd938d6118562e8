"""No export shows a name with pseudonyms, or a text with "scores only"."""

from __future__ import annotations

import csv
import io
import json
import re
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from PIL import Image
from python_calamine import load_workbook

from analysis import query
from analysis.attribution.ledger import WordValue
from analysis.columns import Column, report_columns
from analysis.errors import PostLensError, WorkspaceError
from analysis.exporters import (
    AS_GIVEN,
    CSV,
    PLAIN_CSV,
    ExplainedPost,
    Privacy,
    PrivacyLevel,
    ReportExporter,
    export_explanation_html,
    export_summary_html,
    list_exporters,
    list_published_columns,
    preview_report,
    protect_explained_post,
    read_report_chunks,
    summarise_batch,
    write_report,
    write_report_table,
)
from analysis.exporters.pseudonyms import Pseudonyms
from analysis.exporters.report import name_report_file
from analysis.importers.matching import is_column_of_people
from analysis.model.presets import COMPACT
from analysis.model.text import preprocess_text
from analysis.posts import post_frame
from analysis.query import EVERY_POST, Filters
from analysis.workspace import Batch, Workspace, read_salt_file, read_workspace_salt
from tests.charts.ledgers import BOTH, IMAGE
from tests.scored import HEADS, checked, media_with_image, new_batch, score, scores_of, some_posts
from tests.scored import IMAGE as STORED

SALT = bytes(range(32))
PSEUDONYMS = Privacy(PrivacyLevel.PSEUDONYMS, SALT)
SCORES_ONLY = Privacy(PrivacyLevel.SCORES_ONLY, SALT)
PRIVATE = (PSEUDONYMS, SCORES_ONLY)
CONFIG = replace(COMPACT, heads=HEADS)
EXPORTERS = [*list_exporters(ReportExporter), PLAIN_CSV]
USER = re.compile(r"user_[0-9a-f]{12}")

NAMES = st.text(
    st.characters(categories=["Ll", "Lu", "Lo", "Nd"], include_characters="_"), min_size=8, max_size=15
).filter(lambda name: name.upper().casefold() == name.swapcase().casefold() == name.casefold())
"""Too long to be in a report by chance, and the same name in any case (unlike "ı", which is "I" in capitals)."""
FORMS = (
    "@{}", ".@{}", "＠{}", "@{}@mastodon.social", "{}@example.org", "<@U01|{}>", "@\u2068{}\u2069", "{{@{}@}}",
    "u/{}", "https://x.com/{}/status/1?s=20", "twitter.com/{}", "https://www.instagram.com/{}/", "https://tiktok.com/@{}/video/1",
    "t.me/{}", "https://mastodon.social/@{}/1", "https://m.example.org/users/{}/statuses/1", "www.reddit.com/user/{}",
    "https://out.example.org/?u=https%3A%2F%2Fx.com%2F{}%2Fstatus%2F1", "<a href='https://a.b/@{}'>@<span>{}</span></a>",
)  # fmt: skip


@st.composite
def texts_with(draw: st.DrawFn, name: str) -> str:
    """Random text with a name in several forms."""
    forms = draw(st.lists(st.sampled_from(FORMS), min_size=1, max_size=4))
    parts = [draw(st.text(max_size=12))]
    for form in forms:
        parts.append(form.replace("{}", draw(st.sampled_from([name, name.upper(), name.swapcase()]))))
        parts.append(draw(st.text(max_size=12)))
    return " ".join(parts)


def columns_of(posts: pd.DataFrame) -> tuple[Column, ...]:
    own = dict.fromkeys(key for extra in posts["extra"] for key in json.loads(extra))
    return report_columns(HEADS, own)


def scored_posts(posts: pd.DataFrame) -> pd.DataFrame:
    """Posts with scores, and with all words of their texts as top words, as `query.read_post_chunks` reads them."""
    words = [
        [(text[word.start : word.end], 0.5) for word in preprocess_text(text).words] for text in posts["text"]
    ]
    scores = scores_of(posts).drop(columns="post_id")
    return pd.concat([posts, scores], axis=1).assign(
        top_words=pd.Series(words, dtype=object), copies=0, copy_of=posts["post_id"].iloc[0]
    )


def everything_in(content: bytes, exporter: ReportExporter) -> str:
    """All that a reader of a report can see: headers, cells, and the sheet that explains the columns."""
    if exporter.name == "xlsx":
        workbook = load_workbook(io.BytesIO(content))
        return repr([workbook.get_sheet_by_name(name).to_python() for name in workbook.sheet_names])
    if exporter.name == "parquet":
        table = pq.read_table(io.BytesIO(content))
        return repr([table.schema.names, table.to_pylist()])
    return content.decode("utf-8-sig")


def written(posts: pd.DataFrame, exporter: ReportExporter, privacy: Privacy) -> str:
    target, columns = io.BytesIO(), columns_of(posts)
    exporter.write(
        read_report_chunks([posts], columns, privacy), list_published_columns(columns, privacy), target
    )
    return everything_in(target.getvalue(), exporter)


def rows_of(posts: pd.DataFrame, privacy: Privacy) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(written(posts, PLAIN_CSV, privacy), newline="")))


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


def test_a_person_has_one_pseudonym_and_another_salt_another() -> None:
    names = Pseudonyms(SALT)
    user = names.user("@Ann_Smith")
    assert USER.fullmatch(user)
    assert user == names.user("ann_smith") == names.user(" ANN_SMITH ")
    assert names.text("Hi @ANN_smith, see https://x.com/Ann_Smith/status/12 and ann_smith", "Ann_Smith") == (
        f"Hi @{user}, see https://x.com/{user} and {user}"
    )
    assert names.own_value("@ann_smith", "any", None, None) == f"@{user}"
    assert names.own_value("Ann_Smith", "any", "@ann_smith", None) == user
    assert names.own_value("Ann_Smith", "username", "@bob", None) == user
    assert names.own_value("Ann_Smith", "mood", "@bob", None) == "Ann_Smith"
    other = Pseudonyms(SALT[::-1])
    assert other.user("ann_smith") != user
    assert other.post("1234567") != names.post("1234567")
    assert names.post("ann_smith") != names.file("ann_smith") != user


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no names: a@ b, and/or 50% @ 3 / 4 u / x", "no names: a@ b, and/or 50% @ 3 / 4 u / x"),
        ("@ann@bob", "@[ann]@[bob]"),
        ("@ann.smith's @ann.", "@[ann.smith]'s @[ann]."),
        ("@आदित्य नमस्ते", "@[आदित्य] नमस्ते"),
        ("你好@人民日报：今天", "你好@[人民日报]：今天"),
        ("https://www.instagram.com/p/Abc12/ x", "https://www.instagram.com/p x"),
        ("https://t.co/AbC123 https://example.org/a/b", "https://t.co/… https://example.org/a/b"),
        ("https://mastodon.social/@ann/109, @ann@mastodon.social",
         "https://mastodon.social/@[ann], @[ann@mastodon.social]"),
        ("netflix.com/ann my-x.com/ann", "netflix.com/ann my-x.com/ann"),
        ("https://linkedin.com/in/andr%C3%A9-b/", "https://linkedin.com/in/[andré-b]"),
        ("I am Ann Smith (@Ann Smith), not Annabel", "I am [ann smith] (@[ann smith]), not Annabel"),
    ],
)  # fmt: skip
def test_names_are_found_in_all_their_forms(text: str, expected: str) -> None:
    names = Pseudonyms(SALT)
    wanted = re.sub(r"\[([^\]]+)\]", lambda found: names.user(found[1]), expected)
    assert names.text(text, "Ann Smith") == wanted


def test_top_words_do_not_show_parts_of_names() -> None:
    text = "so sad, @ann.smith and t.me/ann_b say annual rain"
    names = Pseudonyms(SALT)
    words = [(text[word.start : word.end], 0.1) for word in preprocess_text(text).words]
    shown = [word for word, _ in names.top_words(words, text, None)]
    assert {"sad", "annual", "rain"} <= set(shown)
    assert not {"@ann", "ann", "smith", "ann_b"} & set(shown)
    assert names.user("ann_b") in shown


def test_nested_and_strange_values_of_own_columns() -> None:
    names = Pseudonyms(SALT)
    value = {
        "user": {"screen_name": "Bob", "followers_count": 12, "id": 99},
        "entities": [{"text": "hi @bob"}],
    }
    bob = names.user("bob")
    expected = {
        "user": {"screen_name": bob, "followers_count": 12, "id": names.user("99")},
        "entities": [{"text": f"hi @{bob}"}],
    }
    assert names.own_value(value, "tweet", None, None) == expected
    assert json.loads(names.own_value(json.dumps(value), "tweet", None, None)) == expected
    assert (
        names.own_value("https://a.org/post/1234567", "link", None, "1234567")
        == f"https://a.org/post/{names.post('1234567')}"
    )
    assert [names.own_value(each, "x", "5", "1") for each in (None, True, 7, 0.5, "", "1", "[1,  2]")] == [
        None, True, 7, 0.5, "", "1", "[1,  2]",
    ]  # fmt: skip
    assert names.own_value(5, "x", "5", None) == names.user("5")
    deep: Any = "x"
    for _ in range(5_000):
        deep = [deep]
    assert names.own_value(deep, "x", None, None) == "…"


@pytest.mark.parametrize(
    "column", ["username", "in_reply_to_screen_name", "user.id", "E-mail", "mentioned_users"]
)
def test_columns_of_people_are_known_by_name(column: str) -> None:
    assert is_column_of_people(column)


@pytest.mark.parametrize(
    "column", ["campaign", "user_followers_count", "author.fans", "id", "name", "user_created_at"]
)
def test_columns_of_other_things_are_not(column: str) -> None:
    assert not is_column_of_people(column)


def test_scores_only_has_ids_times_and_the_same_scores() -> None:
    posts = scored_posts(some_posts(12).assign(source="secret.csv"))
    given_rows, rows = rows_of(posts, AS_GIVEN), rows_of(posts, SCORES_ONLY)
    left_out = set(given_rows[0]) - set(rows[0])
    assert left_out == {
        "text", "author", "images", "likes", "shares", "comments", "source", "row", "top_words", "original: campaign",
        "original: reach",
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
    filters = Filters(search="@ann", uncertain=True, own_0=("Ann",))
    names = [name_report_file(batch, filters, ".csv", level=level) for level in PrivacyLevel]
    assert [re.sub(r"-\d{4}-\d\d-\d\d", "", name) for name in names] == [
        "spring-ann-ann-uncertain.csv", "spring-uncertain-pseudonyms.csv", "spring-uncertain-scores-only.csv",
    ]  # fmt: skip


def summary_page(batch: Batch, privacy: Privacy) -> str:
    return export_summary_html(summarise_batch(batch, EVERY_POST, CONFIG, None, privacy))


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


def test_the_salt_of_a_workspace_is_made_once_and_private(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with ThreadPoolExecutor(8) as pool:
        salts = set(pool.map(lambda _: read_workspace_salt(home), range(24)))
    assert len(salts) == 1
    (path,) = home.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(salts.pop()) == 32
    assert read_workspace_salt(tmp_path / "other") != read_workspace_salt(home)


@pytest.mark.parametrize("content", [b"", b"ab" * 31, b"not hexadecimal", b"ab" * 3_000])
def test_another_file_is_no_salt_and_is_not_overwritten(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    with pytest.raises(WorkspaceError, match=r"notes\.txt is not a salt .* Choose another file"):
        read_salt_file(path)
    assert path.read_bytes() == content


def test_the_salt_is_neither_shown_nor_forgotten() -> None:
    assert str(SALT) not in repr(PSEUDONYMS) + repr(PSEUDONYMS.pseudonyms)
    assert "salt" not in repr(PSEUDONYMS)
    with pytest.raises(ValueError, match="need a salt"):
        Privacy(PrivacyLevel.PSEUDONYMS)
