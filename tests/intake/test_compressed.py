"""Compressed tables are read within the limits of packed ones."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from analysis.importers import RefusedError
from analysis.importers.compressed import decompress, decompression_memory
from analysis.intake import InputFile, check_batch, parse_table, read_inputs
from analysis.settings import MB, Settings

CODECS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": (".gz", gzip.compress),
    "bzip2": (".bz2", bz2.compress),
    "xz": (".xz", lzma.compress),
    "Zstandard": (".zst", zstandard.compress),
}
LINES = b"".join(b'{"id": "%d", "body": "hello %d"}\n' % (n, n) for n in range(2_000))


def long_window(content: bytes) -> bytes:
    """Compress with the window of 2 GB that the monthly files of Reddit have."""
    parameters = zstandard.ZstdCompressionParameters(window_log=31, enable_ldm=True)
    compressor = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    return compressor.compress(content) + compressor.flush()


@pytest.mark.parametrize("form", CODECS)
def test_a_compressed_table_is_read_and_the_compression_noted(form: str) -> None:
    suffix, compress = CODECS[form]
    table = parse_table(InputFile(f"RC_2018-02{suffix}", compress(LINES)))
    assert len(table.rows) == 2_000
    assert table.notes[0] == f"compressed by {form}"
    csv = parse_table(InputFile(f"posts.csv{suffix}", compress(b"text\nhello\n")))
    assert csv.rows["text"].tolist() == ["hello"]


@pytest.mark.parametrize("form", CODECS)
def test_parts_that_were_joined_are_all_read(form: str) -> None:
    _, compress = CODECS[form]
    assert decompress(compress(LINES) + compress(b"more"), form, Settings()) == LINES + b"more"


@pytest.mark.parametrize("form", CODECS)
def test_a_compressed_file_that_is_cut_short_is_refused(form: str) -> None:
    _, compress = CODECS[form]
    with pytest.raises(RefusedError, match="is damaged, or not"):
        decompress(compress(LINES)[:-9], form, Settings())


@pytest.mark.parametrize("form", CODECS)
def test_what_decompresses_to_too_much_is_refused(form: str) -> None:
    _, compress = CODECS[form]
    with pytest.raises(RefusedError, match="unpacks to more than 2 MB"):
        decompress(compress(bytes(8 * MB)), form, Settings(max_table_bytes=2 * MB))


def test_archives_and_other_files_that_are_compressed_are_refused_by_what_they_hold() -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        member = tarfile.TarInfo("posts.csv")
        member.size = 11
        archive.addfile(member, io.BytesIO(b"text\nhello\n"))
    for content, reason in (
        (packed.getvalue(), "is compressed by gzip; the tar file in it is not a table"),
        (gzip.compress(LINES), "is compressed by gzip; the gzip file in it is not a table"),
        (b"just some prose", "is compressed by gzip; what is in it is not a table"),
    ):
        with pytest.raises(RefusedError) as refused:
            parse_table(InputFile("a.gz", gzip.compress(content)))
        assert refused.value.reason == reason


def test_only_zstandard_reserves_a_declared_window() -> None:
    assert decompression_memory(long_window(LINES)) == 2**31
    assert (
        decompression_memory(gzip.compress(LINES))
        == decompression_memory(b"")
        == decompression_memory(b"id,text")
        == 0
    )


@pytest.mark.slow
def test_compressed_tables_are_read_in_the_worker_and_in_zips(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a/posts.csv.gz", gzip.compress(b"id,text\na1,hello\n"))
    files = [InputFile("RC_2018-02.zst", long_window(LINES)), InputFile("posts.zip", packed.getvalue())]
    checked = check_batch(read_inputs(files, tmp_path))
    assert len(checked.posts) == 2_001
    assert checked.rejected.empty
