"""Files in, a checked batch out; every limit is enforced here.

`files` names what the analyst dropped, and `remote` copies what lies in object storage. `inputs` reads it in
worker processes (`sandbox`, `worker_process`, `worker`, `transfer`), with `archive` for zips and `reader` for
one file: `media` for pictures, `tables` for tables. `batch` makes posts of it, with `schemas` for what columns
mean and `binding` for which picture belongs to which row. What cannot be taken is listed in `rejections`, and
the rest goes on.
"""

from analysis.intake.batch import CheckedBatch, check_batch
from analysis.intake.files import InputFile, files_in, pasted
from analysis.intake.inputs import Inputs, read_inputs
from analysis.intake.media import Picture, media_path, store_picture
from analysis.intake.rejections import REJECTED_COLUMNS, Counts, RefusedError, Rejection, rejected_frame
from analysis.intake.sandbox import read_picture, read_table
from analysis.intake.schemas import MAPPED_FIELDS, ColumnMapping, guess_mapping
from analysis.intake.tables import Table, parse_table

__all__ = [
    "MAPPED_FIELDS",
    "REJECTED_COLUMNS",
    "CheckedBatch",
    "ColumnMapping",
    "Counts",
    "InputFile",
    "Inputs",
    "Picture",
    "RefusedError",
    "Rejection",
    "Table",
    "check_batch",
    "files_in",
    "guess_mapping",
    "media_path",
    "parse_table",
    "pasted",
    "read_inputs",
    "read_picture",
    "read_table",
    "rejected_frame",
    "store_picture",
]
