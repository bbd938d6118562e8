"""About 20,000 posts of eight weeks with a rhythm, in which events are planted, for tests of what finds them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.columns import own_filter
from analysis.comparison import FEWER, MORE, NEGATIVE, Peak
from analysis.model.config import SENTIMENTS
from analysis.posts import post_frame
from analysis.workspace import Batch, Workspace
from tests.scored import checked, media_with_image, scores_of

START, WEEKS, POSTS = datetime(2026, 8, 31), 8, 20_000
"""The first day is a Monday."""
HOURS = pd.date_range(START, periods=168 * WEEKS, freq="h")
HASHTAGS = ("city", "news", "music", "acme", "weekend", *(f"tag{number}" for number in range(60)))
PLATFORMS = ("X", "Instagram", "TikTok", "Reddit")
REGIONS = ("north", "south", "east", "west", "centre")
TOPICS = ("daily_life", "sports_gaming", "arts_culture", "news_social_concern")
AUTHORS = 1_500
WORDS = [
    f"{first}{second}{third}"
    for first in "bdfgklmn"
    for second in "aeiou"
    for third in ("r", "st", "ng", "lo", "mi")
]
WORDS += [f"{first}{second}" for first in WORDS[:40] for second in WORDS[:40]]
NAMES = {"region": own_filter(0), "topic": "topic", "language": "language", "platform": "platform"}


@dataclass(frozen=True)
class Planted:
    """An event.

    Attributes:
        name: What it is.
        first: The first day.
        days: Number of days.
        hours: Its hours of the day.
        extra: Further posts a day.
        texts: Of these posts, instead of random ones.
        values: What these posts have: words, hashtags (lists), or author, platform, region, topic, language.
        negative: Share of negative ones; of all posts of its time with these values if there are no further posts.
        factor: Part of the usual posts with these values that are there.
        column: The column of a peak that shows it; "" for all posts, "*" for any.
        key: The value of it.
        kind: What is unusual.
    """

    name: str
    first: date
    column: str = ""
    key: str = ""
    kind: str = MORE
    days: int = 1
    hours: tuple[int, int] = (0, 23)
    extra: int = 0
    texts: Sequence[str] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    negative: float = 0.25
    factor: float = 1.0

    def is_shown_by(self, peak: Peak) -> bool:
        """Whether a peak has this series, by name or in its list of others, at about this time and of its kind."""
        first, last = (
            each.date() if isinstance(each, datetime) else each for each in (peak.first, peak.last)
        )
        end = self.first + timedelta(days=self.days - 1)
        if last < self.first or first > end or (last - first).days > max(self.days, 2) + 1:
            return False
        hours = [each.hour for each in (peak.first, peak.last) if isinstance(each, datetime)]
        if hours and (hours[1] < self.hours[0] or hours[0] > self.hours[1]):
            return False
        names = {
            (peak.column, peak.key.casefold()),
            *((column, title.casefold()) for column, title in peak.also),
        }
        return self.kind in peak.kinds and (self.column, self.key) in names


def day(number: int) -> date:
    """The day with this number, 0 is the first."""
    return (START + timedelta(days=number)).date()


EVENTS = (
    Planted(
        "a day of a hashtag",
        day(9),
        "hashtags",
        "acme",
        extra=40,
        values={"hashtags": ["acme"]},
        negative=0.6,
    ),
    Planted(
        "a day of a word",
        day(12),
        "words",
        "recall",
        extra=30,
        values={"words": ["recall", "device"]},
    ),
    Planted(
        "a day of a mention", day(15), "mentions", "acmehelp", extra=25, values={"mentions": ["acmehelp"]}
    ),
    Planted("an hour of everything", day(17), hours=(11, 11), extra=50),
    Planted(
        "an hour of a hashtag",
        day(18),
        "hashtags",
        "goal",
        hours=(20, 20),
        extra=15,
        values={"hashtags": ["goal"]},
    ),
    Planted(
        "three hours of a brand",
        day(22),
        "hashtags",
        "brandx",
        hours=(14, 16),
        extra=60,
        negative=0.6,
        values={"hashtags": ["brandx"]},
    ),
    Planted(
        "two days of a word",
        day(24),
        "words",
        "zenith",
        days=2,
        extra=20,
        values={"words": ["zenith"]},
    ),
    Planted("three days of everything", day(28), days=3, extra=150),
    Planted("an evening of negative posts", day(32), kind=NEGATIVE, hours=(18, 23), negative=0.6),
    Planted(
        "a burst by one author",
        day(33),
        "author",
        "author7",
        hours=(9, 12),
        extra=25,
        values={"author": "author7"},
    ),
    Planted("a day of a platform", day(34), "platform", "tiktok", extra=45, values={"platform": "TikTok"}),
    Planted("a day of a region", day(36), NAMES["region"], "west", extra=50, values={"region": "west"}),
    Planted("a small peak on a Sunday", day(41), extra=80),
    Planted(
        "a day of a topic", day(43), "topic", "sports_gaming", extra=55, values={"topic": "sports_gaming"}
    ),
    Planted(
        "a hashtag that the total hides",
        day(44),
        "hashtags",
        "storm",
        extra=12,
        values={"hashtags": ["storm"]},
    ),
    Planted("a quiet day", day(46), kind=FEWER, factor=0.45),
    Planted(
        "a quiet platform",
        day(50),
        "platform",
        "instagram",
        FEWER,
        days=2,
        values={"platform": "Instagram"},
        factor=0.15,
    ),
    Planted("a day of a language", day(37), "language", "es", extra=35, values={"language": "es"}),
    Planted(
        "a day of a site",
        day(38),
        "domains",
        "leak.example",
        extra=15,
        values={"words": ["https://leak.example/a"]},
    ),
    Planted("a day of an emoji", day(39), "emoji", "💥", extra=25, values={"words": ["💥"]}),
    Planted(
        "a negative day of a hashtag",
        day(4),
        "hashtags",
        "city",
        NEGATIVE,
        values={"hashtags": ["city"]},
        negative=0.7,
    ),
    Planted("a week of a brand", day(49), "words", "acorn", days=5, extra=10, values={"words": ["acorn"]}),
    Planted("a night", day(10), hours=(3, 4), extra=24),
    Planted(
        "a negative day of a platform",
        day(53),
        "platform",
        "reddit",
        NEGATIVE,
        values={"platform": "Reddit"},
        negative=0.7,
    ),
)


def list_expected(posts: int = POSTS) -> np.ndarray:
    """Return the expected posts of each hour: more by day than by night, and fewer at weekends."""
    by_hour = 1 + 0.8 * np.sin((HOURS.hour.to_numpy() - 8) / 24 * 2 * np.pi)
    rates = by_hour * np.where(HOURS.day_of_week.to_numpy() > 4, 0.55, 1)
    return np.asarray(rates / rates.sum() * posts)


def draw_posts(
    seed: int,
    events: tuple[Planted, ...] = EVENTS,
    size: float = 1.0,
    posts: int = POSTS,
    draw: Callable[[np.random.Generator, int], dict[str, Any]] | None = None,
) -> pd.DataFrame:
    """Draw posts with sentiment, topic and language; days vary by 5 % more than chance.

    Args:
        seed: Of the random numbers.
        events: What to plant.
        size: Number of further posts, as a multiple of that of the events.
        posts: Number of posts without the events.
        draw: Draws a post of an hour; None for one of random words.
    """
    chance, draw = np.random.default_rng(seed), draw or _draw
    rhythm = list_expected(posts)
    expected = rhythm * np.repeat(chance.gamma(400, 1 / 400, 7 * WEEKS), 24)
    hours = np.repeat(np.arange(len(HOURS)), chance.poisson(expected))
    rows = [draw(chance, hour) for hour in hours.tolist()]
    for event in events:
        rows = [
            row
            for row in rows
            if event.factor == 1 or not _is_in(row, event) or chance.random() < event.factor
        ]
        for row in rows:
            if event.kind == NEGATIVE and _is_in(row, event):
                row["sentiment"] = draw_sentiment(chance, event.negative)
        for number in range(event.days):
            for _ in range(chance.poisson(size * event.extra)):
                first = ((event.first - START.date()).days + number) * 24
                part = rhythm[first + event.hours[0] : first + event.hours[1] + 1]
                row = draw(
                    chance, first + event.hours[0] + int(chance.choice(len(part), p=part / part.sum()))
                )
                row |= {"sentiment": draw_sentiment(chance, event.negative)}
                if event.texts:
                    row["words"] = event.texts[chance.integers(len(event.texts))].split()
                lists = {
                    name: [*row[name], *value]
                    for name, value in event.values.items()
                    if isinstance(value, list)
                }
                rows.append({**row, **event.values, **lists})
    return pd.DataFrame(rows)


def write_batch(folder: Path, drawn: pd.DataFrame, batch_id: str = "planted") -> Batch:
    """Write drawn posts as a scored batch in a workspace under `folder`."""
    rows = [
        {
            "post_id": f"p{number}",
            "text": " ".join(
                [*row.words, *(f"#{tag}" for tag in row.hashtags), *(f"@{name}" for name in row.mentions)]
            ),
            "author": row.author,
            "created_at": HOURS[row.hour].to_pydatetime().replace(tzinfo=UTC) + timedelta(seconds=row.second),
            "extra": json.dumps({"region": row.region, "platform": row.platform}),
        }
        for number, row in enumerate(drawn.itertuples())
    ]
    posts = post_frame(rows)
    workspace = Workspace(folder / "home")
    media = media_with_image(folder / "media")
    batch = workspace.create(checked(posts), media, "Planted", batch_id=batch_id, kept=("region",))
    scores = scores_of(posts.iloc[:1])
    scores = scores.loc[[0] * len(posts)].reset_index(drop=True)
    scores = scores.assign(
        post_id=list(posts["post_id"]),
        **{name: drawn[name].to_numpy() for name in ("sentiment", "topic", "language")},
    )
    for index in range(batch.n_parts):
        batch.write_part("scores", index, scores.iloc[batch.part_rows(index)])
    batch.set_bundle("compact@1a2b3c4d")
    return batch


def _draw(chance: np.random.Generator, hour: int) -> dict[str, Any]:
    tags = np.minimum(chance.zipf(1.4, chance.integers(0, 3)) - 1, len(HASHTAGS) - 1)
    words = np.minimum(chance.zipf(1.15, chance.integers(4, 12)) - 1, len(WORDS) - 1)
    author = min(int(chance.zipf(1.3)), AUTHORS) if chance.random() < 0.3 else chance.integers(0, AUTHORS)
    return {
        "hour": hour,
        "second": int(chance.integers(1, 3600)),
        "words": [WORDS[each] for each in words] + (["acorn"] if chance.random() < 0.01 else []),
        "hashtags": [HASHTAGS[each] for each in set(tags.tolist())],
        "mentions": [f"friend{chance.integers(0, 300)}"] if chance.random() < 0.2 else [],
        "author": f"author{author}",
        "platform": PLATFORMS[chance.choice(4, p=(0.5, 0.25, 0.15, 0.1))],
        "region": REGIONS[chance.choice(5, p=(0.3, 0.25, 0.2, 0.15, 0.1))],
        "topic": TOPICS[chance.choice(4, p=(0.5, 0.2, 0.2, 0.1))],
        "language": ("en", "es", "de")[chance.choice(3, p=(0.85, 0.1, 0.05))],
        "sentiment": draw_sentiment(chance, 0.25),
    }


def draw_sentiment(chance: np.random.Generator, negative: float) -> str:
    return SENTIMENTS[int(chance.choice(3, p=(negative, (1 - negative) / 2, (1 - negative) / 2)))]


def _is_in(row: Mapping[str, Any], event: Planted) -> bool:
    """Whether a post is at the time of an event and has its values."""
    number, hour = divmod(row["hour"], 24)
    first = (event.first - START.date()).days
    if not first <= number < first + event.days or not event.hours[0] <= hour <= event.hours[1]:
        return False
    return all(
        set(value) <= set(row[name]) if isinstance(value, list) else row[name] == value
        for name, value in event.values.items()
    )
