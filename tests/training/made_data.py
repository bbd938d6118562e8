"""A folder of labelled data of the form that `postlens train` reads: few posts, every label in every split."""

import csv
from pathlib import Path

import numpy as np
from PIL import Image

LABELS = {
    "sentiment": ("positive", "neutral", "negative"),
    "topic": (
        "arts_&_culture", "business_&_entrepreneurs", "daily_life", "pop_culture", "science_&_technology",
        "sports_&_gaming",
    ),
    "emotion": ("anger", "joy", "optimism", "sadness"),
    "irony": ("irony", "non_irony"),
    "offensive": ("offensive", "not-offensive"),
    "hate": ("hate", "not-hate"),
}  # fmt: skip


def write(path: Path, rows: list[dict[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def write_data(folder: Path, side: int = 60) -> Path:
    """Write every data set."""
    rng = np.random.default_rng(0)

    def image(path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (40, side, 3), dtype=np.uint8)).save(path)

    pairs: list[dict[str, object]] = []
    for number in range(21):
        label, name = LABELS["sentiment"][number % 3], f"images/{number}.jpg"
        image(folder / "mvsa_single" / name)
        labels = {"label": label, "text_label": label, "image_label": label}
        split = "dev" if number >= 15 else "train"
        pairs.append(
            {"id": number, "text": f"a {label} day {number}", "image": name, **labels, "split": split}
        )
    write(folder / "mvsa_single" / "posts.csv", pairs)
    captions: list[dict[str, object]] = []
    for number in range(6):
        name = f"images/{number}.jpg"
        image(folder / "flickr8k" / name)
        split = "val" if number >= 4 else "train"
        captions += [{"id": number, "image": name, "caption": f"dog {number}", "split": split}] * 2
    write(folder / "flickr8k" / "captions.csv", captions)
    for task, labels in LABELS.items():
        for split, count in (("train", 12), ("val", 12)):
            rows: list[dict[str, object]] = [
                {"id": n, "text": f"{labels[n % len(labels)]} {split} {n}", "label": labels[n % len(labels)]}
                for n in range(count)
            ]
            write(folder / task / f"{split}.csv", rows)
    write(folder / "unlabelled" / "tweets.csv", [{"id": n, "text": f"some day {n}"} for n in range(8)])
    for name, languages in (
        ("sentiment_multilingual", ("german", "english")),
        ("sentiment_more", ("japanese", "hinglish")),
    ):
        for split in ("train", "val"):
            write(
                folder / name / f"{split}.csv",
                [
                    {
                        "id": n,
                        "lang": languages[n % 2],
                        "text": f"ein Tag {split} {name} {n}",
                        "label": LABELS["sentiment"][n % 3],
                    }
                    for n in range(12)
                ],
            )
    several = ("joy;love", "anger", "none", "fear;trust")
    write(
        folder / "emotion_tweets_11" / "train.csv",
        [{"text": f"so {n}", "labels": several[n % 4]} for n in range(8)],
    )
    reddit = ("amusement", "neutral")
    write(
        folder / "emotion_reddit_28" / "train.csv",
        [{"text": f"well {n}", "labels": reddit[n % 2]} for n in range(8)],
    )
    for language in ("english", "arabic"):
        write(
            folder / "irony_more" / f"train_{language}.csv",
            [
                {
                    "text": f"great {language} {n}",
                    "label": LABELS["irony"][n % 2],
                    "rephrase": "" if n % 2 else f"not great {language} {n}",
                }
                for n in range(8)
            ],
        )
    return folder
