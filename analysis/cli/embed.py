"""`postlens embed` writes a batch's posts as vectors in the space that text and pictures share."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import click

from analysis.cli.shared import INPUT, MEDIA, MODEL, OUT, NothingScored, list_rejected, taken_in, writable


@click.command()
@INPUT
@click.option("--out", type=OUT, required=True, help="The Parquet file.")
@MEDIA
@MODEL
def embed(source: Path, out: Path, media: Path | None, bundle: str) -> None:
    """Embed INPUT (a table, a zip or a folder): post_id, text_embedding, image_embedding.

    Vectors have length 1, and text and pictures that belong together are near each other. Rows and files that
    could not be taken are listed in a second file, <out>.rejected.csv.
    """
    import pyarrow.parquet as pq
    from tqdm import tqdm

    from analysis.model import load_model
    from analysis.scoring.embeddings import EMBEDDING_SCHEMA, embed_batch

    with taken_in(source, media) as (batch, rejected):
        list_rejected(rejected, out)
        if batch is None:
            raise NothingScored(f"{source} holds no post that could be embedded.")
        tables = embed_batch(batch, load_model(bundle))
        first = next(tables)  # a model without such a space is named before a file is made
        with (
            tqdm(total=batch.manifest.n_posts, unit="post") as bar,
            writable(out) as target,
            pq.ParquetWriter(target, EMBEDDING_SCHEMA) as writer,
        ):
            for table in chain([first], tables):
                writer.write_table(table)
                bar.update(len(table))
    click.echo(f"{batch.manifest.n_posts:,} posts embedded, written to {out}", err=True)
