"""Intake: from untrusted files to a checked batch of posts, within limits of time, memory and size.

1. `files` lists the given files; `remote` downloads them from object storage.
2. `inputs` reads them in worker processes (`sandbox`, `worker_process`, `worker`, `transfer`): `archive` unpacks
   zips, `reader` reads one file, as a table (`tables`, `analysis.importers`) or as an image (`media`, `formats`).
   Large tables are read in chunks (`streamed`), and their cells stay on disk (`cells`).
3. `batch` turns rows into posts, chunk by chunk: `table_rows` reads the rows, `binding` finds the images of each row,
   `values` parses times and counts, and `admission` accepts or rejects each row. Many posts stay on disk
   (`stored_posts`).
4. `record` keeps the hashes of the files and how they were read, and repeats it.

Files and rows that cannot be used become `rejections`, each with a reason and a remedy; the others are not affected.
"""

from analysis.intake.batch import CheckedBatch, check_batch
from analysis.intake.files import InputFile, list_files, parse_pasted_text, split_pasted_posts
from analysis.intake.inputs import Inputs, read_inputs
from analysis.intake.media import StoredImage, check_and_store_image, stored_image_path
from analysis.intake.rejections import REJECTED_COLUMNS, Counts, Rejection, describe_rejected, rejected_frame
from analysis.intake.sandbox import read_image_in_worker, read_table_in_worker
from analysis.intake.tables import Table, parse_table

__all__ = [
    "REJECTED_COLUMNS",
    "CheckedBatch",
    "Counts",
    "InputFile",
    "Inputs",
    "Rejection",
    "StoredImage",
    "Table",
    "check_and_store_image",
    "check_batch",
    "describe_rejected",
    "list_files",
    "parse_pasted_text",
    "parse_table",
    "read_image_in_worker",
    "read_inputs",
    "read_table_in_worker",
    "rejected_frame",
    "split_pasted_posts",
    "stored_image_path",
]
