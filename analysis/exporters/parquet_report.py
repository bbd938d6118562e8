"""The report as Parquet, typed and written in chunks of posts, for pandas, DuckDB, R and other programs.

Text is written as it is: no program runs a formula in a Parquet file. Columns of the analyst's table are text; values
that are not text are JSON.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import IO, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.columns import ORIGINAL, TEXT_LIST, TOP_WORDS, Column
from analysis.exporters.exporter import ReportExporter
from analysis.exporters.text import format_untrusted
from analysis.wording import number_duplicate_labels


def _write_parquet(chunks: Iterable[pd.DataFrame], columns: Sequence[Column], target: IO[bytes]) -> int:
    names = number_duplicate_labels(format_untrusted(column.name) for column in columns)
    types = map(_arrow_type, columns)
    schema = pa.schema(list(zip(names, types, strict=True)))
    count = 0
    with pq.ParquetWriter(target, schema, compression="zstd") as writer:
        for values in chunks:
            arrays = [
                _convert(values.iloc[:, place], column, field.type)
                for place, (column, field) in enumerate(zip(columns, schema, strict=True))
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            count += len(values)
    return count


def _arrow_type(column: Column) -> pa.DataType:
    return pa.string() if column.name.startswith(ORIGINAL) else column.type


def _convert(values: pd.Series, column: Column, type_: pa.DataType) -> pa.Array:
    if column.name.startswith(ORIGINAL):
        return pa.array([None if value is None else format_untrusted(value) for value in values], type_)
    if column.type == TEXT_LIST:
        return pa.array([[format_untrusted(name) for name in names] for names in values], type_)
    if column.type == TOP_WORDS:
        return pa.array([None if words is None else _describe_words(words) for words in values], type_)
    return pa.Array.from_pandas(values, type=type_)


def _describe_words(words: Iterable[tuple[str, float]]) -> list[dict[str, Any]]:
    return [{"word": word, "value": value} for word, value in words]


EXPORTER = ReportExporter(
    "parquet", "Parquet", (".parquet",), "application/vnd.apache.parquet", _write_parquet
)
