"""A checked batch and its scores, made without files and without a model, for tests of what reads them."""

from __future__ import annotations

import hashlib
import json
import random
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from analysis.columns import stored_columns
from analysis.intake import CheckedBatch, Counts, Rejection, rejected_frame, stored_image_path
from analysis.model.bundle import Bundle
from analysis.model.config import SENTIMENTS, Head
from analysis.model.presets import default_options
from analysis.posts import list_inputs_used, post_frame
from analysis.scoring.pipeline import score_batch
from analysis.settings import Settings
from analysis.workspace import Batch, Workspace

TOPICS = ("arts_culture", "daily_life", "sports_gaming")
EMOTIONS = ("anger", "joy")
HEADS = {
    "sentiment": Head("sentiment", SENTIMENTS, ("Negative", "Neutral", "Positive")),
    "topic": Head(
        "topic",
        TOPICS,
        tuple(name.title() for name in TOPICS),
        exclusive=False,
        column_options=default_options("topic"),
    ),
    "emotion": Head(
        "emotion", EMOTIONS, ("Anger", "Joy"), reads=("text",), column_options=default_options("emotion")
    ),
    "irony": Head("irony", ("not_irony", "irony"), ("Not ironic", "Ironic"), reads=("text",)),
    "offensive": Head(
        "offensive", ("not_offensive", "offensive"), ("Not offensive", "Offensive"), reads=("text",)
    ),
    "hate": Head("hate", ("not_hate", "hate"), ("Not hateful", "Hateful"), reads=("text",)),
}
"""The heads whose scores `scores_of` makes up."""
_FILE = BytesIO()
Image.new("RGB", (32, 24), "teal").save(_FILE, "JPEG")
TEXTS = ("lovely day", "awful rain", "the match is good", "red phone", "lovely day !", "bad bad match")
IMAGE = hashlib.sha256(_FILE.getvalue()).hexdigest()
FIRST_DAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def some_posts(n: int = 20) -> pd.DataFrame:
    """Posts p0, p1, ...: in turn text only, both, image only, both; one a day; every fifth without a date."""
    rows: list[dict[str, object]] = []
    for i in range(n):
        has_text, has_image = i % 4 != 2, i % 4 != 0
        rows.append(
            {
                "post_id": f"p{i}",
                "text": f"Post number {i} about {'Rain' if i % 3 else 'SUNSHINE'} 100%" if has_text else "",
                "author": f"@author{i % 3}" if i % 2 else None,
                "created_at": FIRST_DAY + timedelta(days=i) if i % 5 else None,
                "images": [IMAGE] if has_image else [],
                "image_names": [f"photo {i}.jpg"] if has_image else [],
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
        "row", "posts.csv", "has neither text nor an image", "Fill one of them.", raw="=HYPERLINK(1)"
    )
    counts = {"row": Counts(expected=len(posts) + 1, received=len(posts), rejected=1)}
    return CheckedBatch(posts, rejected_frame([refused]), counts)


def scores_of(posts: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """Scores of posts: varied, the same each time, and consistent with themselves."""
    chance = random.Random(seed)
    scores = pd.DataFrame([_scores(post, chance) for post in posts.itertuples()])
    return scores.assign(**dict.fromkeys(stored_columns("scores").keys() - set(scores)))


def words_of(posts: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "post_id": list(posts["post_id"]),
            "top_words": [[("@rain", 0.42), ("sun", -0.10)]] * len(posts),
            "image_map": [[0.1, -0.2, 0.3, 0.4] * len(images) or None for images in posts["images"]],
        }
    )


def embeddings_of(posts: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """Embeddings of posts, of length 1 in 8 dimensions: varied, and the same each time."""
    chance = np.random.default_rng(seed)
    vectors = chance.normal(size=(2, len(posts), 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=2, keepdims=True)
    has = {
        "text": [bool(text) for text in posts["text"]],
        "image": [len(names) > 0 for names in posts["images"]],
    }
    columns = {
        f"{name}_embedding": [
            vector.astype(np.float16) if there else None
            for vector, there in zip(values, has[name], strict=True)
        ]
        for name, values in zip(has, vectors, strict=True)
    }
    return pd.DataFrame({"post_id": list(posts["post_id"]), **columns})


def media_with_image(folder: Path) -> Path:
    path = stored_image_path(folder, IMAGE)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_FILE.getvalue())
    return folder


def new_batch(
    folder: Path, posts: pd.DataFrame | None = None, batch_id: str = "spring", **settings: object
) -> Batch:
    """An unscored batch of `some_posts()` in a workspace under `folder`."""
    workspace = Workspace(folder / "home", Settings(**settings))  # type: ignore[arg-type]
    posts = some_posts() if posts is None else posts
    return workspace.create(checked(posts), media_with_image(folder / "media"), "Spring", batch_id=batch_id)


def texts_and_images(folder: Path, bundle: Bundle) -> Batch:
    """Make a scored batch of three parts: six `TEXTS`, the last with an image, and an image alone."""
    rows: list[dict[str, object]] = [{"post_id": f"p{i}", "text": text} for i, text in enumerate(TEXTS)]
    rows[-1] |= {"images": [IMAGE], "image_names": ["a.jpg"]}
    rows.append({"post_id": "image", "images": [IMAGE], "image_names": ["a.jpg"]})
    batch = new_batch(folder, post_frame(rows), part_posts=3)
    score_batch(batch, bundle)
    return batch


def without_digests(batch: Batch) -> Batch:
    """The same batch as a version of PostLens that kept no digests would have left it."""
    path = batch.folder / "manifest.json"
    content = json.loads(path.read_bytes())
    path.write_text(json.dumps({k: v for k, v in content.items() if k not in ("digests", "salt", "sha256")}))
    for digest in batch.folder.glob("*/*.sha256"):
        digest.unlink()
    return Workspace(batch.folder.parents[1], batch.settings).open(batch.id)


def score(batch: Batch, parts: range | None = None) -> Batch:
    """Write scores, words and embeddings for some parts of a batch, all by default."""
    posts = batch.posts()
    made = {"embeddings": embeddings_of(posts), "scores": scores_of(posts), "words": words_of(posts)}
    for index in range(batch.n_parts) if parts is None else parts:
        for kind, frame in made.items():
            batch.write_part(kind, index, frame.iloc[batch.part_rows(index)])
    batch.set_bundle("compact@1a2b3c4d")
    return batch


def _alone(sentiment: str, valence: float | None, least: float) -> str | None:
    """The sentiment of one modality alone: the post's own, or another below a valence."""
    if valence is None or valence >= least:
        return None if valence is None else sentiment
    return SENTIMENTS[(SENTIMENTS.index(sentiment) + 1) % 3]


def _scores(post: object, chance: random.Random) -> dict[str, object]:
    used = list_inputs_used(post.text, len(post.images))  # type: ignore[attr-defined]
    both = used == "both"
    raw = [chance.random() ** 2 for _ in range(3)]
    negative, neutral, positive = (value / sum(raw) for value in raw)
    confidence = max(negative, neutral, positive)
    sentiment = ("negative", "neutral", "positive")[[negative, neutral, positive].index(confidence)]
    text_valence = chance.uniform(-1, 1) if used != "image" else None
    image_valence = chance.uniform(-1, 1) if used != "text" else None
    topics = {f"topic_{name}": chance.random() for name in TOPICS}
    best = max(topics, key=lambda name: topics[name])
    anger = chance.random() if used != "image" else None
    tones = {
        f"p_{name}": chance.random() if used != "image" else None for name in ("irony", "offensive", "hate")
    }
    language = chance.choice(["en", "en", "es", None]) if used != "image" else None
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
        "text_sentiment": _alone(sentiment, text_valence, 0.3 if both else -1),
        "image_sentiment": _alone(sentiment, image_valence, 0.0 if both else -1),
        "text_valence": text_valence,
        "image_valence": image_valence,
        "agreement": 1 - abs(text_valence - image_valence) / 2 if both else None,  # type: ignore[operator]
        "topic": best.removeprefix("topic_") if topics[best] >= 0.5 else "unclear",
        "topic_confidence": topics[best],
        **topics,
        "emotion": None
        if anger is None
        else "unclear"
        if 0.4 < anger < 0.6
        else "anger"
        if anger > 0.5
        else "joy",
        "p_anger": anger,
        "p_joy": None if anger is None else 1 - anger,
        **tones,
        "phi_text": phi_text,
        "phi_image": phi_image,
        "interaction": 0.1 if both else 0.0,
        "share_text": abs(phi_text) / (abs(phi_text) + abs(phi_image)),
        "share_image": abs(phi_image) / (abs(phi_text) + abs(phi_image)),
        "phi_text_topic": phi_text / 2,
        "phi_image_topic": phi_image / 2,
        "interaction_topic": 0.05 if both else 0.0,
        "text_image_match": chance.random() if both else None,
        "language": language,
        "in_language": None if language is None else language == "en",
        "model": "compact@1a2b3c4d",
    }
