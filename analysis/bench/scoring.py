"""`postlens bench scoring`: measures scoring speed on this machine, compared with a reference and a limit.

Each is measured in a separate process on the same synthetic posts, with a text as long as a tweet and an image on
disk.

- PostLens: scoring a batch in a workspace, from files on disk to written parts, after the model is loaded.
- The reference: BERT-base and ResNet-50 with one linear layer, in PyTorch eager mode, with batches of 16 and images
  from disk. Weights are random, which does not affect the speed.
- The limit: only PostLens's compiled encoders, on preprocessed texts and images in memory.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from analysis.bench.machine import measure_peak_memory, run_in_new_process
from analysis.intake import CheckedBatch, Counts, rejected_frame
from analysis.intake.media import stored_image_path
from analysis.model import load_model
from analysis.model.bundle import build_model
from analysis.model.encoding import batch_token_ids, convert_to_pixels, encode_images, encode_texts
from analysis.model.engines import choose_engine
from analysis.model.presets import BERT_RESNET50
from analysis.model.text import preprocess_texts
from analysis.model.text_branches import choose_branches
from analysis.posts import post_frame
from analysis.scoring.pipeline import score_batch
from analysis.settings import Settings
from analysis.workspace import Batch, Workspace

REFERENCE_BATCH = 16
WORDS = ["train", "late", "again", "nobody", "desk", "why", "today", "but", "what", "a", "lovely", "evening", "with",
         "all", "of", "you", "thanks", "great", "match", "we", "never", "give", "up", "this", "phone", "awful", "not",
         "happy", "service", "after", "two", "weeks", "and", "the", "so", "long"]  # fmt: skip


@dataclass(frozen=True)
class ScoringSpeed:
    """Speed and memory of scoring.

    Attributes:
        posts_per_second: "PostLens", "reference" and "limit".
        half_seconds: PostLens's time for the first and the second half of its posts.
        peak_mb: PostLens's peak memory in MB, in the first half and in total.
        posts: Number of posts PostLens scored.
    """

    posts_per_second: dict[str, float]
    half_seconds: tuple[float, float]
    peak_mb: tuple[float, float]
    posts: int

    def figures(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        return {**self.posts_per_second, "half_seconds": self.half_seconds, "peak_mb": self.peak_mb}

    def lines(self) -> list[str]:
        """Format the figures for the terminal."""
        own, reference, limit = (self.posts_per_second[name] for name in ("PostLens", "reference", "limit"))
        (first, second), (before, after) = self.half_seconds, self.peak_mb
        return [
            *(f"{name:<12}{rate:>9,.1f} posts/s" for name, rate in self.posts_per_second.items()),
            f"PostLens is {own / reference:.1f} times the reference, {own / limit:.0%} of the limit",
            f"{self.posts:,} posts: halves {first:,.1f} s and {second:,.1f} s ({second / first:.2f})",
            f"peak memory: first half {before:,.0f} MB, total {after:,.0f} MB ({after / before:.2f})",
        ]


def time_scoring(
    bundle: str, images: Sequence[Path], posts: int = 2_000, fewer: int = 96, engine: str = "auto"
) -> ScoringSpeed:
    """Measure scoring, the reference and the limit.

    Args:
        bundle: Name or folder of the model.
        images: Images for the posts; each post gets a copy with different bytes.
        posts: Number of posts PostLens scores.
        fewer: Number of posts for the slow reference; the limit uses eight times as many.
        engine: The engine that runs the encoders; see `choose_engine`.
    """
    with tempfile.TemporaryDirectory(prefix="postlens-bench-") as folder:
        home = Path(folder)
        write_synthetic_unscored_batch(home, posts, images)
        halves, peaks = run_in_new_process(partial(_time_postlens, home, bundle, engine))
        found = {
            "PostLens": posts / sum(halves),
            "limit": run_in_new_process(partial(measure_encoder_rate, bundle, images, 8 * fewer, engine)),
            "reference": run_in_new_process(partial(measure_reference_rate, bundle, images, fewer)),
        }
    return ScoringSpeed(found, halves, peaks, posts)


def write_synthetic_unscored_batch(home: Path, posts: int, images: Sequence[Path]) -> Batch:
    """Write an unscored batch; a number appended to each image file makes all files different."""
    media, rows = home / "media", list[dict[str, object]]()
    contents = [image.read_bytes() for image in images]
    for number, text in enumerate(generate_synthetic_texts(posts)):
        content = contents[number % len(contents)] + str(number).encode()
        media_id = sha256(content).hexdigest()
        path = stored_image_path(media, media_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        rows.append({"post_id": f"p{number}", "text": text, "images": [media_id], "image_names": ["a.jpg"]})
    checked = CheckedBatch(post_frame(rows), rejected_frame([]), {"row": Counts(posts, posts, 0)})
    return Workspace(home).create(checked, media, "Synthetic posts", batch_id="synthetic")


def generate_synthetic_texts(posts: int, seed: int = 0) -> list[str]:
    """Generate texts of 6 to 30 words, each with a different number."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(5, 30, posts)
    return [f"{' '.join(rng.choice(WORDS, length))} {number}" for number, length in enumerate(lengths)]


def _time_postlens(home: Path, bundle: str, engine: str) -> tuple[tuple[float, float], tuple[float, float]]:
    """Score the synthetic batch; return the seconds and the peak memory of both halves."""
    batch, model = Workspace(home).open("synthetic"), load_model(bundle)
    runner = choose_engine(model, engine)
    encode_texts(model, ["warm up"], engine=runner)
    reports: list[tuple[int, float, float]] = []

    def report(_phase: str, done: int, _total: int) -> None:
        reports.append((done, time.perf_counter(), measure_peak_memory()))

    score_batch(batch, model, progress=report, engine=runner)
    start, end = reports[0], reports[-1]
    middle = min(reports[1:], key=lambda each: abs(each[0] - batch.manifest.n_posts / 2))
    share = (batch.manifest.n_posts / 2) / middle[0]  # parts rarely end exactly in the middle
    first = (middle[1] - start[1]) * share
    return (first, end[1] - start[1] - first), (middle[2], end[2])


def measure_encoder_rate(bundle: str, images: Sequence[Path], posts: int, engine: str) -> float:
    """Measure posts per second of the encoders alone."""
    model, settings = load_model(bundle), Settings()
    runner = choose_engine(model, engine)
    config = model.config.encoders["image"]
    opened = [convert_to_pixels(Image.open(path), config) for path in images]
    stacks = [
        torch.stack([opened[(start + n) % len(opened)] for n in range(settings.batch_images)])
        for start in range(0, posts, settings.batch_images)
    ]
    cleaned = preprocess_texts(generate_synthetic_texts(posts))
    readers = choose_branches(model.config.encoders["text"], generate_synthetic_texts(posts))
    texts = {
        branch: [
            tokens.inputs
            for tokens in batch_token_ids(
                model,
                [text for text, reader in zip(cleaned, readers, strict=True) if reader == branch],
                settings.batch_posts,
                branch,
            )
        ]
        for branch in model.tokenizers
    }
    list(runner.encode("image", [{"pixels": stacks[0]}] * 4))
    start = time.perf_counter()
    for branch, batches in texts.items():
        list(runner.encode("text", batches, branch))
    list(runner.encode("image", ({"pixels": pixels} for pixels in stacks)))
    return posts / (time.perf_counter() - start)


def measure_reference_rate(bundle: str, images: Sequence[Path], posts: int) -> float:
    """Measure posts per second of BERT-base and ResNet-50 in PyTorch."""
    from transformers import BertConfig

    text = replace(BERT_RESNET50.encoders["text"], architecture=BertConfig().to_dict())
    config = replace(BERT_RESNET50, encoders={**BERT_RESNET50.encoders, "text": text})
    ours = load_model(bundle)
    model = replace(ours, config=config, model=build_model(config).eval(), tokenizers={"": ours.tokenizer})
    texts = generate_synthetic_texts(posts)
    chosen = [images[number % len(images)] for number in range(posts)]

    def score(start: int) -> None:
        rows = range(start, min(start + REFERENCE_BATCH, posts))
        images = encode_images(model, [str(row) for row in rows], _make_opener(chosen), REFERENCE_BATCH)
        encoded = {
            "text": encode_texts(model, [texts[row] for row in rows], REFERENCE_BATCH),
            "image": torch.stack([image.vector for image in images.values()]),
        }
        with torch.inference_mode():
            model.model.predict(encoded, torch.ones(len(rows), 2))

    score(0)
    start = time.perf_counter()
    for first in range(0, posts, REFERENCE_BATCH):
        score(first)
    return posts / (time.perf_counter() - start)


def _make_opener(paths: Sequence[Path]) -> Callable[[str], Image.Image]:
    return lambda number: Image.open(paths[int(number)]).convert("RGB")
