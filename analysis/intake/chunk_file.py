"""Arrow tables, one after another, in one file on disk. They are read one at a time and never mapped into memory."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Collection, Sequence
from typing import IO

import pyarrow as pa

_COMPRESSED = pa.ipc.IpcWriteOptions(
    compression="lz4"
)  # halves the disk space, and takes less time than the disk


class ChunkFile:
    """Tables in a file.

    Args:
        file: Open for reading, and for writing if chunks are added; it is closed when nothing refers to the chunks.
        places: The position and size of each chunk that the file has, bytes.

    Attributes:
        places: The position and size of each chunk, bytes.
    """

    def __init__(self, file: IO[bytes], places: Sequence[tuple[int, int]] = ()) -> None:
        self._file = file
        self._lock = threading.Lock()
        weakref.finalize(self, file.close)
        self.places = list(places)

    def __len__(self) -> int:
        return len(self.places)

    @property
    def path(self) -> str:
        """The path of the file."""
        return str(self._file.name)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def append(self, table: pa.Table) -> None:
        """Write a table at the end.

        Raises:
            OSError: If the disk cannot be written.
        """
        sink = pa.BufferOutputStream()
        with pa.ipc.new_file(sink, table.schema, options=_COMPRESSED) as writer:
            writer.write_table(table)
        content = sink.getvalue()
        with self._lock:
            start = sum(self.places[-1]) if self.places else 0
            self._file.seek(start)
            self._file.write(content)
            self._file.flush()
            self.places.append((start, content.size))

    def read(self, number: int, columns: Collection[str] | None = None) -> pa.Table:
        """Read a chunk.

        Args:
            number: Its number, from 0.
            columns: The columns to read; None for all. Those that the chunk does not have are left out.

        Raises:
            OSError: If the disk cannot be read.
        """
        start, size = self.places[number]
        with self._lock:
            self._file.seek(start)
            content = pa.py_buffer(self._file.read(size))
        fields = None
        if columns is not None:
            names = pa.ipc.open_file(content).schema.names
            fields = [place for place, name in enumerate(names) if name in columns]
        options = pa.ipc.IpcReadOptions(included_fields=fields)
        return pa.ipc.open_file(content, options=options).read_all()
