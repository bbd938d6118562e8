"""The names of all files of a batch, used by this package only. `analysis.workspace` shows the tree."""

from __future__ import annotations

from pathlib import Path

MANIFEST = "manifest.json"
POSTS = "posts.parquet"
REJECTED = "rejected.parquet"
INTAKE = "intake.json"
"""The files that were read, and how."""
MEDIA = "media"
SOURCES = "source"
REPORTS = "reports"
HEAT_MAPS = "heatmaps"
SCORING_LOCK = ".scoring.lock"
THEMES = "themes.parquet"
STOP = ".stop"
"""Tells the workers of a cluster not to start more parts. Ray Data is then read to its end, as shutting Ray down
while its threads run would end the process."""

BATCHES = "batches"
"""The folder of all batches in the workspace's folder."""
MAPPINGS = "mappings.json"
"""The saved column mappings, in the workspace's folder."""
TOPICS = "topics.json"
"""The custom topics, in the workspace's folder."""
SALT = "pseudonyms.salt"
"""The secret salt of pseudonyms, in the workspace's folder."""
REVIEWS = "reviews.sqlite"
"""The labels of people, in the workspace's folder."""
MODELS = "models"
"""The folder of models trained on labels of people, in the workspace's folder."""
MODEL_IN_USE = "in_use.json"
"""Which of these models is used, in their folder."""
TRAINING = "training.json"
"""What a model was trained from and on, in its folder."""
COMPILED, COMPILED_SUFFIX = "compiled", ".bin"
"""The folder of compiled encoders in the workspace's folder, and how its files end."""

_PART_PREFIX, _PART_SUFFIX = "part-", ".parquet"


def part_file(index: int) -> str:
    """Return the name of a part's file."""
    return f"{_PART_PREFIX}{index:05d}{_PART_SUFFIX}"


def part_files(folder: Path) -> dict[int, Path]:
    """Return the parts in a folder by their index, in order; none if there is no folder."""
    try:
        paths = sorted(folder.glob(f"{_PART_PREFIX}*{_PART_SUFFIX}"))
    except FileNotFoundError:  # the batch was deleted a moment ago
        return {}
    return {int(path.stem.removeprefix(_PART_PREFIX)): path for path in paths}


def digest_path(path: Path) -> Path:
    """Return the path of the file with another file's digest."""
    return path.with_suffix(".sha256")
