"""Every regular expression of the project takes time linear in the text, whatever the text.

The expressions are found in the source files, so that a new one is tested without being listed here. For each, texts
are made from its own parse tree: strings that match its beginnings, repeated to 100,000 characters, with an end that
does not match. An expression that backtracks over the text runs into the test's timeout.
"""

from __future__ import annotations

import ast
import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product
from pathlib import Path
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pandas as pd
import pytest

from analysis.exporters import formulas
from analysis.importers.sources import list_sources
from analysis.model import text

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
SOURCES = sorted([*ROOT.glob("analysis/**/*.py"), *ROOT.glob("pages/**/*.py"), ROOT / "app.py"])
CHARS = 100_000
MOST_TEXTS = 30
METHODS = ("search", "match", "fullmatch", "split", "findall", "finditer", "sub", "subn")
OF_PANDAS = {"contains": "search", "extract": "search", "extractall": "finditer", "fullmatch": "fullmatch"}
ENDS = ("", "\x00", " ")
CANDIDATES = "a1 !@#/.:{\n-_;\u00e9\u3042"
SEARCH_PATTERNS = pd.read_csv(ROOT / "tests/search_phrases.csv")["pattern"]
CATEGORIES = {
    sre.CATEGORY_DIGIT: "1",
    sre.CATEGORY_NOT_DIGIT: "a",
    sre.CATEGORY_SPACE: " ",
    sre.CATEGORY_NOT_SPACE: "a",
    sre.CATEGORY_WORD: "a",
    sre.CATEGORY_NOT_WORD: "!",
}
MADE_AT_RUN_TIME = {
    "analysis/model/text.py": [text._compile_emoji_pattern()],
    "analysis/exporters/formulas.py": [
        formulas._AFTER_BREAK,
        formulas._AFTER_COMMA,
        formulas._AFTER_QUOTE,
        formulas._FIRST,
        formulas._SIGN,
    ],
    "analysis/evaluation/phrases.py": [re.compile(max(SEARCH_PATTERNS, key=len))],
    "analysis/importers/sources/source.py": [
        re.compile("-1"),
        re.compile("-1"),
    ],  # placeholders; see SOURCE_PATTERNS
}
"""Expressions that are not literals in a file; the test fails for any others."""


@dataclass(frozen=True)
class Used:
    """An expression, and the methods that its file calls on it."""

    where: str
    pattern: re.Pattern[str]
    methods: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.where} {self.pattern.pattern[:40]}"


def used_in(source: str, name: str) -> Iterator[Used]:
    """Find the expressions of a source file: passed to `re`, or to the text methods of pandas."""
    tree = ast.parse(source)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    names = {
        id(node.value): target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    methods: dict[str, set[str]] = {}
    for call in calls:
        if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name):
            methods.setdefault(call.func.value.id, set()).add(call.func.attr)
    made = iter(MADE_AT_RUN_TIME.get(name, []))
    for call in calls:
        if not isinstance(call.func, ast.Attribute) or not call.args:
            continue
        owner, method = call.func.value, call.func.attr
        place = f"{name}:{call.lineno}"
        if isinstance(owner, ast.Name) and owner.id == "re" and method in (*METHODS, "compile"):
            literal = call.args[0]
            if isinstance(literal, ast.Constant):
                pattern = re.compile(literal.value, _flags(call))
            else:
                pattern = next(made, None) or pytest.fail(
                    f"{place} makes an expression that is not listed here"
                )
            wanted = methods.get(names.get(id(call), ""), set()) if method == "compile" else {method}
            yield Used(place, pattern, tuple(each for each in METHODS if each in wanted) or METHODS)
        elif isinstance(owner, ast.Attribute) and owner.attr == "str" and method in OF_PANDAS:
            if not isinstance(call.args[0], ast.Constant):
                pytest.fail(f"{place} makes an expression that is not listed here")
            yield Used(place, re.compile(call.args[0].value), (OF_PANDAS[method],))


def _flags(call: ast.Call) -> int:
    given = [word.value for word in call.keywords if word.arg == "flags"]
    if isinstance(call.func, ast.Attribute) and call.func.attr == "compile":
        given += call.args[1:2]
    code = ast.Expression(given[0]) if given else None
    return eval(compile(code, "flags", "eval"), {"re": re}) if code else 0


def beginnings(pattern: re.Pattern[str]) -> list[str]:
    """Make strings that match the beginnings of an expression, and each repeated part of it by itself."""
    found: dict[str, None] = {}
    expression = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    _samples(parser.parse(expression, pattern.flags & ~re.UNICODE), found)
    return [each for each in found if each]


def _samples(tree: Any, found: dict[str, None], so_far: str = "") -> list[str]:
    """Strings that match a sequence; those of its beginnings go into `found`."""
    whole = [""]
    for operator, value in tree:
        parts = list(dict.fromkeys(_of_one(operator, value, found)))[:6]
        found.update(dict.fromkeys(parts))
        whole = list(dict.fromkeys(islice((a + b for a, b in product(whole, parts)), 6))) if parts else whole
        found.update(dict.fromkeys(whole))
    return whole


def _of_one(operator: Any, value: Any, found: dict[str, None]) -> list[str]:
    if operator in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
        low, _, inner = value
        return [each * max(low, 1) for each in _samples(inner, found)] + ([""] if low == 0 else [])
    if operator in (sre.SUBPATTERN, sre.ATOMIC_GROUP):
        return _samples(value[3] if operator is sre.SUBPATTERN else value, found)
    if operator is sre.BRANCH:
        return [each for branch in value[1] for each in _samples(branch, found)]
    if operator in (sre.ASSERT, sre.ASSERT_NOT):
        _samples(value[1], found)
        return [""]
    if operator in (sre.AT, sre.GROUPREF, sre.GROUPREF_EXISTS):
        return [""]
    if operator is sre.LITERAL:
        return [chr(value)]
    if operator is sre.NOT_LITERAL:
        return [next(char for char in CANDIDATES if ord(char) != value)]
    if operator is sre.ANY:
        return ["a"]
    if operator is sre.IN:
        return _of_set(value)
    return pytest.fail(f"expressions with {operator} are not known to this test")


def _of_set(members: Any) -> list[str]:
    if members[0][0] is sre.NEGATE:
        held = [_char(*member) for member in members[1:]]
        return [char for char in CANDIDATES if char not in held and not _in_category(char, members)][:2]
    return [_char(*member) for member in members][:3]


def _char(operator: Any, value: Any) -> str:
    if operator is sre.CATEGORY:
        return CATEGORIES[value]
    return chr(value[0] if operator is sre.RANGE else value)


def _in_category(char: str, members: Any) -> bool:
    tests = {
        sre.CATEGORY_DIGIT: r"\d",
        sre.CATEGORY_SPACE: r"\s",
        sre.CATEGORY_WORD: r"\w",
        sre.CATEGORY_NOT_DIGIT: r"\D",
        sre.CATEGORY_NOT_SPACE: r"\S",
        sre.CATEGORY_NOT_WORD: r"\W",
    }
    return any(re.match(tests[value], char) for kind, value in members if kind is sre.CATEGORY)


def make_hostile_texts(pattern: re.Pattern[str], chars: int = CHARS) -> list[str]:
    """Repeat what an expression begins with: by itself, after a first match, and with ends that do not match."""
    units = sorted(beginnings(pattern), key=len)[:MOST_TEXTS]
    texts = [
        unit * (chars // len(unit)) + end for unit in units for end in ENDS[: 2 if len(units) > 5 else 3]
    ]
    longest = max(units, key=len)
    return [*texts, *(longest + unit * (chars // len(unit)) + "\x00" for unit in units[:5])]


def run_all(used: Used, chars: int = CHARS) -> None:
    for each in make_hostile_texts(used.pattern, chars):
        if isinstance(used.pattern.pattern, bytes):
            each = each.encode("latin-1")
        for method in used.methods:
            if method in ("sub", "subn"):
                getattr(used.pattern, method)(each[:0], each)
            else:
                result = getattr(used.pattern, method)(each)
                if method == "finditer":
                    assert sum(1 for _ in result) >= 0


ALL = [
    used for path in SOURCES for used in used_in(path.read_text("utf-8"), path.relative_to(ROOT).as_posix())
]


SOURCE_PATTERNS = [
    Used(source.name, re.compile(pattern, re.DOTALL), ("match", "fullmatch"))
    for source in list_sources()
    for pattern in (*source.values.values(), *source.blank.values())
]
"""Patterns that the values of columns are compared with."""


@pytest.mark.timeout(60)
@pytest.mark.parametrize("used", [*ALL, *SOURCE_PATTERNS], ids=str)
def test_an_expression_takes_time_linear_in_the_text(used: Used) -> None:
    run_all(used)


def test_expressions_are_found_in_the_source() -> None:
    where = {used.where.split(":")[0] for used in ALL}
    assert {"analysis/model/text.py", "analysis/scoring/copies.py", "pages/shared/messages.py"} <= where
    found = list(used_in('A = re.compile("a+", re.I)\nA.fullmatch("x")\nre.sub("b", "", "x")', "some.py"))
    assert [(used.pattern.pattern, used.methods) for used in found] == [
        ("a+", ("fullmatch",)),
        ("b", ("sub",)),
    ]
    assert found[0].pattern.flags & re.IGNORECASE


class TooLongError(Exception):
    """Raised by the timer below."""


@pytest.mark.parametrize(
    "expression",
    [
        r"\{@.+?@\}",  # the entity mark of `analysis.model.text` as it was: the square of the length
        r"(a+)+$",  # two to the length
        r"\s+$",
        r"(?:[a-z]+\d?)+!",
        r"<.*?>",
        r"https?://\S+\.\w+!",
    ],
)
def test_an_expression_that_backtracks_over_the_text_is_caught(expression: str) -> None:
    def stop(*_: object) -> None:
        raise TooLongError

    used = Used("", re.compile(expression), ("search", "sub"))
    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(
        signal.ITIMER_VIRTUAL, 4
    )  # seconds of work; in the test above such an expression takes minutes
    try:
        with pytest.raises(TooLongError):
            run_all(used)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
