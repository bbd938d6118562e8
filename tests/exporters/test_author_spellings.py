"""Spellings that count as one author in queries get one pseudonym in exports."""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

import duckdb
import pytest

from analysis import query
from analysis.exporters.pseudonyms import Pseudonyms, normalise_name
from analysis.posts import post_frame
from analysis.query import EVERY_POST, Filters
from analysis.query.found_values import fold_sql
from tests.exporters.private_posts import SALT
from tests.scored import new_batch, score

SPELLINGS = ("Zoé", "@zoé", "＠ZOE\u0301", "Ｚｏé", "zo\u200bé", "\u2060@ Zoé ", "\ufeffzoé\xad")


def test_spellings_of_one_author_count_together_and_have_one_pseudonym(tmp_path: Path) -> None:
    rows = [
        {"post_id": f"p{row}", "text": "x", "author": name} for row, name in enumerate((*SPELLINGS, "Zo"))
    ]
    batch = score(new_batch(tmp_path, post_frame(rows)))
    found = query.count_values(batch, EVERY_POST, "author").table
    assert dict(zip(found["key"], found["posts"], strict=True)) == {"zoé": len(SPELLINGS), "zo": 1}
    assert len({Pseudonyms(SALT).user(name) for name in SPELLINGS}) == 1
    for name in SPELLINGS:
        assert query.count_matching_posts(batch, Filters(authors=(name,))) == len(SPELLINGS)
        assert len(query.find_authors(batch, [name], 1.0)) == 1
    assert query.find_authors(batch, [], 0.8) == query.find_authors(batch, ["zoé"], 1.0)


@pytest.mark.slow
def test_letters_that_count_as_equal_have_equal_pseudonyms() -> None:
    letters = [chr(point) for point in range(1, sys.maxunicode + 1) if not 0xD800 <= point < 0xE000]
    sql = f"SELECT letter, {fold_sql('author', 'letter')} FROM (SELECT unnest($letters) AS letter)"
    by_key = defaultdict(set)
    for letter, key in duckdb.execute(sql, {"letters": letters}).fetchall():
        by_key[key].add(normalise_name(letter))
    assert {key: names for key, names in by_key.items() if len(names) > 1} == {}
