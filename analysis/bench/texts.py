"""`postlens bench texts`: measures text cleaning on 100,000 characters of hostile text.

Times are in milliseconds, the best of three. The last column is the ratio of the times for 100,000 and 50,000
characters, which is about 2 for linear time.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from time import perf_counter

from analysis.model.language import detect_languages
from analysis.model.text import extract_language_text, preprocess_text
from analysis.scoring.copies import compute_text_copy_key
from analysis.settings import Settings

HOSTILE = {
    "open entities": "{@",
    "open entities with words": "{@a b ",
    "emoji": "😀",
    "joined emoji": "👩\u200d",
    "families": "👩‍👩‍👧",
    "flags": "🇬🇧",
    "keycaps": "1️⃣",
    "joiners": "\u200d",
    "selectors": "\ufe0f",
    "letters and emoji": "a😀",
    "letters": "a",
    "short words": "a ",
    "marks": "\u0301",
    "entities": "&amp;",
    "blank entities": "&nbsp;",
    "numbered": "&#9;",
    "at": "@",
    "users": "@a ",
    "signs": "#",
    "tags": "#a",
    "http": "http",
    "links": "http://a ",
    "spaces": " ",
    "surrogates": "\ud83d",
    "nul": "\0",
    "hyphens": "a-",
    "braces": "{{",
    "retweets": "rt ",
    "brackets": "{@a@}",
}
"""Texts to repeat up to the maximum length of a post, by name."""
WORK: dict[str, Callable[[str], object]] = {
    "clean_text": preprocess_text,
    "plain_text": extract_language_text,
    "text_key": compute_text_copy_key,
    "language": lambda text: detect_languages([text], likely=0.7),
}


def make_hostile_texts(chars: int) -> dict[str, str]:
    """Build texts of a given length by name: hostile texts, random characters, and prose."""
    generator = random.Random(0)  # noqa: S311 (not for cryptography)
    code_points = (
        generator.choice((generator.randrange(0xD800), generator.randrange(0xE000, 0x110000)))
        for _ in range(chars)
    )
    pieces = {**HOSTILE, "prose": "What a lovely day, @ann and #goal 😀 at https://x.org/y! "}
    repeated = {name: (piece * chars)[:chars] for name, piece in pieces.items()}
    return {**repeated, "random": "".join(map(chr, code_points))}


def time_texts(chars: int = Settings().max_text_chars) -> Iterator[str]:
    """Time each step on each text, and yield lines of a table."""
    detect_languages(["a 😀"], likely=0.7)  # loads the language model
    preprocess_text("a 😀")
    yield f"{'':26}" + "".join(f"{name:>12}" for name in WORK) + f"{'ratio':>8}"
    for name, text in make_hostile_texts(chars).items():
        times = [_time_best_of_three(work, text) for work in WORK.values()]
        ratio = sum(times) / sum(_time_best_of_three(work, text[: chars // 2]) for work in WORK.values())
        yield f"{name:26}" + "".join(f"{each:12.1f}" for each in times) + f"{ratio:8.1f}"


def _time_best_of_three(work: Callable[[str], object], text: str) -> float:
    """Return the shortest of three times, in milliseconds."""
    times = []
    for _ in range(3):
        start = perf_counter()
        work(text)
        times.append(1_000 * (perf_counter() - start))
    return min(times)
