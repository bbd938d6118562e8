"""Hashtags, mentions, emoji, domains and platforms: what is found in texts, however hostile they are."""

from __future__ import annotations

import re
from pathlib import Path

import emoji
import pandas as pd
import pytest

from analysis.exporters.found_names import find_names
from analysis.posts import post_frame
from analysis.query import Filters, count_matching_posts, find_value_rows, list_values
from analysis.query.summary_table import get_query_snapshot
from analysis.query.value_tables import prepare_value_tables
from tests.query.compared import ids
from tests.scored import new_batch, score


def posts_of(*texts: str, **columns: list[str]) -> pd.DataFrame:
    rows = [
        {"post_id": f"p{row}", "text": text, **{name: values[row] for name, values in columns.items()}}
        for row, text in enumerate(texts)
    ]
    return post_frame(rows)


def found_in(text: str, column: str) -> set[str]:
    return set(list_values(posts_of(text), [column])[column][0])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("So nice #Travel, #snake_case! #2024goals", {"Travel", "snake_case", "2024goals"}),
        ("＃日本 #été #हिन्दी #Größe #می‌خواهم", {"日本", "été", "हिन्दी", "Größe", "می‌خواهم"}),
        ("#a#b (#c) .#d ##e", {"a", "b", "c", "d", "e"}),
        ("#1 of 3, c#sharp, x&#39;y, # alone, #️⃣", set()),
        ("https://x.org/#part www.x.org?q=#other HTTPS://X.ORG/#third #real", {"real"}),
        ("#<b>bold</b> #x<img src=x onerror=alert(1)> #[a](b) #$x^2$", {"x"}),
        ("", set()),
    ],
)
def test_hashtags(text: str, expected: set[str]) -> None:
    assert found_in(text, "hashtags") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@ann and .@Bob_2, (@c.d-e): @日本", {"ann", "Bob_2", "c.d-e", "日本"}),
        ("@ann@mastodon.social said hi to ＠eve", {"ann@mastodon.social", "eve"}),
        ("write to ann@host.org or a.b+c@mail.example.com", set()),
        ("https://medium.com/@ann tiktok.com/@bob www.x.org/@eve", set()),
        ("@ @- @@ @!", set()),
        ("@ann. @ann! @ANN", {"ANN"}),  # the largest of equally frequent spellings
    ],
)
def test_mentions(text: str, expected: set[str]) -> None:
    found = found_in(text, "mentions")
    assert found == expected or {each.lower() for each in found} == {each.lower() for each in expected}


@pytest.mark.parametrize(
    "one",
    ["😀", "👍🏽", "👨‍👩‍👧‍👦", "🇩🇪", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏳️‍🌈", "1️⃣", "#️⃣", "🤷🏻‍♀️", "❤️", "☀", "⌚", "©️", "🫱🏿‍🫲🏻"],
)
def test_an_emoji_is_one_whatever_it_is_made_of(one: str) -> None:
    assert found_in(f"a{one}b {one}{one}", "emoji") == {one}


def test_every_emoji_of_unicode_is_found_whole() -> None:
    every = [
        each for each, data in emoji.EMOJI_DATA.items() if data["status"] == emoji.STATUS["fully_qualified"]
    ]
    found = list_values(posts_of(*(f"x {each} y" for each in every)), ["emoji"])["emoji"]
    missed = [each for each, values in zip(every, found, strict=True) if values != [each]]
    assert len(every) > 3_000
    assert missed == []


@pytest.mark.parametrize("text", ["no emoji", "© 2026 ™ 1 # * ® 10:30", "𝓯𝓪𝓷𝓬𝔂 ﷽ 日本", ""])
def test_signs_and_letters_are_no_emoji(text: str) -> None:
    assert found_in(text, "emoji") == set()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://www.Example.org/x, http://sub.example.org:80.", {"example.org", "sub.example.org"}),
        ("WWW.foo.de!", {"foo.de"}),
        ("https://user:secret@evil.example/#@good.example", {"evil.example"}),
        ("https://münchen.de/a https://xn--mnchen-3ya.de", {"münchen.de", "xn--mnchen-3ya.de"}),
        ('<a href="https://bsky.app/x">x</a>', {"bsky.app"}),
        ("https://localhost/ https:// ftp://x.org ann@host.org example.org", set()),
    ],
)  # fmt: skip
def test_domains(text: str, expected: set[str]) -> None:
    assert found_in(text, "domains") == expected


def test_links_in_columns_of_the_table_have_domains_too() -> None:
    extra = ['{"expanded_urls": ["https://www.a.org/x", "https://b.org"], "url": "https://x.com/1"}', "{}"]
    found = list_values(posts_of("see https://t.co/1", "nothing", extra=extra), ["domains"])
    assert found["domains"].tolist() == [["a.org", "b.org", "t.co"], []]


def test_the_platform_is_that_of_a_column_or_of_the_address_of_the_post() -> None:
    posts = posts_of("a", "b", "c", "d", "e", extra=[
        '{"Social Network": " TikTok ", "permalink": "https://x.com/1"}', '{"permalink": "https://www.instagram.com/p/1"}',
        '{"Social Network": ""}', "{}", '{"permalink": "https://mx.com/1"}',
    ])  # fmt: skip
    posts.loc[2, "post_id"] = "https://m.youtube.com/watch?v=1"
    found = find_value_rows(posts, "platform")
    assert dict(zip(found["position"], found["title"].str.strip(), strict=True)) == {
        0: "TikTok",
        1: "Instagram",
        2: "YouTube",
    }


def test_everything_found_as_a_mention_gets_a_pseudonym_in_texts() -> None:
    texts = (
        "@ann", ".@Bob_2!", "@c.d-e", "＠eve@mastodon.social", "@日本 x", "<@U01|ann>", "{@Ann Smith@}",
        "@a\u0301b", "(@x)", "@a@b", "@a.b.c@d.e-f.org", "@\u0903a", "%40ann @ok",
    )  # fmt: skip
    for text, mentions in zip(texts, list_values(posts_of(*texts), ["mentions"])["mentions"], strict=True):
        replaced = [text[found.start : found.end] for found in find_names(text)]
        for mention in mentions:
            assert any(mention in name for name in replaced), (text, mention, replaced)


def test_hostile_texts_take_no_longer_than_others() -> None:
    texts = [
        unit * 25_000
        for unit in ("#a", "#", "@a", "@", "a@b.", "https://a@", "www.", "👨‍", "🇩", "&#", "\u0301")
    ]
    columns = ["hashtags", "mentions", "emoji", "domains"]
    assert len(list_values(posts_of(*texts), columns)) == len(texts)


@pytest.mark.slow
def test_values_of_a_batch_are_those_of_plain_python(tmp_path: Path) -> None:
    texts = [
        f"{'#Rain' if row % 3 else '#RAIN #sun'} {'@ann' * (row % 2)} {row} {'#rain' * (row % 4 == 0)}"
        for row in range(40)
    ]
    batch = score(new_batch(tmp_path, posts_of(*texts), part_posts=16))
    for name in ("rain", "sun"):
        expected = [
            f"p{row}"
            for row, text in enumerate(texts)
            if name in {tag.lower() for tag in re.findall(r"(?<!\w)#(\w+)", text)}
        ]
        for typed in (name, name.upper(), f"#{name}"):
            assert ids(batch, Filters(hashtags=(typed,))) == expected
    either = ids(batch, Filters(hashtags=("sun",), mentions=("@Ann",)))
    assert either == [f"p{row}" for row in range(40) if row % 3 == 0 and row % 2]
    assert count_matching_posts(batch, Filters(hashtags=("nothing", "%", "'; DROP TABLE summary"))) == 0


def test_an_unknown_column_has_no_values(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="text"):
        find_value_rows(posts_of("x"), "text")
    with pytest.raises(ValueError, match="text"):
        prepare_value_tables(get_query_snapshot(new_batch(tmp_path)), "text")
