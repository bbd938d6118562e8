"""The scorer: encodes and scores posts part by part, whether their parts are stored on disk or in memory.

Images are opened by threads while others are encoded (`analysis.model.encoding`); while a part is encoded, the
previous one is scored and written. Scores are bit-identical however posts are divided into runs.
Batches on disk are scored by `analysis.scoring.pipeline`, posts in memory by `analysis.scoring.memory`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import pandas as pd
import torch

from analysis.environment import describe_processor, list_versions
from analysis.model.bundle import Bundle
from analysis.model.engines import Engine, choose_engine
from analysis.model.language import detect_languages
from analysis.scoring.embeddings import embedding_table
from analysis.scoring.encodings import Encoded, PostEncoder, encoding_table, parse_encodings_part
from analysis.scoring.pace import Progress
from analysis.scoring.scores import build_score_table
from analysis.scoring.words import build_word_table
from analysis.settings import Settings
from analysis.workspace.compiled import open_compiled_encoders

log = logging.getLogger(__name__)

PartFrames = dict[str, pd.DataFrame]
"""The results for one part by kind, in the order of writing."""


class PartStore(Protocol):
    """Stores posts in parts, and the results for each part: `workspace.Batch` or `scoring.memory.MemoryStore`."""

    @property
    def id(self) -> str:
        """A name for the log."""
        ...

    @property
    def n_parts(self) -> int:
        """Number of parts."""
        ...

    def part_size(self, index: int) -> int:
        """Count the posts of a part."""
        ...

    def part_of_posts(self, index: int) -> pd.DataFrame:
        """Read the posts of a part."""
        ...

    def has_part(self, kind: str, index: int) -> bool:
        """Check whether a part of this kind has been written."""
        ...

    def read_part(self, kind: str, index: int) -> pd.DataFrame:
        """Read a written part."""
        ...

    def write_part(self, kind: str, index: int, frame: pd.DataFrame) -> None:
        """Write a part, replacing the one there."""
        ...

    def media_path(self, media_id: str) -> Path:
        """Return the file of an image."""
        ...

    def record_engine(self, engine: Mapping[str, Any]) -> None:
        """Record the engine that encodes the posts."""
        ...


def describe_engine(engine: Engine) -> dict[str, Any]:
    """Describe what the last digits of encodings depend on: engine, threads of PyTorch, processor and versions."""
    return {
        "name": engine.name,
        "threads": torch.get_num_threads(),
        "processor": f"{describe_processor()} ({torch.backends.cpu.get_cpu_capability()})",
        "versions": list_versions(),
    }


def list_part_kinds(bundle: Bundle) -> list[str]:
    """List the kinds of parts that scoring writes, in order; a part with scores has all of them."""
    embeddings = ["embeddings"] if bundle.config.space else []
    words = ["words"] if bundle.part_modalities else []
    return ["encodings", *embeddings, *words, "scores"]


def count_posts_to_score(store: PartStore, parts: Sequence[int] | None = None) -> int:
    """Count the posts of some parts, by default of all."""
    return sum(store.part_size(index) for index in (range(store.n_parts) if parts is None else parts))


def list_missing_parts(store: PartStore, bundle: Bundle) -> list[int]:
    """List the parts that lack any of `list_part_kinds`."""
    kinds = list_part_kinds(bundle)
    return [index for index in range(store.n_parts) if not all(store.has_part(kind, index) for kind in kinds)]


def score_parts(
    store: PartStore,
    bundle: Bundle,
    settings: Settings,
    progress: Progress,
    cancelled: Callable[[], bool],
    engine: Engine | str,
) -> bool:
    """Score the parts that have no scores yet.

    Args:
        store: The posts; receives the parts of `list_part_kinds`.
        bundle: The model.
        settings: Limits.
        progress: Called at the start and after each part, in the phase "scoring".
        cancelled: Checked between parts.
        engine: The engine that runs the encoders, or its name; see `choose_engine`.

    Returns:
        True when all parts have scores, False when cancelled.

    Raises:
        BundleError: The engine cannot run.
        ScoringError: An image is missing or damaged.
        WorkspaceError: A part cannot be written.
    """
    missing, total = list_missing_parts(store, bundle), count_posts_to_score(store)
    done = total - count_posts_to_score(store, missing)
    progress("scoring", done, total)
    encode = part_encoder(store, bundle, settings, engine)

    def finish(index: int, posts: pd.DataFrame, encoded: Encoded) -> int:
        write_part_results(store, index, score_part(bundle, posts, encoded, settings))
        return len(posts)

    with ThreadPoolExecutor(1, "parts") as finisher:
        previous: Future[int] | None = None
        for index in missing:
            if cancelled():
                break
            posts = store.part_of_posts(index)
            encoded = encode(index, posts)
            if previous:
                done += previous.result()
                progress("scoring", done, total)
            previous = finisher.submit(finish, index, posts, encoded)
        if previous:
            done += previous.result()
            progress("scoring", done, total)
    log.info("batch %s: %d of %d posts have scores", store.id, done, total)
    return done == total


def score_part(bundle: Bundle, posts: pd.DataFrame, encoded: Encoded, settings: Settings) -> PartFrames:
    """Compute everything that is written for one part: see `list_part_kinds`."""
    languages = detect_languages(posts["text"].tolist(), settings.language_from, bundle.config.languages)
    known = [None if one is None else one in bundle.config.languages for one in languages]
    ids = posts["post_id"].tolist()
    frames = {"encodings": encoding_table(ids, encoded)}
    with bundle.lock:
        if bundle.config.space:
            frames["embeddings"] = embedding_table(bundle, ids, encoded.vectors, encoded.present)
        scores = build_score_table(bundle, ids, encoded.vectors, encoded.present, settings)
        if encoded.numbers:
            frames["words"] = build_word_table(bundle, posts, encoded, scores["sentiment"].tolist(), settings)
    language_columns = {
        name: pd.Series(values, dtype=object)
        for name, values in (("language", languages), ("in_language", known))
    }
    return {**frames, "scores": scores.assign(**language_columns)}


def write_part_results(store: PartStore, index: int, frames: PartFrames) -> None:
    """Write the results for a part; encodings that are already stored are not written again.

    Words are missing from the results if they are stored already.

    Raises:
        WorkspaceError: It cannot be written.
    """
    for kind, frame in frames.items():
        if kind != "encodings" or not store.has_part(kind, index):
            store.write_part(kind, index, frame)


def part_encoder(
    store: PartStore, bundle: Bundle, settings: Settings, engine: Engine | str, threads: int | None = None
) -> Callable[[int, pd.DataFrame], Encoded]:
    """Create the function that encodes a part's posts, or reads their stored encodings.

    Posts are encoded again if their words are missing, which are computed along with the encodings. The engine is
    started by the first part that needs it.

    Args:
        store: The posts; their number determines the engine.
        bundle: The model.
        settings: Limits.
        engine: The engine that runs the encoders, or its name.
        threads: Processor threads of an engine given by name; None for all.

    Returns:
        A function of a part's index and its posts.
    """
    encoders: list[PostEncoder] = []

    def encode(index: int, posts: pd.DataFrame) -> Encoded:
        has_words = not bundle.part_modalities or store.has_part("words", index)
        if has_words and store.has_part("encodings", index):
            return parse_encodings_part(store.read_part("encodings", index), bundle)
        if not encoders:
            chosen = engine
            if isinstance(chosen, str):
                cache, posts_in_all = open_compiled_encoders(settings), count_posts_to_score(store)
                chosen = choose_engine(bundle, chosen, posts_in_all, settings.openvino_from, threads, cache)
            log.info("batch %s is encoded by %s", store.id, chosen.name)
            store.record_engine(describe_engine(chosen))
            encoders.append(PostEncoder(bundle, store.media_path, settings, chosen))
        return encoders[0].encode(posts)

    return encode
