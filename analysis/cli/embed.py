"""`postlens embed` writes embeddings of posts in the space shared by text and images."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import Any

import click

from analysis.cli.input_options import input_options, pop_input_options
from analysis.cli.shared import (
    INPUT,
    MEDIA,
    MODEL,
    OUT,
    NothingScored,
    temporary_command_batch,
    write_rejected,
)


@click.command()
@INPUT
@click.option("--out", type=OUT, required=True, help="The Parquet file.")
@MEDIA
@input_options
@MODEL
def embed(source: Path, out: Path, media: Path | None, bundle: str, **about_input: Any) -> None:
    """Embed INPUT (a table, a zip or a folder): post_id, text_embedding, image_embedding.

    Vectors have length 1; matching texts and images have similar vectors. Rejected rows and files are
    listed in a second file, <out>.rejected.csv.
    """
    import pyarrow.parquet as pq
    from tqdm import tqdm

    from analysis.api.output import open_output
    from analysis.model import load_model
    from analysis.scoring.embeddings import EMBEDDING_SCHEMA, embed_batch

    with temporary_command_batch(source, media, pop_input_options(about_input)) as (batch, rejected, _):
        write_rejected(rejected, out)
        if batch is None:
            raise NothingScored(f"{source} has no post that could be embedded.")
        tables = embed_batch(batch, load_model(bundle))
        first = next(tables)  # raises for a model without a shared space, before the file is created
        with (
            tqdm(total=batch.manifest.n_posts, unit="post") as bar,
            open_output(out) as target,
            pq.ParquetWriter(target, EMBEDDING_SCHEMA) as writer,
        ):
            for table in chain([first], tables):
                writer.write_table(table)
                bar.update(len(table))
    click.echo(f"{batch.manifest.n_posts:,} posts embedded, written to {out}", err=True)
