"""An exporter of reports, registered by tests: one JSON list per post."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import IO

import pandas as pd

from analysis.columns import Column
from analysis.exporters import ReportExporter


def write_lines(chunks: Iterable[pd.DataFrame], columns: Sequence[Column], target: IO[bytes]) -> int:
    """Write each post's id, its valence, and the type of its strongest words."""
    count = 0
    for chunk in chunks:
        assert list(chunk.columns) == [column.name for column in columns]
        for post in chunk.to_dict("records"):
            values = [post["post_id"], post["valence"], type(post.get("top_words")).__name__]
            target.write(json.dumps(values).encode() + b"\n")
            count += 1
    return count


EXPORTER = ReportExporter("lines", "JSON lines", (".jsonl",), "application/jsonl", write_lines)
