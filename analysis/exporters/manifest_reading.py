"""Reads the manifest of a report, which may come from anywhere: every value is checked."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from analysis.custom_topics import check_topic
from analysis.errors import IntakeError, PostLensError, ScoringError, SearchError
from analysis.exporters.exporter import ReportExporter, SummaryExporter
from analysis.exporters.manifest import MANIFEST_FORMAT, ReportManifest
from analysis.exporters.privacy import PrivacyLevel
from analysis.exporters.recorded_filters import parse_recorded_filters
from analysis.exporters.registry import list_exporters
from analysis.intake.record import check_input_record
from analysis.json_values import JsonValueError, from_json_value
from analysis.query.search_syntax import parse_search
from analysis.settings import Settings
from analysis.timezones import get_timezone
from analysis.wording import make_printable

_SHA256 = re.compile("[0-9a-f]{64}")
_MAX_SHOWN = 300  # characters of a problem, which may quote a name
_REMEDY = "Use the manifest as it was written, or write a new one."


def read_report_manifest(path: Path, settings: Settings | None = None) -> ReportManifest:
    """Read and check a manifest.

    Args:
        path: The file.
        settings: Holds the largest size; the defaults when None.

    Raises:
        PostLensError: The file cannot be read, or is not a manifest that this version can reproduce.
    """
    settings = settings or Settings()
    limit = settings.max_manifest_bytes
    try:
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except OSError as error:
        raise PostLensError(
            str(path), f"cannot be read: {error.strerror or error}", "Check the path."
        ) from error
    if len(content) > limit:
        raise PostLensError(path.name, f"has more than {limit:,} bytes, so it is not a manifest", _REMEDY)
    try:
        parsed = json.loads(content, parse_constant=_refuse_constant)
        _check_format(parsed)
        manifest = from_json_value(ReportManifest, parsed)
        _check_values(manifest, settings)
        for topic in manifest.choices.topic_definitions:
            check_topic(topic, settings)
        parse_recorded_filters(manifest.choices.filters)
        get_timezone(manifest.choices.timezone)
        check_input_record(manifest.input)
    except JsonValueError as error:
        raise _invalid_error(path, str(error)) from error
    except (IntakeError, ScoringError, SearchError) as error:
        raise _invalid_error(path, f"{error.thing} {error.fact}") from error
    except (ValueError, RecursionError) as error:
        raise PostLensError(path.name, "is not JSON, so it is not a manifest", _REMEDY) from error
    return manifest


def _invalid_error(path: Path, problem: str) -> PostLensError:
    shown = make_printable(problem)[:_MAX_SHOWN]
    return PostLensError(path.name, f"is not a valid manifest: {shown}", _REMEDY)


def _refuse_constant(name: str) -> Any:
    raise JsonValueError(f"{name} is not a number")


def _check_format(parsed: object) -> None:
    found = parsed.get("manifest_format") if isinstance(parsed, dict) else None
    if type(found) is not int:
        raise JsonValueError("it has no manifest_format")
    if found != MANIFEST_FORMAT:
        raise JsonValueError(f"its format is {found}, and this version of PostLens reads {MANIFEST_FORMAT}")


def _check_values(manifest: ReportManifest, settings: Settings) -> None:
    choices = manifest.choices
    tables, summaries = (
        [exporter.name for exporter in list_exporters(kind)] for kind in (ReportExporter, SummaryExporter)
    )
    if choices.format not in (*summaries, *tables):
        raise JsonValueError(f"choices.format must be one of {', '.join([*summaries, *tables])}")
    if choices.privacy not in (levels := [level.value for level in PrivacyLevel]):
        raise JsonValueError(f"choices.privacy must be one of {', '.join(levels)}")
    if not choices.columns and choices.format in tables:
        raise JsonValueError("choices.columns has no column")
    if len(set(choices.columns)) < len(choices.columns):
        raise JsonValueError("choices.columns has a column twice")
    if search := choices.filters.search.strip():
        parse_search(search, settings)
    if not _SHA256.fullmatch(manifest.report.sha256):
        raise JsonValueError("report.sha256 must have 64 hexadecimal digits")
    if len(manifest.input.kept) > settings.max_kept_columns:
        raise JsonValueError(f"input.kept has more than {settings.max_kept_columns} columns")
    if not manifest.engines:
        raise JsonValueError("engines has no entry")
    if any(not 1 <= engine.threads <= settings.max_manifest_threads for engine in manifest.engines):
        raise JsonValueError(f"the threads of an engine must be 1 to {settings.max_manifest_threads:,}")
