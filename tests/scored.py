"""A checked batch and its scores, made without files and without a model, for tests of what reads them."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
from PIL import Image

from analysis.intake import CheckedBatch, Counts, Rejection, media_path, rejected_frame
from analysis.posts import inputs_used, post_frame
from analysis.settings import Settings
from analysis.workspace import Batch, Workspace

TOPICS = ("arts_culture", "daily_life", "sports_gaming")
PICTURE = "ab" * 32
FIRST_DAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def some_posts(n: int = 20) -> pd.DataFrame:
    """Posts p0, p1, ...: in turn text only, both, picture only, both; one a day; every fifth without a date."""
    rows: list[dict[str, object]] = []
    for i in range(n):
        has_text, has_picture = i % 4 != 2, i % 4 != 0
        rows.append(
            {
                "post_id": f"p{i}",
                "text": f"Post number {i} about {'Rain' if i % 3 else 'SUNSHINE'} 100%" if has_text else "",
                "author": f"@author{i % 3}" if i % 2 else None,
                "created_at": FIRST_DAY + timedelta(days=i) if i % 5 else None,
                "images": [PICTURE] if has_picture else [],
                "image_names": [f"photo {i}.jpg"] if has_picture else [],
                "likes": i * 10 if i % 3 else None,
                "source": "posts.csv",
                "row": i + 1,
                "extra": '{"campaign": "=spring"}' if i % 2 else '{"campaign": "autumn", "reach": 12}',
            }
        )
    return post_frame(rows)


def checked(posts: pd.DataFrame) -> CheckedBatch:
    """What intake gives for these posts and one row that it refused."""
    refused = Rejection(
        "row", "posts.csv", "has neither text nor a picture", "Fill one of them.", raw="=HYPERLINK(1)"
    )
    counts = {"row": Counts(expected=len(posts) + 1, received=len(posts), rejected=1)}
    return CheckedBatch(posts, rejected_frame([refused]), counts)


def scores_of(posts: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """Scores of posts: varied, the same each time, and consistent with themselves."""
    chance = random.Random(seed)
    return pd.DataFrame([_scores(post, chance) for post in posts.itertuples()])


def words_of(posts: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {"post_id": list(posts["post_id"]), "top_words": ["@rain +0.42; sun -0.10"] * len(posts)}
    )


def media_with_picture(folder: Path) -> Path:
    path = media_path(folder, PICTURE)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (32, 24), "teal").save(path)
    return folder


def new_batch(
    folder: Path, posts: pd.DataFrame | None = None, batch_id: str = "spring", **settings: object
) -> Batch:
    """An unscored batch of `some_posts()` in a workspace under `folder`."""
    workspace = Workspace(folder / "home", Settings(**settings))  # type: ignore[arg-type]
    posts = some_posts() if posts is None else posts
    return workspace.create(checked(posts), media_with_picture(folder / "media"), "Spring", batch_id=batch_id)


def score(batch: Batch, parts: range | None = None) -> Batch:
    """Write scores and words for some parts of a batch, all by default."""
    posts = batch.posts()
    scores, words = scores_of(posts), words_of(posts)
    for index in range(batch.n_parts) if parts is None else parts:
        batch.write_part("scores", index, scores.iloc[batch.part_rows(index)])
        batch.write_part("words", index, words.iloc[batch.part_rows(index)])
    batch.set_bundle("compact@1a2b3c4d")
    return batch


def _scores(post: object, chance: random.Random) -> dict[str, object]:
    used = inputs_used(post.text, len(post.images))  # type: ignore[attr-defined]
    both = used == "both"
    raw = [chance.random() ** 2 for _ in range(3)]
    negative, neutral, positive = (value / sum(raw) for value in raw)
    confidence = max(negative, neutral, positive)
    sentiment = ("negative", "neutral", "positive")[[negative, neutral, positive].index(confidence)]
    text_valence = chance.uniform(-1, 1) if used != "image" else None
    image_valence = chance.uniform(-1, 1) if used != "text" else None
    topics = {f"topic_{name}": chance.random() for name in TOPICS}
    best = max(topics, key=lambda name: topics[name])
    phi_text = chance.gauss(0, 1) if used != "image" else 0.0
    phi_image = chance.gauss(0, 1) if used != "text" else 0.0
    return {
        "post_id": post.post_id,  # type: ignore[attr-defined]
        "inputs_used": used,
        "sentiment": sentiment,
        "p_negative": negative,
        "p_neutral": neutral,
        "p_positive": positive,
        "valence": positive - negative,
        "confidence": confidence,
        "uncertain": confidence < 0.5,
        "text_sentiment": sentiment if text_valence is not None else None,
        "image_sentiment": sentiment if image_valence is not None else None,
        "text_valence": text_valence,
        "image_valence": image_valence,
        "agreement": 1 - abs(text_valence - image_valence) / 2 if both else None,  # type: ignore[operator]
        "topic": best.removeprefix("topic_") if topics[best] >= 0.5 else "unclear",
        "topic_confidence": topics[best],
        **topics,
        "phi_text": phi_text,
        "phi_image": phi_image,
        "interaction": 0.1 if both else 0.0,
        "share_text": abs(phi_text) / (abs(phi_text) + abs(phi_image)),
        "share_image": abs(phi_image) / (abs(phi_text) + abs(phi_image)),
        "model": "compact@1a2b3c4d",
    }
