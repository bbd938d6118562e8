"""Words and names that are more frequent in posts than in general texts: a known score, and new brands come first."""

from __future__ import annotations

import duckdb
import pandas as pd
import pytest
import wordfreq

from analysis import query
from analysis.general_words import read_general_words
from analysis.posts import post_frame
from analysis.query import EVERY_POST, UNUSUAL, Filters
from analysis.query.keyness import make_general_frequencies
from analysis.stop_words import read_stop_words
from analysis.workspace import Batch
from tests.scored import new_batch, score

TEXTS = (
    *["we saw Velqora in London today"] * 6,
    *["my Silver Oak chair and the velqora lamp"] * 4,
    *["rain in London, misspeld"] * 3,
    *["rain, coffee, coffee, #trakk42 and coffee"] * 5,
)


def frame(*texts: str) -> pd.DataFrame:
    rows = [
        {"post_id": f"p{row}", "text": text, "likes": 100 if "rain" in text else 1}
        for row, text in enumerate(texts)
    ]
    return post_frame(rows)


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    return score(new_batch(tmp_path_factory.mktemp("keyness"), frame(*TEXTS)))


def unusual(batch: Batch, by: str, filters: Filters = EVERY_POST, **how: object) -> pd.DataFrame:
    return query.count_values(batch, filters, by, order=UNUSUAL, **how).table.set_index("key")  # type: ignore[arg-type]


def general_rate(word: str) -> float:
    frequencies = wordfreq.get_frequency_dict("en")
    words = sum(each for name, each in frequencies.items() if name not in read_stop_words(("en",)))
    return 1e6 * frequencies.get(word, 0.0) / words


@pytest.mark.slow
@pytest.mark.parametrize("filters", [EVERY_POST, Filters(words=("london",))])
def test_the_score_is_that_of_kilgarriff(batch: Batch, filters: Filters) -> None:
    posts = query.count_values(batch, filters, "words").table.set_index("key")["posts"]
    table = unusual(batch, "words", filters)
    for word in ("velqora", "london"):
        expected = (1e6 * posts[word] / posts.sum() + 1) / (general_rate(word) + 1)
        assert table["times"][word] == pytest.approx(expected, rel=1e-6)


def test_frequent_new_words_come_before_rare_and_known_ones(batch: Batch) -> None:
    order = unusual(batch, "words").index.tolist()
    assert order[:3] == ["velqora", "trakk42", "misspeld"]


@pytest.mark.slow
def test_a_name_of_several_words_is_as_frequent_as_its_rarest_word(batch: Batch) -> None:
    table = unusual(batch, "names")
    n_words = query.count_values(batch, EVERY_POST, "words").table["posts"].sum()
    expected = (1e6 * table["posts"]["silver oak"] / n_words + 1) / (general_rate("oak") + 1)
    assert general_rate("oak") < general_rate("silver")
    assert table["times"]["silver oak"] == pytest.approx(expected, rel=1e-6)


def test_unusual_words_can_be_searched_and_paged_and_are_unusual_by_posts(batch: Batch) -> None:
    words = unusual(batch, "words")
    assert unusual(batch, "words", limit=2, offset=1).index.tolist() == words.index[1:3].tolist()
    assert unusual(batch, "words", search="OND").index.tolist() == ["london"]
    assert unusual(batch, "words", weight="likes")["times"].to_dict() == words["times"].to_dict()


def test_only_words_and_names_are_compared_with_general_texts(batch: Batch) -> None:
    assert query.count_values(batch, EVERY_POST, "author").table["times"].isna().all()
    with pytest.raises(ValueError, match="general texts"):
        query.count_values(batch, EVERY_POST, "author", order=UNUSUAL)


def general_frequencies(language: str, *words: str) -> list[float]:
    """Frequencies per million words in general texts of this language and English."""
    with duckdb.connect() as database:
        database.execute("CREATE TABLE values_words (id INTEGER, key VARCHAR)")
        database.executemany("INSERT INTO values_words VALUES (?, ?)", list(enumerate(words)))
        make_general_frequencies(database, "words", {language: 1})
        rows = database.execute("SELECT per_million FROM general_words ORDER BY id").fetchall()
    return [frequency for (frequency,) in rows]


@pytest.mark.slow
def test_words_are_looked_up_in_the_languages_of_the_posts() -> None:
    assert general_frequencies("de", "regen")[0] > 10 * general_frequencies("en", "regen")[0]
    assert general_frequencies("de", "weather") == general_frequencies("en", "weather")


@pytest.mark.slow
def test_numbers_and_other_letters_are_looked_up_as_the_lists_have_them() -> None:
    assert min(general_frequencies("de", "straße", "mp3", "1080p")) > 1
    assert general_frequencies("el", "κόσμος")[0] > 1
    assert general_frequencies("de", "trakk42", "velqora") == [0, 0]


@pytest.mark.slow
def test_pairs_of_chinese_characters_that_words_begin_and_end_with_are_expected() -> None:
    within, across, new = general_frequencies("zh", "喜欢", "我很", "沃糯")
    assert within > 100
    assert across > 50
    assert new < 1


def test_a_language_without_lists_has_no_frequencies() -> None:
    assert read_general_words("yo") is None
    large, small = (read_general_words("en", size) for size in ("large", "small"))
    assert large is not None
    assert small is not None
    assert 5 * len(small) < len(large)
