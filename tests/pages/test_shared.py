"""Messages of pages, and the escaping of user text where Markdown is read."""

from __future__ import annotations

import re

import pytest

from pages.shared.frame import name_browser_tab
from pages.shared.labels import duration
from pages.shared.messages import plain, without_links


@pytest.mark.parametrize(
    "hostile",
    [
        "![x](https://evil.example/p.png)",
        "[click](javascript:alert(1))",
        "<script>alert(1)</script>",
        ":red[text] :material/home: :smile:",
        "$x^2$",
        "**bold** _it_ ~~no~~ `code`",
        "# heading\n- point",
    ],
)
def test_every_markdown_character_is_escaped(hostile: str) -> None:
    shown = plain(hostile)
    assert "\n" not in shown
    signs = "\\`*_{}[]()#!|<>~$:"
    bare = [
        sign for before, sign in zip(" " + shown, shown, strict=False) if sign in signs and before != "\\"
    ]
    assert [sign for sign in bare if sign != "\\"] == []


JOINER = "\u2060"


@pytest.mark.parametrize(
    "hostile",
    [
        "http://evil.example",
        "HTTPS://evil.example",
        "www.evil.example",
        "a@evil.example",
        "mailto:a@evil.example",
        "<x:y>",
        ":smile:",
        ":-1:",
        ":material/home:",
        ":material_home:",
        ":streamlit:",
        "->",
        "<-",
        "<->",
        "--",
        ">=",
        "<=",
        "~=",
    ],
)
def test_streamlit_directives_are_broken_by_invisible_characters(hostile: str) -> None:
    shown = re.sub(r"\\(.)", r"\1", plain(f"name {hostile} of"))  # as Markdown leaves it
    assert hostile not in shown
    assert shown.replace(JOINER, "") == f"name {hostile} of"


@pytest.mark.parametrize("text", ["compact@1a2b3c4d", "@author", "12 of 3", "a: b", "half-done", "x < y"])
def test_plain_text_gets_no_invisible_characters(text: str) -> None:
    assert JOINER not in plain(text)


def test_a_name_cannot_reverse_the_words_after_it() -> None:
    assert plain("\u202ename\u2066") == "name"


def test_a_card_without_links_keeps_its_tables_and_headings() -> None:
    card = "# Card\n\n| a | b |\n|:---|---:|\n| 1 | 2 |\n\n---\n- *x* `y`\n"
    assert without_links(card) == card
    linked = "[a](http://x.y) ![b](z.png) ![c][d]\n\n[d]: http://x.y\n<http://x.y>"
    shown = without_links(linked)
    assert shown.replace(JOINER, "") == linked
    assert not re.search(r"\]\(|\]\[|\]:|://|<h", shown)


def test_time_left_has_a_suitable_unit() -> None:
    assert [duration(seconds) for seconds in (0.2, 42, 61, 3600, 7201)] == [
        "about 1 s",
        "about 42 s",
        "about 2 min",
        "about 1 h",
        "about 3 h",
    ]


@pytest.mark.parametrize(
    ("batch", "title"),
    [
        ("autumn campaign", "Posts · autumn campaign – PostLens"),
        ("<b>a\x00\n\u202eb</b>\u200b", "Posts · <b>a b</b> – PostLens"),
        ("", "Posts – PostLens"),
    ],
)
def test_the_tab_is_named_by_page_and_batch_on_one_line(batch: str, title: str) -> None:
    assert name_browser_tab("Posts", batch) == title
