"""An exporter of explanations, registered by tests: the post's id and what is explained."""

from __future__ import annotations

from typing import IO

from analysis.exporters import ExplainedPost, ExplanationExporter


def write_numbers(explained: ExplainedPost, target: IO[bytes]) -> None:
    """Write the id, the class and the number of images in one line."""
    line = f"{explained.post['post_id']} {explained.ledger.output.head} {len(explained.images)}"
    target.write(line.encode())


EXPORTER = ExplanationExporter("numbers", "Numbers", (".num",), "text/plain", write_numbers)
