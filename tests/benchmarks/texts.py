"""How long cleaning takes for 100,000 characters of anything: `python -m tests.benchmarks.texts`.

Milliseconds, the best of three; the last column is 100,000 characters over 50,000, about 2 where time is linear.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from time import perf_counter

from analysis.model.language import languages_of
from analysis.model.text import clean_text, plain_text
from analysis.scoring.copies import text_key
from tests.model.test_text import CHARS, HOSTILE

WORK: dict[str, Callable[[str], object]] = {
    "clean_text": clean_text,
    "plain_text": plain_text,
    "text_key": text_key,
    "language": lambda text: languages_of([text], likely=0.7),
}


def best(work: Callable[[str], object], text: str) -> float:
    """Give the least of three times, in milliseconds."""
    times = []
    for _ in range(3):
        start = perf_counter()
        work(text)
        times.append(1_000 * (perf_counter() - start))
    return min(times)


def texts() -> dict[str, str]:
    """Give texts of `CHARS` characters by name."""
    chance = random.Random(0)
    drawn = "".join(
        chr(chance.choice((chance.randrange(0xD800), chance.randrange(0xE000, 0x110000))))
        for _ in range(CHARS)
    )
    prose = "What a lovely day, @ann and #goal 😀 at https://x.org/y! "
    return {**{name: (piece * CHARS)[:CHARS] for name, piece in HOSTILE.items()}, "random": drawn,
            "prose": (prose * CHARS)[:CHARS]}  # fmt: skip


def main() -> None:
    languages_of(["a 😀"], likely=0.7)  # loads what is loaded once
    clean_text("a 😀")
    print(f"{'':26}" + "".join(f"{name:>12}" for name in WORK) + f"{'ratio':>8}")
    for name, text in texts().items():
        taken = [best(work, text) for work in WORK.values()]
        ratio = sum(taken) / sum(best(work, text[: CHARS // 2]) for work in WORK.values())
        print(f"{name:26}" + "".join(f"{each:12.1f}" for each in taken) + f"{ratio:8.1f}")


if __name__ == "__main__":
    main()
