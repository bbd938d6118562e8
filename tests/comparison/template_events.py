"""About 6,000 posts of eight weeks from a few templates, as of a chain of stores, with nine events planted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from analysis.comparison import FEWER, MORE, NEGATIVE, Peak
from tests.comparison.planted_events import NAMES, TOPICS, Planted, day, draw_posts, draw_sentiment

POSTS = 6_000
STORES = ("north", "south", "east", "west", "harbour", "station")
STORE_SHARES = (0.25, 0.2, 0.18, 0.15, 0.12, 0.1)
PLATFORMS = ("X", "Instagram", "TikTok")
BRANDS = ("nordwind", "calypso", "brightleaf", "tamarind", "ovalo", "kestrel")
HASHTAGS = ("shopping", "weekend", "deals", "food", "family", "ootd", "lunch", "coffee", "home", "local")
TEXTS = (
    "picked up {brand} at the {store} store today",
    "the {store} branch has {brand} in stock again",
    "anyone tried the new {brand} range yet",
    "coffee first then {brand} and a walk",
    "{brand} is fine but the price went up",
    "lovely staff at {store} this morning",
    "my sister swears by {brand} for the weekend",
    "is {store} open on sunday",
    "parking near {store} is a pain as usual",
    "trying {brand} for the first time wish me luck",
    "lunch break at {store} with the team",
    "still prefer {brand} over anything else",
)
QUEUE = (
    "waited forty minutes at the till in {store}",
    "one till open and a queue to the door at {store}",
    "forty people in the queue and nobody cares at {store}",
    "card machine down again at {store} left my basket",
)
CRISIS = (
    "found glass in my {brand} jar this is dangerous",
    "{brand} recall is far too late",
    "{brand} made my son sick never again",
    "throwing all {brand} away after the news",
)
FLOOD = (
    "water everywhere in {store} after the storm",
    "{store} flooded they sent us home",
    "burst pipe at {store}",
)
CONCERT = ("live band at {store} now", "free concert at {store}", "singing in the aisles of {store} tonight")


@dataclass(frozen=True)
class Expected:
    """A planted event, and what its line says.

    Attributes:
        planted: The events as planted.
        column: Of the series that names it.
        key: The value of it.
        kinds: What is unusual.
    """

    planted: Planted
    column: str
    key: str
    kinds: frozenset[str]

    def is_named_by(self, peak: Peak) -> bool:
        """Whether a peak is at about this time, and has this name and these kinds."""
        if (peak.column, peak.key.casefold(), frozenset(peak.kinds)) != (self.column, self.key, self.kinds):
            return False
        return self.is_at(peak) and (peak.last - peak.first).days <= self.planted.days + 1

    def is_at(self, peak: Peak) -> bool:
        """Whether a peak is at this time."""
        first, last = (
            each.date() if isinstance(each, datetime) else each for each in (peak.first, peak.last)
        )
        end = self.planted.first + timedelta(days=self.planted.days - 1)
        return first <= end and last >= self.planted.first


def plan_events(seed: int) -> list[Expected]:
    """Plan nine events of random days, stores, hashtags and brands."""
    chance = np.random.default_rng(1_000 + seed)
    weeks = [int(each) for each in chance.permutation(8)]
    stores = [*(str(each) for each in chance.permutation(STORES[:3])), "west"]
    brand, hashtag = (
        str(chance.choice(BRANDS)),
        str(chance.choice(["freebie", "summersale", "deals", "food"])),
    )
    platform = str(chance.choice(PLATFORMS[:2]))

    def at(number: int) -> Any:
        """A working day of a week."""
        return day(7 * weeks[number] + int(chance.integers(1, 5)))

    def fill(texts: Iterable[str], store: str = "{store}") -> tuple[str, ...]:
        return tuple(each.format(store=store, brand=brand) for each in texts)

    def of_store(number: int) -> dict[str, str]:
        return {"region": stores[number]}

    queue, crisis = fill(QUEUE, stores[0]), fill(CRISIS)
    both = at(6)
    evening = Planted("a bad evening of a store", at(0), hours=(17, 21), extra=45, texts=queue)
    plans = [
        (evening, {"values": of_store(0), "negative": 0.85}, NAMES["region"], stores[0], (MORE, NEGATIVE)),
        (
            Planted("a surge of a hashtag", at(1), extra=45, values={"hashtags": [hashtag]}, negative=0.2),
            *({}, "hashtags", hashtag, (MORE,)),
        ),
        (
            Planted(
                *("an outage of a platform", at(2)),
                days=2,
                kind=FEWER,
                factor=0.05,
                values={"platform": platform},
            ),
            *({}, "platform", platform.casefold(), (FEWER,)),
        ),
        (Planted("a surge of everything", at(3), extra=120), {}, "", "", (MORE,)),
        (
            Planted("a more negative day of a store", at(4), kind=NEGATIVE, negative=0.85),
            *({"values": of_store(1)}, NAMES["region"], stores[1], (NEGATIVE,)),
        ),
        (
            Planted("a crisis of a brand", at(5), days=2, extra=45, texts=crisis, negative=0.85),
            *({}, "words", brand, (MORE, NEGATIVE)),
        ),
        (
            Planted("a flood in a store", both, extra=50, texts=fill(FLOOD, stores[2])),
            *({"values": of_store(2)}, NAMES["region"], stores[2], (MORE,)),
        ),
        (
            Planted("a concert in another store", both, extra=50, texts=fill(CONCERT, stores[3])),
            *({"values": of_store(3), "negative": 0.1}, NAMES["region"], stores[3], (MORE,)),
        ),
        (
            Planted("a burst by an author", at(7), hours=(9, 12), extra=25, values={"author": "author7"}),
            *({}, "author", "author7", (MORE,)),
        ),
    ]
    return [
        Expected(replace(planted, **more), column, key, frozenset(kinds))
        for planted, more, column, key, kinds in plans
    ]


def draw_template_posts(seed: int, expected: Iterable[Expected]) -> pd.DataFrame:
    """Draw the posts, with events."""
    return draw_posts(seed, tuple(each.planted for each in expected), posts=POSTS, draw=_draw)


def _draw(chance: np.random.Generator, hour: int) -> dict[str, Any]:
    store = STORES[chance.choice(6, p=STORE_SHARES)]
    brand = BRANDS[chance.choice(6, p=(0.3, 0.25, 0.15, 0.12, 0.1, 0.08))]
    return {
        "hour": hour,
        "second": int(chance.integers(1, 3600)),
        "words": TEXTS[chance.integers(len(TEXTS))].format(store=store, brand=brand).split(),
        "hashtags": [str(chance.choice(HASHTAGS))] if chance.random() < 0.4 else [],
        "mentions": [f"friend{chance.integers(0, 100)}"] if chance.random() < 0.1 else [],
        "author": f"author{chance.integers(0, 500)}",
        "platform": PLATFORMS[chance.choice(3, p=(0.45, 0.35, 0.2))],
        "region": store,
        "topic": TOPICS[chance.choice(4, p=(0.6, 0.2, 0.1, 0.1))],
        "language": "en",
        "sentiment": draw_sentiment(chance, 0.25),
    }
