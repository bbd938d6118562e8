"""`postlens bench explain`: measures the time of explanations on synthetic posts."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from PIL import Image

from analysis.attribution.checks import check_explanation
from analysis.attribution.explain import explain_post
from analysis.attribution.integrated_gradients import IntegratedGradients
from analysis.attribution.ledger import Output
from analysis.attribution.modality import Coalitions, compute_shapley_values
from analysis.attribution.target import get_attribution_target
from analysis.model.bundle import Bundle
from analysis.model.encoded_post import encode_post
from analysis.settings import Settings

MANY = 1_000
"""Number of encoded posts for timing modality values."""
WORDS = "the train was late again and nobody at the desk could say why it took so long today"


@dataclass(frozen=True)
class ExplanationTimes:
    """Median times on this machine.

    Attributes:
        seconds: Time of each step.
        share_of_scoring: Time of the modality values as a share of scoring the same posts, 0..1.
        threads: Threads that PyTorch used.
        posts: Number of posts explained.
        model: The bundle's id.
    """

    seconds: dict[str, float]
    share_of_scoring: float
    threads: int
    posts: int
    model: str

    def figures(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        return {**self.seconds, "share_of_scoring": self.share_of_scoring, "threads": self.threads}

    def lines(self) -> list[str]:
        """Format the figures for the terminal."""
        posts = f"median of {self.posts} posts of about 21 tokens, one image each"
        return [
            f"{self.model}, {self.threads} threads, {posts}",
            *(f"{name:<44}{1000 * seconds:>9,.1f} ms" for name, seconds in self.seconds.items()),
            f"modality values cost {self.share_of_scoring:.2%} of scoring the same posts",
        ]


def time_explanations(bundle: Bundle, posts: int = 12, seed: int = 0) -> ExplanationTimes:
    """Time explanations of synthetic posts, each with 19 words and a blurred random image.

    Args:
        bundle: The model.
        posts: Number of posts; each step is timed on each of them.
        seed: Seed of the posts.
    """
    rng, settings = np.random.default_rng(seed), Settings()
    output = Output("sentiment", bundle.heads["sentiment"].classes[0])
    target = get_attribution_target(bundle, output)
    dims = {modality: part.dim for modality, part in bundle.config.encoders.items()}
    many = {
        modality: torch.from_numpy(rng.normal(size=(MANY, dim))).float() for modality, dim in dims.items()
    }
    present = torch.ones(MANY, len(dims))
    weights = target.weights.expand(MANY, -1)
    times: dict[str, list[float]] = {}
    for _ in range(3):
        with bundle.lock, _record_time(times, f"modality values, {MANY:,} encoded posts"):
            compute_shapley_values(Coalitions(bundle, many, present), output.head, weights)
    for _ in range(posts):
        text = " ".join(rng.permutation(WORDS.split()))
        pixels = rng.integers(0, 256, (12, 16, 3), dtype=np.uint8)
        images = [("image", Image.fromarray(pixels).resize((800, 600), Image.Resampling.BICUBIC))]
        with bundle.lock:
            with _record_time(times, "encoding, a post"):
                post = encode_post(bundle, text, images)
            with _record_time(times, "words, a post"):
                IntegratedGradients(bundle, "text", settings).attribute(post, target, settings.word_steps)
            with _record_time(times, "regions, a post"):
                IntegratedGradients(bundle, "image", settings).attribute(post, target, settings.pixel_steps)
        with _record_time(times, "the full ledger, a post"):
            ledger = explain_post(bundle, post, output, settings, IntegratedGradients, IntegratedGradients)
        with _record_time(times, "the ledger that is shown first, a post"):
            explain_post(bundle, post, output, settings)
        with _record_time(times, "its checks, a post"):
            check_explanation(bundle, post, ledger, settings)
    seconds = {name: float(np.median(each)) for name, each in times.items()}
    values = seconds[f"modality values, {MANY:,} encoded posts"] / MANY
    share = values / (values + seconds["encoding, a post"])
    return ExplanationTimes(seconds, share, torch.get_num_threads(), posts, bundle.id)


@contextmanager
def _record_time(times: dict[str, list[float]], name: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    times.setdefault(name, []).append(time.perf_counter() - start)
