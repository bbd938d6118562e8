"""Labelled posts whose words show their labels, and the predictions of a bundle for texts."""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from pathlib import Path

import torch

from analysis.model.bundle import Bundle
from analysis.model.encoding import encode_texts
from analysis.model.outputs import compute_probabilities

POSTS = 45
WORDS = {"negative": "bad awful rain", "neutral": "the phone is a", "positive": "good lovely day"}
TOPICS = {"Food & Drink": "lovely red heart", "Transport": "awful phone match", "!Odd": "rain rain rain"}


def spoken(words: str, number: int) -> str:
    """Give some of the words, in an order that depends on the number."""
    chance = random.Random(number)
    return " ".join(chance.choices(words.split(), k=4))


def write(path: Path, rows: Sequence[dict[str, object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def labelled(
    column: str, words: dict[str, str], classes: Sequence[str], posts: int = POSTS
) -> list[dict[str, object]]:
    """Posts whose text shows their label."""
    labels = [classes[number % len(classes)] for number in range(posts)]
    return [{"post_id": n, "text": spoken(words[label], n), column: label} for n, label in enumerate(labels)]


def sentiments(posts: int = POSTS) -> list[dict[str, object]]:
    return labelled("sentiment", WORDS, tuple(WORDS), posts)


def topics() -> list[dict[str, object]]:
    return labelled("topic", TOPICS, ("Food & Drink", "Transport"))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def answers(bundle: Bundle, texts: list[str]) -> dict[str, torch.Tensor]:
    encoded = {"text": encode_texts(bundle, texts), "image": torch.zeros(len(texts), 256)}
    present = torch.tensor([[1.0, 0.0]] * len(texts))
    with torch.inference_mode():
        return compute_probabilities(bundle.heads, bundle.model.predict(encoded, present), present)
