"""Loads the model in a thread while files are read: imports, the bundle, and for many posts the engine."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.imports import gc_paused
from analysis.settings import Settings
from analysis.workspace.compiled import CompiledEncoders, open_compiled_encoders

if TYPE_CHECKING:
    from analysis.model.bundle import Bundle
    from analysis.model.engines import Engine

_ROW_BYTES = 200  # of a row of a table with a post of usual length


class PreloadedModel:
    """A model that a thread loads. Its errors are raised by `model` and `engine`, so those of the input come first.

    Args:
        bundle: A bundle's name or folder.
        engine: Name of the engine that runs the encoders.
        many: Whether to start the engine before the number of posts is known.
        settings: Limits.
    """

    def __init__(self, bundle: str | Path, engine: str, many: bool, settings: Settings | None = None) -> None:
        self._name = engine
        self._settings = settings or Settings()
        self._thread = ThreadPoolExecutor(1, "preload")
        self._cache = open_compiled_encoders(self._settings) if many else None
        self._model = self._thread.submit(_load_bundle, bundle, None if engine == "torch" else self._cache)
        self._engine: Future[Engine] | None = self._thread.submit(self._start_engine) if many else None

    def model(self) -> Bundle:
        """Wait for the bundle.

        Raises:
            BundleError: See `load_model`.
        """
        return self._model.result()

    def engine(self, posts: int) -> Engine | str:
        """Return the engine for a number of posts, or its name if it was not started.

        Raises:
            BundleError: The engine cannot run.
        """
        if self._engine is None:
            return self._name
        if self._name == "auto" and posts < self._settings.openvino_from:
            self._engine.cancel()  # unless it has begun
            return self._name
        return self._engine.result()

    def close(self) -> None:
        """Wait for the step that is running, and do not start the next.

        Building a network changes PyTorch for a moment, so it must not go on while something else is built.
        """
        self._thread.shutdown(cancel_futures=True)

    def _start_engine(self) -> Engine:
        from analysis.model.engines import OpenVinoEngine, choose_engine
        from analysis.model.facts import store_facts

        model = self.model()
        engine = choose_engine(model, self._name, cache=self._cache)
        if self._cache and not model.model.facts and isinstance(engine, OpenVinoEngine):
            store_facts(self._cache, model)
        return engine


@contextmanager
def preload_model(bundle: str | Path, engine: str, many: bool) -> Iterator[PreloadedModel]:
    """Load a model in a thread during a block; see `PreloadedModel`. The thread ends before the block does."""
    preloaded = PreloadedModel(bundle, engine, many)
    try:
        yield preloaded
    finally:
        preloaded.close()


def may_have_at_least(source: Path | str, posts: int) -> bool:
    """Guess whether an input has so many posts, from the size of a file or the number of files in a folder.

    Args:
        source: A file, a folder, or an address, of which nothing is known.
        posts: Number of posts.
    """
    path = Path(source)
    try:
        if path.is_file():
            return path.stat().st_size >= posts * _ROW_BYTES
        return len(list(islice(path.rglob("*"), posts))) == posts
    except OSError:  # reading it will say why
        return False


@gc_paused()
def _load_bundle(bundle: str | Path, cache: CompiledEncoders | None) -> Bundle:
    import analysis.scoring.pipeline  # noqa: F401 (takes seconds, most of them for PyTorch)
    from analysis.model import load_model
    from analysis.model.language import identify_languages

    loaded = load_model(bundle, cache)
    identify_languages([])  # loads the model of languages
    return loaded
