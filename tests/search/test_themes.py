"""Themes: groups of similar posts, found without being asked for."""

from __future__ import annotations

import sys
import unicodedata
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from analysis import query
from analysis.columns import report_columns
from analysis.columns.modalities import TEXT_AND_IMAGE
from analysis.columns.themes import THEME_COLUMN
from analysis.errors import ScoringError, WorkspaceError
from analysis.exporters.headline import Group
from analysis.exporters.privacy import Privacy, PrivacyLevel, protect_post
from analysis.exporters.summary import summarise_batch
from analysis.query import Filters
from analysis.search import find_themes, theme_groups
from analysis.search.theme_terms import (
    choose_different,
    choose_names,
    find_themes_of_one_author,
    find_typical_terms,
    split_posts,
    split_terms,
    weigh_words,
)
from analysis.search.theme_vectors import Correction
from analysis.workspace import Batch, Workspace, write_themes
from tests.planted_themes import (
    EACH,
    N_POSTS,
    NOISE,
    PLANTED,
    planted_batch,
    planted_group,
    store_planted_themes,
)
from tests.scored import HEADS, new_batch, score

CONFIG = SimpleNamespace(heads=HEADS, modalities=TEXT_AND_IMAGE, languages=())


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """Four groups of 40 posts, and twelve posts of none."""
    return planted_batch(tmp_path_factory.mktemp("themes"))


def reopen(batch: Batch) -> Batch:
    return Workspace(batch.folder.parents[1], batch.settings).open(batch.id)


@pytest.mark.slow
def test_finds_planted_themes_and_the_same_ones_again(batch: Batch) -> None:
    pytest.importorskip("bertopic")
    found, again = find_themes(batch, seed=3), find_themes(batch, seed=3)
    assert found
    assert again
    assert len(found.names) == len(PLANTED)
    for number, terms in enumerate(found.terms):
        positions = np.flatnonzero(found.theme == number)
        groups = [group for position in positions if (group := planted_group(position)) < len(PLANTED)]
        most = max(set(groups), key=groups.count)
        assert groups.count(most) >= 0.9 * EACH
        assert set(groups) == {most}  # besides posts of no group, some of which are near one
        assert set(split_terms(PLANTED[most])) <= set(terms[:4])
    assert (found.names, found.terms) == (again.names, again.terms)
    assert found.theme.tolist() == again.theme.tolist()
    assert np.array_equal(found.x, again.x, equal_nan=True)


@pytest.mark.slow
def test_posts_that_were_not_drawn_get_the_nearest_theme(tmp_path: Path) -> None:
    pytest.importorskip("bertopic")
    batch = planted_batch(tmp_path, theme_posts=120)
    found = find_themes(batch)
    assert found
    assert found.fitted == 120
    for group in range(len(PLANTED)):
        themes = [
            found.theme[position] for position in range(N_POSTS - NOISE) if planted_group(position) == group
        ]
        most = max(set(themes), key=themes.count)
        assert most < len(found.names)
        assert themes.count(most) >= 0.75 * EACH


def test_a_step_can_stop_the_work(batch: Batch) -> None:
    begun: list[str] = []
    assert find_themes(batch, step=lambda name: begun.append(name) or name != "grouping") is None
    assert begun == ["reading", "grouping"]


def test_a_missing_package_is_named_with_its_extra(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bertopic", None)
    with pytest.raises(ScoringError, match=r"pip install postlens\[themes\]"):
        find_themes(batch)


def test_few_posts_have_no_themes(tmp_path: Path) -> None:
    with pytest.raises(ScoringError, match="has 20 scored posts; themes need 30 or more"):
        find_themes(score(new_batch(tmp_path)))


def test_terms_are_words_hashtags_and_emoji_of_any_language() -> None:
    text = (
        "@ann {{USERNAME}} The CAFÉ's #Latte ☕ at https://a.example/x bit.ly/y {@Some Team@} is 12 big_ann"
    )
    assert split_terms(text) == ["the", "café", "#latte", "☕"]
    assert split_terms("電車が") == ["電車", "車が"]
    decomposed = unicodedata.normalize("NFD", "Amélie #München")
    assert split_terms(decomposed) == ["amélie", "#münchen"]


def test_stop_words_of_the_language_and_words_of_chats_are_left_out() -> None:
    assert split_terms("RT the coffee &amp; and lol hahaha don't dont", ("en",)) == ["coffee"]
    assert split_terms("der Kaffee und the war", ("de",)) == ["kaffee", "the"]
    assert split_terms("que l'espresso est très bon", ("fr",)) == ["espresso"]
    assert split_terms("und que", ("zz",)) == ["und", "que"]


def test_names_are_different() -> None:
    names = choose_names([["music", "band", "gig", "song"], ["music", "band", "gig"], []], [False] * 3)
    assert names == ["music · band · gig", "music · band · gig (2)", "Posts without common words"]


def test_a_theme_of_one_author_is_named_by_what_the_author_says() -> None:
    pytest.importorskip("bertopic")
    texts = ["win a voucher", "voucher prize draw", "last voucher draw", "rain today", "rain again"]
    posts = posts_of(texts, ["pat", "pat", "pat", "ann", None], ["en"] * 5)
    themes = np.array([0, 0, 0, 1, 1])
    terms = find_terms(posts, themes, 2, 3)
    is_of_one = find_themes_of_one_author(posts["author"], themes, 2)
    assert is_of_one == [True, False]
    assert terms[0][:2] == ["voucher", "draw"]
    assert choose_names(terms, is_of_one)[0].endswith(" (one author)")
    assert find_themes_of_one_author(pd.Series([None, None]), np.array([0, 0]), 1) == [False]


def test_terms_are_not_forms_of_earlier_ones() -> None:
    assert choose_different(["music", "#music", "musical", "band", "bandwagon", "gig"], 4) == [
        "music", "band", "bandwagon", "gig",
    ]  # fmt: skip


def posts_of(texts: list[str], authors: list[str | None], languages: list[str | None]) -> pd.DataFrame:
    return pd.DataFrame({"text": texts, "author": authors, "language": languages}, dtype=object)


def find_terms(posts: pd.DataFrame, themes: np.ndarray, n_themes: int, most: int) -> list[list[str]]:
    return find_typical_terms(split_posts(posts), posts["author"], themes, n_themes, most)


@pytest.mark.slow
def test_a_repeated_post_and_a_busy_author_do_not_name_a_theme() -> None:
    pytest.importorskip("bertopic")
    texts = [f"espresso beans {word}" for word in ("dark", "fresh", "cheap")]
    texts += ["buy crypto now"] * 20 + [f"crypto coins {number}x" for number in range(20)]
    authors = ["ann", "ben", "cem", *[f"bot{number}" for number in range(20)], *["dan"] * 20]
    others = [f"rain day {word}" for word in ("wet", "grey", "cold")]
    posts = posts_of([*texts, *others], [*authors, "eve", "fay", "gus"], ["en"] * (len(texts) + 3))
    themes = np.array([0] * len(texts) + [1] * 3)
    first, second = find_terms(posts, themes, 2, 10)
    assert set(first[:2]) == {"espresso", "beans"}
    assert set(second) == {"rain", "day"}


def test_terms_have_no_stop_words_of_the_main_language_or_of_the_post() -> None:
    pytest.importorskip("bertopic")
    texts = [
        "the coffee machine",
        "the coffee is cold",
        "der Kaffee und die Tasse",
        "the Kaffee und Kuchen",
        "the und coffee",
    ]
    posts = posts_of(texts, [None] * 5, ["en", "en", "de", "de", None])
    assert sorted(find_terms(posts, np.zeros(5, int), 1, 10)[0]) == ["coffee", "kaffee"]


def test_a_batch_of_pictures_has_themes_without_terms() -> None:
    pytest.importorskip("bertopic")
    posts = posts_of(["", ""], [None, None], [None, None])
    assert find_terms(posts, np.array([0, 0]), 1, 10) == [[]]


def test_vectors_are_centred_within_each_language() -> None:
    chance = np.random.default_rng(0)
    subject = np.eye(8)[chance.integers(0, 2, 200)]
    languages = pd.Series(["en"] * 100 + ["de"] * 90 + [None] * 10, dtype=object)
    offset = np.where((languages == "de").to_numpy()[:, None], 3 * np.eye(8)[5], 3 * np.eye(8)[6])
    text = (subject + offset + chance.normal(scale=0.01, size=(200, 8))).astype(np.float32)
    image = np.full((200, 8), np.nan, np.float32)
    vectors = {"image": image, "text": text}
    correction = Correction.of_sample(vectors, languages, pd.Series(["neutral"] * 200))
    assert list(correction.languages) == ["de", "en"]
    joined = correction.join(vectors, languages)
    similarity = joined @ joined.T
    is_same = subject @ subject.T > 0
    between = np.ix_(range(100), range(100, 190))
    assert similarity[between][is_same[between]].min() > 0.9
    assert similarity[between][~is_same[between]].max() < -0.5


def test_posts_of_rare_languages_are_centred_together() -> None:
    languages = pd.Series(["en"] * 60 + ["fi"] * 40 + [None] * 20, dtype=object)
    text = np.zeros((120, 4), np.float32)
    text[:60, 0], text[60:, 1] = 1, 1
    correction = Correction.of_sample({"text": text}, languages, pd.Series(["neutral"] * 120))
    assert list(correction.languages) == ["en"]
    assert correction.by_modality["text"].tolist() == [[1, 0, 0, 0], [0, 1, 0, 0]]


def test_praise_and_complaints_about_one_subject_are_similar() -> None:
    chance = np.random.default_rng(0)
    subjects, is_positive = chance.integers(0, 2, 200), chance.integers(0, 2, 200)
    text = (np.eye(6)[subjects] + 2 * np.eye(6)[2 + is_positive]).astype(np.float32)
    text += chance.normal(scale=0.01, size=text.shape).astype(np.float32)
    languages = pd.Series(["en"] * 200, dtype=object)
    sentiments = pd.Series(np.where(is_positive, "positive", "negative"))
    joined = Correction.of_sample({"text": text}, languages, sentiments).join({"text": text}, languages)
    similarity = joined @ joined.T
    is_same = subjects[:, None] == subjects[None]
    assert similarity[is_same].min() > 0.9
    assert similarity[~is_same].max() < -0.5


def test_few_posts_of_a_sentiment_do_not_show_its_direction() -> None:
    text = np.eye(4, dtype=np.float32)[np.arange(100) % 4]
    sentiments = pd.Series(["positive"] * 60 + ["negative"] * 40)
    correction = Correction.of_sample({"text": text}, pd.Series(["en"] * 100, dtype=object), sentiments)
    assert not correction.sentiment.any()


def test_posts_are_compared_by_words_that_several_use() -> None:
    words = weigh_words([("rain", "wet"), ("rain", "cold"), ("rain",), ()]).toarray()
    assert words.shape == (4, 1)
    assert words.ravel().tolist() == [1, 1, 1, 0]
    assert not weigh_words([("rain",), ()]).toarray().any()


def test_groups_are_merged_by_vectors_and_words() -> None:
    groups = np.repeat([0, 1, 2, -1], 20)
    angles = np.repeat([0.0, 1.4, -1.4, 0.0], 20)
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    terms = [("train", f"a{i}") for i in range(40)] + [("lamp",)] * 20 + [("train",)] * 20
    merged = theme_groups.merge_similar(vectors, weigh_words(terms), groups)
    assert len(set(merged[:40])) == 1
    assert merged[40] not in (merged[0], -1)
    assert set(merged[60:]) == {-1}


def test_stored_themes_are_read_again(batch: Batch) -> None:
    stored, read = store_planted_themes(batch), reopen(batch).themes
    assert read
    assert (read.names, read.terms, read.fitted, read.seed) == (stored.names, stored.terms, N_POSTS, 0)
    assert read.found == stored.found == "2026-11-03T14:05:00+00:00"
    for name in ("theme", "closeness", "x", "y"):
        assert np.array_equal(getattr(read, name), getattr(stored, name), equal_nan=name != "theme")


def test_themes_of_another_model_do_not_count(tmp_path: Path) -> None:
    batch = score(new_batch(tmp_path))
    store_planted_themes(batch)
    batch.set_bundle("other@1")
    assert reopen(batch).themes is None


def test_damaged_themes_are_refused(tmp_path: Path) -> None:
    batch = score(new_batch(tmp_path))
    write_themes(batch, store_planted_themes(batch))
    path = batch.folder / "themes.parquet"
    path.write_bytes(path.read_bytes()[:-20] + b"x" * 20)
    with pytest.raises(WorkspaceError, match="has damaged themes"):
        _ = reopen(batch).themes


def test_posts_are_counted_and_filtered_by_theme(batch: Batch) -> None:
    store_planted_themes(batch)
    opened = reopen(batch)
    counts = query.count_themes(opened).set_index("theme")
    assert counts["posts"].to_dict() == {0: EACH, 1: EACH, 2: EACH, 3: EACH, 4: NOISE}
    assert counts.loc[:3, "closeness"].between(0.5, 0.9).all()
    assert (counts["later"] <= counts["dated"]).all()
    assert counts["dated"].sum() / 3 < counts["later"].sum() < counts["dated"].sum() / 2 + 1
    assert (counts[["negative", "neutral", "positive"]].sum(axis=1) == counts["posts"]).all()
    only = Filters(theme=("goal · match", "no theme"))
    assert query.count_matching_posts(opened, only) == EACH + NOISE
    assert query.count_matching_posts(opened, Filters(theme=("unknown",))) == 0
    assert list(query.count_themes(opened, Filters(theme=("goal · match",)))["theme"]) == [1]


def test_no_post_has_a_theme_before_they_are_found(tmp_path: Path) -> None:
    assert query.count_matching_posts(score(new_batch(tmp_path)), Filters(theme=("no theme",))) == 0


def test_typical_posts_are_the_nearest_to_their_theme(batch: Batch) -> None:
    store_planted_themes(batch)
    typical = query.read_typical_posts(reopen(batch), Filters(), [2, 0], each=3)
    assert {number: list(posts["post_id"]) for number, posts in typical.items()} == {
        2: ["p2", "p6", "p10"],
        0: ["p0", "p4", "p8"],
    }


def test_periods_of_themes_add_up(batch: Batch) -> None:
    store_planted_themes(batch)
    unit, periods = query.count_theme_periods(reopen(batch), Filters(), [1])
    assert unit == "day"
    assert set(periods["theme"]) == {1}
    assert periods["amount"].sum() == EACH


def test_the_map_has_the_matching_posts(batch: Batch) -> None:
    store_planted_themes(batch)
    posts = query.read_theme_map(reopen(batch), Filters(theme=("goal · match",)))
    assert list(posts["post_id"][:2]) == ["p1", "p5"]
    assert len(posts) == EACH


def test_a_theme_is_a_column_of_posts_and_reports(batch: Batch) -> None:
    store_planted_themes(batch)
    opened = reopen(batch)
    page = query.read_page(opened, limit=N_POSTS)
    assert list(page["theme"][:3]) == ["coffee · espresso", "goal · match", "regen · zug"]
    assert page["theme"].value_counts()["no theme"] == NOISE
    assert query.read_post(opened, "p1")["theme"] == "goal · match"
    assert "theme" in {column.name for column in report_columns(HEADS, has_themes=True)}
    assert "theme" not in {column.name for column in report_columns(HEADS)}


def test_posts_are_broken_down_by_theme(batch: Batch) -> None:
    store_planted_themes(batch)
    found = query.count_values(reopen(batch), Filters(), THEME_COLUMN)
    expected = dict.fromkeys(("coffee · espresso", "goal · match", "regen · zug", "雨天 · 電車"), EACH)
    assert dict(zip(found.table["key"], found.table["posts"], strict=True)) == {**expected, "no theme": NOISE}
    _, periods = query.count_value_periods(reopen(batch), Filters(), THEME_COLUMN, ["goal · match"])
    assert periods["amount"].sum() == EACH


def test_the_summary_counts_themes_unless_only_scores_are_published(batch: Batch) -> None:
    store_planted_themes(batch)
    opened = reopen(batch)

    def count_groups(privacy: Privacy) -> dict[str, Group]:
        return {each.title: each for each in summarise_batch(opened, Filters(), CONFIG, None, privacy).groups}

    rows = count_groups(Privacy())["Themes"].rows
    assert rows[-1].title == "No theme"
    assert sum(sum(row.posts.values()) for row in rows) == N_POSTS
    private = Privacy(PrivacyLevel.SCORES_ONLY, b"salt" * 8)
    assert "Themes" not in count_groups(private)
    assert "theme" not in protect_post(query.read_post(opened, "p1"), private)
