"""Where batches live on disk, and how they are written so that a crash never leaves half a file.

    <home>/batches/<batch id>/
        manifest.json              name, counts, sources with their hashes, settings, version, bundle
        posts.parquet              the post table (`analysis.posts`)
        rejected.parquet           every row or file that was not taken, and why
        media/ab/abcdef....jpg     pictures by content (`analysis.intake.media`)
        source/00000               the analyst's tables as they came; the manifest has their names
        scores/part-00000.parquet      one row a scored post: `part_columns("scores")`, and those of further heads
        words/part-00000.parquet       one row a post: `part_columns("words")`
        encodings/part-00000.parquet   one row a post: `part_columns("encodings")`, what the encoders made of it
        copies/part-00000.parquet      one row a post: `part_columns("copies")`, once every post is encoded
        embeddings/part-00000.parquet  one row a post: `part_columns("embeddings")`, where the bundle has a space
        reports/2026-11-28-130501.csv  a report that was written to disk (`analysis.exporters.report`)
    <home>/.temporary/             incomplete files and uploads of running processes (`analysis.temporary`)

Beside each part is its digest, part-00000.sha256 (`digests`); the manifest has those of the other tables and of
itself. All of it is readable by its owner only.

`home` lists, opens and makes batches, `batch` is one of them, `manifest` is what it says of itself, `files`
writes. Asking questions of what lies here is `analysis.query`; filling the parts is `analysis.scoring`.
"""

from analysis.workspace.batch import PART_KINDS, Batch, part_columns
from analysis.workspace.home import BatchInfo, Workspace, default_home, private_home
from analysis.workspace.manifest import Manifest

__all__ = [
    "PART_KINDS",
    "Batch",
    "BatchInfo",
    "Manifest",
    "Workspace",
    "default_home",
    "part_columns",
    "private_home",
]
