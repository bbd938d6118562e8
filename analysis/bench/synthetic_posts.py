"""Generates synthetic posts for benchmarks, reproducibly and fast.

`generate_synthetic_scores` generates their scores, and `synthetic_batch` writes both as a batch.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from analysis.posts import POST_SCHEMA

DAYS = 90
HOSTILE_EVERY = 40  # one of this many posts contains hostile text
FIRST_DAY = datetime(2026, 6, 1, tzinfo=UTC)
CAMPAIGNS = ("spring", "summer sale", "=cmd()", "Größe & Maß", "<b>bold</b>")

_OPENINGS = (
    "Rehearsal room since noon and the new set finally clicks!",
    "Great, another train cancelled.",
    "34 °C in the office, the air conditioning has been dead since Monday.",
    "¡Qué noche tan bonita en el festival de verano!",
    "Am Sonntag sind die Mühlen von 10 bis 16 Uhr geöffnet,",
    "KEPT THE BALL!!! Bottom of the ninth, two outs,",
    "Look who opened today 🌼😍🌞",
    "La file d'attente était interminable, comme toujours.",
    "The pairings for round 6 of the open are online.",
    "I hate this place and I want to go home.",
    "今日はとても楽しかったです。",
    "Half-year figures: revenue 4.2 million, up 3 %,",
)
_MIDDLES = (
    "Thank you so much @brackenlinerail, truly world-class service 👏👏👏",
    "and the croissants were gone by 9:40, which made two tired founders very happy ☕",
    "Support closed my ticket without a word.",
    "I have no voice left and I love this team. Go @harborherons ⚾🔥",
    "El año que viene volvemos seguro.",
    "What a disgrace, refund requested.",
    "Bring a cushion, phones off please.",
    "we could not be happier 🤘",
    "",
    "Two hours of sleep in two days and the landlord calls it “a lively house”.",
)
_ENDINGS = (
    "#newmusic #indierock{0}",
    "@guest{0} #travelfail",
    "https://example.org/route/{0}",
    "See you at stall {0}!",
    "Day {0} and counting.",
    "{0} 🎂🎉🥳",
    "",
    "#verano{0} #fiesta",
    "Order no. {0} is still not here.",
    "\nMore tomorrow on {0}.",
)
_HOSTILE = (
    "=cmd()",
    '=HYPERLINK("https://evil.example","win")',
    "<b>not bold</b><script>alert(1)</script>",
    "+49 170 0000000",
    "@SUM(A1:A9)",
    "![x](https://evil.example/p.png) $x^2$ :red[hi]",
    "%_\\'\"; DROP TABLE posts",
    "\u202eright to left\u200b",
)


def generate_synthetic_posts(first: int, count: int, media_ids: Sequence[str], seed: int = 0) -> pa.Table:
    """Generate the posts numbered `first`, `first + 1`, ...

    A tenth have images only, a third text and images, and the rest text only; some have no author or time.

    Args:
        first: Number of the first post in the batch.
        count: Number of posts.
        media_ids: Media ids to choose from.
        seed: Seed of the random numbers.

    Returns:
        A table of `POST_SCHEMA`.
    """
    rng = np.random.default_rng((seed, first))
    kind = rng.random(count)
    images = [
        _select_images(media_ids, images_per_post, start) if share < 0.43 else []
        for share, images_per_post, start in zip(
            kind, rng.integers(1, 4, count), rng.integers(0, 97, count), strict=True
        )
    ]
    texts = [
        "" if share < 0.1 else text
        for share, text in zip(kind, _generate_texts(first, count, rng), strict=True)
    ]
    seconds = int(FIRST_DAY.timestamp()) + rng.integers(0, DAYS * 86_400, count)
    times = pa.array(seconds * 1_000_000, mask=rng.random(count) < 0.01).cast(pa.timestamp("us", tz="UTC"))
    numbers = range(first, first + count)
    columns = {
        "post_id": [f"m{number:07d}" for number in numbers],
        "text": texts,
        "author": [
            None if one < 500 else "<b>eve</b>" if one < 600 else f"@author{one}"
            for one in rng.integers(0, 20_000, count)
        ],
        "created_at": times,
        "images": images,
        "image_names": [[f"{name[:6]}.jpg" for name in names] for names in images],
        "likes": [None if one < 1 else int(one) for one in rng.lognormal(3, 2, count)],
        "shares": rng.poisson(3, count),
        "comments": rng.poisson(5, count),
        "source": ["posts.csv"] * count,
        "row": [number + 1 for number in numbers],
        "extra": [
            "{}" if reach < 500 else json.dumps({"campaign": CAMPAIGNS[reach % 5], "reach": int(reach)})
            for reach in rng.integers(0, 20_000, count)
        ],
    }
    return pa.table(
        {name: pa.array(columns[name], POST_SCHEMA.field(name).type) for name in POST_SCHEMA.names}
    )


def _generate_texts(first: int, count: int, rng: np.random.Generator) -> list[str]:
    parts = (_OPENINGS, _MIDDLES, _ENDINGS)
    chosen = zip(*(rng.integers(0, len(part), count).tolist() for part in parts), strict=True)
    texts = [
        f"{_OPENINGS[one]} {_MIDDLES[two]} {_ENDINGS[three].format(first + number)}".strip()
        for number, (one, two, three) in enumerate(chosen)
    ]
    for place in range(-first % HOSTILE_EVERY, count, HOSTILE_EVERY):
        texts[place] = _HOSTILE[(first + place) // HOSTILE_EVERY % len(_HOSTILE)]
    return texts


def _select_images(media_ids: Sequence[str], count: int, start: int) -> list[str]:
    return [media_ids[(start + step) % len(media_ids)] for step in range(count)]
