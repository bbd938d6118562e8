"""How fast scoring is on the machine at hand, beside a reference and a limit: what `postlens bench scoring` prints.

Each is measured in a process of its own, one after the other, on the same made posts: a text of a tweet's length and
a picture from disk each.

- PostLens: a batch of a workspace, from its files on disk to written parts, after the model is loaded.
- The reference: BERT-base and ResNet-50 under one linear layer, PyTorch eager, in batches of 16, pictures from disk;
  random weights take as long as trained ones.
- The limit: PostLens's compiled encoders alone, on texts and pictures that are in memory as they read them.
"""

from __future__ import annotations

import multiprocessing
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from PIL import Image

from analysis.intake import CheckedBatch, Counts, rejected_frame
from analysis.intake.media import media_path
from analysis.model import load_model
from analysis.model.bundle import build_model
from analysis.model.encoding import encode_pictures, encode_texts, to_pixels, token_batches
from analysis.model.engines import choose_engine
from analysis.model.text import clean_texts
from analysis.posts import post_frame
from analysis.scoring.pipeline import score_batch
from analysis.settings import Settings
from analysis.workspace import Batch, Workspace

REFERENCE_BATCH = 16
WORDS = ["train", "late", "again", "nobody", "desk", "why", "today", "but", "what", "a", "lovely", "evening", "with",
         "all", "of", "you", "thanks", "great", "match", "we", "never", "give", "up", "this", "phone", "awful", "not",
         "happy", "service", "after", "two", "weeks", "and", "the", "so", "long"]  # fmt: skip
T = TypeVar("T")


@dataclass(frozen=True)
class Speed:
    """What was measured.

    Attributes:
        posts_per_second: By what was timed: "PostLens", "reference", "limit".
        half_seconds: PostLens's time for the first and the second half of its posts.
        peak_mb: Its highest memory in the first half, and in all.
        posts: How many posts PostLens scored.
    """

    posts_per_second: dict[str, float]
    half_seconds: tuple[float, float]
    peak_mb: tuple[float, float]
    posts: int


def time_scoring(
    bundle: str, pictures: Sequence[Path], posts: int = 2_000, fewer: int = 96, engine: str = "auto"
) -> Speed:
    """Measure scoring, the reference and the limit.

    Args:
        bundle: Name or folder of the model.
        pictures: Pictures that the posts share out; each post's counts as its own.
        posts: That PostLens scores.
        fewer: Posts for the reference, which takes long; the limit gets eight times as many.
        engine: What runs the encoders; see `choose_engine`.

    Returns:
        Posts a second, times and memory.
    """
    with tempfile.TemporaryDirectory(prefix="postlens-bench-") as folder:
        home = Path(folder)
        made_batch(home, posts, pictures)
        halves, peaks = _apart(partial(_postlens, home, bundle, engine))
        found = {
            "PostLens": posts / sum(halves),
            "limit": _apart(partial(_limit, bundle, pictures, 8 * fewer, engine)),
            "reference": _apart(partial(_reference, bundle, pictures, fewer)),
        }
    return Speed(found, halves, peaks, posts)


def made_batch(home: Path, posts: int, pictures: Sequence[Path]) -> Batch:
    """Make an unscored batch: texts are all different, and so are pictures, which have a number after their end."""
    media, rows = home / "media", list[dict[str, object]]()
    contents = [picture.read_bytes() for picture in pictures]
    for number, text in enumerate(made_texts(posts)):
        content = contents[number % len(contents)] + str(number).encode()
        media_id = sha256(content).hexdigest()
        path = media_path(media, media_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        rows.append({"post_id": f"p{number}", "text": text, "images": [media_id], "image_names": ["a.jpg"]})
    checked = CheckedBatch(post_frame(rows), rejected_frame([]), {"row": Counts(posts, posts, 0)})
    return Workspace(home).create(checked, media, "Made posts", batch_id="made")


def made_texts(posts: int, seed: int = 0) -> list[str]:
    """Write texts of 6 to 30 words, each with a number of its own."""
    chance = np.random.default_rng(seed)
    lengths = chance.integers(5, 30, posts)
    return [f"{' '.join(chance.choice(WORDS, length))} {number}" for number, length in enumerate(lengths)]


def time_cold_starts(app: Path, table: Path, runs: int = 3) -> dict[str, float]:
    """Time new processes, the median of some runs in seconds.

    Args:
        app: The dashboard's app.py; its first page is drawn by Streamlit's own test runner.
        table: A table of one post, which `postlens score` scores.
        runs: How often.
    """
    page = (
        f"from streamlit.testing.v1 import AppTest; AppTest.from_file({str(app)!r}, default_timeout=60).run()"
    )
    score = (
        f"from analysis.cli import main; main(['score', {str(table)!r}, '--out', {str(table) + '.csv'!r}])"
    )
    commands = {
        "import analysis": "import analysis",
        "postlens score, one post": score,
        "the app's first page": page,
    }
    found: dict[str, float] = {}
    for name, code in commands.items():
        taken = []
        for _ in range(runs):
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)  # noqa: S603 (our own code)
            taken.append(time.perf_counter() - start)
        found[name] = sorted(taken)[runs // 2]
    return found


def _postlens(home: Path, bundle: str, engine: str) -> tuple[tuple[float, float], tuple[float, float]]:
    """Score the made batch: seconds and peak memory of the halves."""
    batch, model = Workspace(home).open("made"), load_model(bundle)
    runs = choose_engine(model, engine)
    encode_texts(model, ["warm up"], engine=runs)
    told: list[tuple[int, float, float]] = []

    def tell(_phase: str, done: int, _total: int) -> None:
        told.append((done, time.perf_counter(), _peak_mb()))

    score_batch(batch, model, progress=tell, engine=runs)
    start, end = told[0], told[-1]
    middle = min(told[1:], key=lambda each: abs(each[0] - batch.manifest.n_posts / 2))
    share = (batch.manifest.n_posts / 2) / middle[0]  # parts seldom end at the very half
    first = (middle[1] - start[1]) * share
    return (first, end[1] - start[1] - first), (middle[2], end[2])


def _limit(bundle: str, pictures: Sequence[Path], posts: int, engine: str) -> float:
    """Posts a second of the encoders alone."""
    model, settings = load_model(bundle), Settings()
    runs = choose_engine(model, engine)
    config = model.config.encoders["image"]
    opened = [to_pixels(Image.open(path), config) for path in pictures]
    stacks = [
        torch.stack([opened[(start + n) % len(opened)] for n in range(settings.batch_images)])
        for start in range(0, posts, settings.batch_images)
    ]
    texts = [
        inputs for _, inputs in token_batches(model, clean_texts(made_texts(posts)), settings.batch_posts)
    ]
    list(runs.encode("image", [{"pixels": stacks[0]}] * 4))
    start = time.perf_counter()
    list(runs.encode("text", texts))
    list(runs.encode("image", ({"pixels": pixels} for pixels in stacks)))
    return posts / (time.perf_counter() - start)


def _reference(bundle: str, pictures: Sequence[Path], posts: int) -> float:
    """Posts a second of BERT-base and ResNet-50 in PyTorch."""
    from transformers import BertConfig

    from analysis.model.presets import BERT_RESNET50

    text = replace(BERT_RESNET50.encoders["text"], architecture=BertConfig().to_dict())
    config = replace(BERT_RESNET50, encoders={**BERT_RESNET50.encoders, "text": text})
    ours = load_model(bundle)
    model = replace(ours, config=config, model=build_model(config).eval())
    texts = made_texts(posts)
    chosen = [pictures[number % len(pictures)] for number in range(posts)]

    def score(start: int) -> None:
        rows = range(start, min(start + REFERENCE_BATCH, posts))
        vectors = encode_pictures(model, [str(row) for row in rows], _opener(chosen), REFERENCE_BATCH)
        encoded = {
            "text": encode_texts(model, [texts[row] for row in rows], REFERENCE_BATCH),
            "image": torch.stack(list(vectors.values())),
        }
        with torch.inference_mode():
            model.model.predict(encoded, torch.ones(len(rows), 2))

    score(0)
    start = time.perf_counter()
    for first in range(0, posts, REFERENCE_BATCH):
        score(first)
    return posts / (time.perf_counter() - start)


def _opener(paths: Sequence[Path]) -> Callable[[str], Image.Image]:
    return lambda number: Image.open(paths[int(number)]).convert("RGB")


def _apart(work: Callable[[], T]) -> T:
    """Do some work in a new process, so that its memory and threads are its own."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        return process.submit(work).result()


def _peak_mb() -> float:
    most: Any = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return float(most) / (1024**2 if sys.platform == "darwin" else 1024)
