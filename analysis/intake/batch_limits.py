"""Limits of a whole batch: its tables, rows, rejected rows, cells and column names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from analysis.importers import table_suffixes
from analysis.importers.refused import RefusedError
from analysis.intake.companions import Companion
from analysis.intake.files import InputFile
from analysis.intake.media import StoredImage
from analysis.intake.rejections import Rejection, reject_file
from analysis.intake.tables import Table
from analysis.settings import MB, Settings

_SPLIT = "Score the rest in another batch."
Outcome = Table | StoredImage | Companion | Rejection
"""What a file was read as."""


def within_table_limit(
    found: Sequence[InputFile | Rejection], companions: Collection[str], settings: Settings
) -> list[InputFile | Rejection]:
    """Refuse the tables that come after the first `max_tables`.

    Args:
        found: Files.
        companions: Names of files that are not tables, whatever their suffixes.
        settings: Limits.
    """
    result: list[InputFile | Rejection] = []
    suffixes = table_suffixes()
    tables = 0
    for file in found:
        if isinstance(file, InputFile) and file.suffix in suffixes and file.name not in companions:
            tables += 1
            if tables > settings.max_tables:
                problem = RefusedError(f"comes after the first {settings.max_tables:,} tables", _SPLIT)
                result.append(reject_file(file.name, problem))
                continue
        result.append(file)
    return result


def within_row_limits(outcomes: Iterable[Outcome], settings: Settings) -> list[Outcome]:
    """Refuse the tables that bring the upload above the limits of rows, rejected rows, cells or column names."""
    result: list[Outcome] = []
    rows = rejected = size = names = 0
    for outcome in outcomes:
        if isinstance(outcome, Table):
            problem = None
            more = int(outcome.rows.memory_usage(index=False).sum())
            if rows and rows + outcome.n_rows > settings.max_table_rows:
                limit = f"{settings.max_table_rows:,}"
                fact = f"brings the batch to {rows + outcome.n_rows:,} rows; the limit is {limit}"
                problem = RefusedError(fact, _SPLIT)
            elif rejected + len(outcome.rejected) > settings.max_rejected_rows:
                limit = f"{settings.max_rejected_rows:,}"
                fact = f"brings the batch to more than {limit} rows that cannot be read"
                problem = RefusedError(fact, "Check the separator and the quotation marks of your tables.")
            elif size and size + more > settings.max_tables_memory:
                limit = f"{settings.max_tables_memory / MB:,.0f} MB"
                problem = RefusedError(f"brings the tables of the batch to more than {limit}", _SPLIT)
            elif names + (named := _count_name_chars(outcome)) > settings.max_names_memory + 4 * (size + more):
                limit = f"{settings.max_names_memory / MB:,.0f} MB"
                fact = (
                    f"has such long names of columns that, once for each value, they take more than {limit}"
                )
                problem = RefusedError(fact, "Give its columns shorter names.")
            if problem:
                result.append(reject_file(outcome.name, problem))
                continue
            rows, rejected = rows + outcome.n_rows, rejected + len(outcome.rejected)
            size, names = size + more, names + named
        result.append(outcome)
    return result


def _count_name_chars(table: Table) -> int:
    """Sum the lengths of column names, each once per value: posts store extra values with their column's name."""
    return sum(len(name) * int((table.rows[name] != "").sum()) for name in table.columns)
