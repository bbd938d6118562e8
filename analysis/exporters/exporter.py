"""The classes of exporters: each describes one file format of reports, summaries, explanations or heat maps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any, ClassVar

import pandas as pd

from analysis.columns import Column
from analysis.exporters.privacy import PrivacyLevel

if TYPE_CHECKING:
    from PIL import Image

    from analysis.attribution.checks import Checks
    from analysis.attribution.ledger import Ledger
    from analysis.attribution.verification import Verification
    from analysis.exporters.heatmaps import HeatMap
    from analysis.exporters.summary import Summary


@dataclass(frozen=True)
class ExplainedPost:
    """The explanation of one output of one post.

    Attributes:
        post: At least post_id and text; author, created_at and image_names if known.
        ledger: The values, from `analysis.attribution.explain_post`.
        probabilities: By inputs, head and class, from `analysis.attribution.score_modalities_alone`.
        images: Media id and content of each image of the post.
        bundle_id: The model bundle, such as "compact@1a2b3c4d".
        titles: Titles of the bundle's classes by name.
        checks: The checks of the ledger, from `analysis.attribution.check_explanation`; None to omit them.
        verification: From `analysis.attribution.verify_explanation`; None to omit it.
        privacy: How much of the post is shown (`analysis.exporters.protected_explanation`).
    """

    post: Mapping[str, Any] | pd.Series
    ledger: Ledger
    probabilities: Mapping[str, Mapping[str, Mapping[str, float]]]
    images: Sequence[tuple[str, Image.Image]]
    bundle_id: str
    titles: Mapping[str, str] = field(default_factory=dict)
    checks: Checks | None = None
    verification: Verification | None = None
    privacy: PrivacyLevel = PrivacyLevel.EVERYTHING


WriteReport = Callable[[Iterable[pd.DataFrame], Sequence[Column], IO[bytes]], int]
"""Writes chunks of typed values (`analysis.exporters.report.read_report_chunks`) of the given columns to a binary
file, and leaves it open; returns the number of posts."""
WriteExplanation = Callable[[ExplainedPost, IO[bytes]], None]
"""Writes an explanation to a binary file, which is left open."""
WriteHeatMaps = Callable[[Iterable["HeatMap"], IO[bytes]], None]
"""Writes the drawn heat maps of a batch to a binary file, which is left open."""
WriteSummary = Callable[["Summary", IO[bytes]], None]
"""Writes a summary report to a binary file, which is left open."""


@dataclass(frozen=True)
class Exporter:
    """One file format. Each kind of output has a subclass with the function that writes it.

    Attributes:
        name: A short identifier, unique within its kind.
        label: Display name, such as "CSV".
        suffixes: Lower-case file name suffixes with dots; files that PostLens names get the first.
        media_type: MIME type, such as "text/csv".
        kind: What it writes, for display.
    """

    kind: ClassVar[str]

    name: str
    label: str
    suffixes: tuple[str, ...]
    media_type: str

    @property
    def suffix(self) -> str:
        """The suffix of files that PostLens names."""
        return self.suffixes[0]


@dataclass(frozen=True)
class ReportExporter(Exporter):
    """A format of reports: the chosen columns of many posts."""

    kind = "report"

    write: WriteReport


@dataclass(frozen=True)
class ExplanationExporter(Exporter):
    """A format of explanations: one output of one post."""

    kind = "explanation"

    write: WriteExplanation


@dataclass(frozen=True)
class HeatMapExporter(Exporter):
    """A format of heat maps: all images of many posts."""

    kind = "heat maps"

    write: WriteHeatMaps


@dataclass(frozen=True)
class SummaryExporter(Exporter):
    """A format of summary reports: findings, charts and striking posts; equal for equal summaries."""

    kind = "summary"

    write: WriteSummary
