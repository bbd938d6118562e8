"""PostLens scores social posts, text and images, for sentiment and topics, and explains each score.

    import analysis as pl

    model = pl.load()
    scores = model.score(["What a lovely evening!"])
    scores.to_pandas()
    scores.plot.sentiment()
    scores.explain(0).show()

Names are imported when they are first used, so that `import analysis` is quick. The package never imports Streamlit.
"""

import importlib
import os
from typing import TYPE_CHECKING, Any

os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")  # huggingface_hub reads it when it is imported, later

from analysis.errors import (
    AttributionError,
    BundleError,
    EvaluationError,
    IntakeError,
    PostLensError,
    ScoringError,
    TrainingError,
    WorkspaceError,
)

if TYPE_CHECKING:
    from analysis.api.explanation import Explanation
    from analysis.api.model import Model, load, open_workspace, read_topics
    from analysis.api.posts import Posts, read_posts
    from analysis.api.scores import Scores
    from analysis.custom_topics import CustomTopic, TopicExample

__all__ = [
    "AttributionError",
    "BundleError",
    "CustomTopic",
    "EvaluationError",
    "Explanation",
    "IntakeError",
    "Model",
    "PostLensError",
    "Posts",
    "Scores",
    "ScoringError",
    "TopicExample",
    "TrainingError",
    "WorkspaceError",
    "load",
    "open_workspace",
    "read_posts",
    "read_topics",
]

_MODULES = {
    "CustomTopic": "analysis.custom_topics",
    "Explanation": "analysis.api.explanation",
    "Model": "analysis.api.model",
    "Posts": "analysis.api.posts",
    "Scores": "analysis.api.scores",
    "TopicExample": "analysis.custom_topics",
    "load": "analysis.api.model",
    "open_workspace": "analysis.api.model",
    "read_posts": "analysis.api.posts",
    "read_topics": "analysis.api.model",
}
"""The modules of the names that are imported when they are first used."""


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from analysis.imports import gc_paused

    with gc_paused():
        value = getattr(importlib.import_module(_MODULES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
