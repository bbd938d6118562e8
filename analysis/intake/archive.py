"""Zips: every member is unpacked within limits under a new name, or rejected with a reason.

A zip in a zip is unpacked too, with the limits of the outer one; a third level is not. `inputs` reads the members.
XLSX workbooks, which are zips too, are measured by `analysis.importers.xlsx`.
"""

from __future__ import annotations

import io
import re
import stat
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from analysis.importers.refused import RefusedError
from analysis.intake.archive_names import decode_member_names
from analysis.intake.files import InputFile, is_system_file
from analysis.intake.formats import format_by_content, format_by_suffix
from analysis.intake.rejections import Rejection, reject_file
from analysis.settings import MB, Settings

_CONTAINERS = frozenset({"tar", "7z", "RAR"})  # archives of files; compressed files are left to `reader`
_CHUNK_BYTES = 256 * 1024
_SPLIT = "Split the zip and add the parts."
_MIN_RATIO_BYTES = MB  # the ratio of smaller files is not limited
_ENTRY_BYTES = 256  # of one member with a long name in the zip's central directory
_HEADER_BYTES = 30  # of a member's local header, before its name and content
_REPORT_INTERVAL = 0.2  # seconds between two reports of progress


def unpack_zip(
    file: InputFile,
    spool: Path,
    settings: Settings,
    progress: Callable[[int, int], None] = lambda *_: None,
    tables: Sequence[Path] = (),
) -> tuple[list[InputFile], list[Rejection]]:
    """Unpack a zip.

    Folders and files that operating systems add (`files.is_system_file`) are ignored; every other member is either
    returned or rejected. Sizes declared in the zip are not trusted: bytes are counted while they are unpacked.

    Args:
        file: The zip.
        spool: An empty folder; members are written into it under running numbers.
        settings: Holds the limits.
        progress: Called several times a second with the members done and in total.
        tables: Files next to the zip that may name its members, to find the encoding of their names.

    Returns:
        The members, named as in the zip, with their content in `spool`; and the rejected members. Members of a zip in
        it have the name of that zip as a folder.

    Raises:
        RefusedError: If the file is not a zip, is damaged, has no files, or has members that overlap.
        OSError: If a member cannot be written to disk.
    """
    unpacking = _Unpacker(spool, settings, progress, tables)
    with file.open() as opened:
        unpacking.run(_open(opened, settings), "", 1.0)
    if not unpacking.files and not unpacking.rejected:
        raise RefusedError("is a zip without files", "Pack the table and the images and add it again.")
    return unpacking.files, unpacking.rejected


def _open(opened: BinaryIO, settings: Settings) -> zipfile.ZipFile:
    if _directory_bytes(opened) > settings.max_archive_members * _ENTRY_BYTES:
        raise RefusedError(f"contains too many files; the limit is {settings.max_archive_members:,}", _SPLIT)
    try:
        archive = zipfile.ZipFile(opened)
    except MemoryError:
        raise
    except Exception as error:  # zipfile raises unrelated types of errors for damaged files
        raise RefusedError(
            "is not a zip or is damaged", "Pack it again, or add its files without packing them."
        ) from error
    _check_overlap(archive)
    return archive


class _Unpacker:
    """The state of unpacking one zip, and the zips in it, into the spool."""

    def __init__(
        self,
        spool: Path,
        settings: Settings,
        progress: Callable[[int, int], None],
        tables: Sequence[Path],
    ) -> None:
        self.spool = spool
        self.settings = settings
        self.progress = progress
        self.tables = tables
        self.files: list[InputFile] = []
        self.rejected: list[Rejection] = []
        self.last_report = time.monotonic()
        self.n_members = 0
        self.n_expected = 0
        self.names: set[str] = set()
        self.bytes_left = settings.max_archive_bytes  # rejected members count too, as they take time

    def run(self, archive: zipfile.ZipFile, folder: str, share: float) -> None:
        """Unpack all members.

        Args:
            archive: The zip.
            folder: The start of their names, "" or ending in "/".
            share: The zip's compressed size divided by its size: below 1 for a zip that is compressed in another one.
        """
        inner: list[tuple[InputFile, float]] = []
        members = archive.infolist()
        self.n_expected += len(members)
        for member, own_name in zip(members, decode_member_names(archive, self.tables), strict=True):
            self._report()
            name = folder + own_name
            label = InputFile(name, b"")
            is_folder = name.endswith("/") and not member.file_size
            if is_folder or is_system_file(label.name):
                continue
            try:
                self._check(member, name, label)
                path = self.spool / f"{self.n_members:06}"
                packed = max(1, int(member.compress_size * share))
                self._unpack(archive, member, packed, path)
                file = InputFile(label.name, path, packed)
                if format_by_suffix(label.suffix) != "zip":
                    self.files.append(file)
                elif folder:
                    path.unlink()
                    raise _nested_archive()
                else:
                    inner.append((file, packed / max(1, file.size)))
            except RefusedError as error:
                self.rejected.append(reject_file(label.name, error))
        for file, inner_share in inner:
            self._unpack_inner(file, inner_share)

    def _unpack_inner(self, file: InputFile, share: float) -> None:
        try:
            with file.open() as opened:
                before = len(self.files) + len(self.rejected)
                self.run(_open(opened, self.settings), f"{file.name[: -len('.zip')]}/", share)
                if len(self.files) + len(self.rejected) == before:
                    raise RefusedError(
                        "is a zip without files", "Pack its files again if it should have some."
                    )
        except RefusedError as error:
            self.rejected.append(reject_file(file.name, error))
        finally:
            assert isinstance(file.content, Path)  # noqa: S101 (it was unpacked)
            file.content.unlink()

    def _check(self, member: zipfile.ZipInfo, name: str, label: InputFile) -> None:
        """Refuse a member by its entry in the zip's directory."""
        self.n_members += 1
        if self.n_members > self.settings.max_archive_members:
            limit = f"{self.settings.max_archive_members:,} files"
            raise RefusedError(f"comes after the first {limit} of its zip", _SPLIT)
        if name in self.names:
            raise RefusedError("is in its zip twice; the first one was used", "Rename one of them.")
        self.names.add(name)
        if "\0" in name or not name.strip("/"):
            raise RefusedError("has no name, or one with a NUL character", "Rename it and pack it again.")
        if name.endswith("/"):
            raise RefusedError("is named like a folder but contains data", "Rename it and pack it again.")
        if name.startswith("/") or re.match("[A-Za-z]:", name) or ".." in name.split("/"):
            raise RefusedError("has a path outside its zip", "Pack the folder again with relative paths.")
        kind = stat.S_IFMT(member.external_attr >> 16)
        if kind not in (0, stat.S_IFREG):
            raise RefusedError("is a link or a device, not a file", "Pack the file that it points to.")
        if member.flag_bits & 0x1:
            raise RefusedError(
                "is encrypted", "Unpack the zip with its password and pack it again without one."
            )
        # Python unpacks other methods in steps of unlimited size, so a bomb could exhaust the memory in one step.
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise RefusedError(
                "uses a compression method that PostLens does not support",
                "Pack it again as an ordinary zip (deflate).",
            )
        if format_by_suffix(label.suffix) in _CONTAINERS:
            raise _nested_archive()

    def _unpack(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo, packed: int, path: Path) -> None:
        """Write a member to `path`; the file is removed if the member is refused."""
        size = 0
        try:
            with path.open("wb") as sink:
                for chunk in _chunks(archive, member):
                    if not size and format_by_content(chunk) in _CONTAINERS:
                        raise _nested_archive()
                    size += len(chunk)
                    self._check_size(size, packed)
                    sink.write(chunk)
                    self._report()
        except RefusedError:
            path.unlink()
            raise
        finally:
            self.bytes_left -= size

    def _report(self) -> None:
        now = time.monotonic()
        if now - self.last_report >= _REPORT_INTERVAL:
            self.last_report = now
            self.progress(self.n_members, self.n_expected)

    def _check_size(self, size: int, packed: int) -> None:
        settings = self.settings
        if size > self.bytes_left:
            limit = f"{settings.max_archive_bytes / MB:,.0f} MB"
            raise RefusedError(f"is beyond the first {limit} of its unpacked zip", _SPLIT)
        largest = max(settings.max_table_bytes, settings.max_image_bytes)
        if size > largest:
            raise RefusedError(
                f"unpacks to more than {largest / MB:,.0f} MB, the limit for one file",
                "Split the table, or resize the image.",
            )
        if size > _MIN_RATIO_BYTES and size > packed * settings.max_archive_ratio:
            raise RefusedError(
                f"unpacks to more than {settings.max_archive_ratio:,} times its packed size, as zip bombs do",
                "If it is genuine, add it without packing it.",
            )


def _chunks(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    try:
        with archive.open(member) as opened:
            while chunk := opened.read(_CHUNK_BYTES):
                yield chunk
    except MemoryError:
        raise
    except Exception as error:  # unrelated types again, for broken headers, streams and checksums
        raise RefusedError(
            "is damaged inside its zip", "Pack it again, or add it without packing it."
        ) from error


def _check_overlap(archive: zipfile.ZipFile) -> None:
    """Refuse a zip whose members share bytes, so that each byte is unpacked many times.

    The attack: D. Fifield, "A better zip bomb", USENIX WOOT 2019.
    """
    members = sorted(archive.infolist(), key=lambda member: member.header_offset)
    starts = [*(member.header_offset for member in members), archive.start_dir]
    for member, next_start in zip(members, starts[1:], strict=True):
        name = member.orig_filename.encode("utf-8" if member.flag_bits & 0x800 else "cp437", "replace")
        end = member.header_offset + _HEADER_BYTES + len(name) + member.compress_size
        if end > next_start:
            raise RefusedError(
                "has members that share the same bytes, as zip bombs do",
                "Pack the files again, or add them without packing them.",
            )


def _nested_archive() -> RefusedError:
    return RefusedError("is an archive within a zip", "Unpack it and add the files that it contains.")


def _directory_bytes(opened: BinaryIO) -> int:
    """Return the length of a zip's directory, which Python's zipfile would load without a limit.

    The format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, sections 4.3.14 to 4.3.16.
    """
    size = opened.seek(0, io.SEEK_END)
    opened.seek(max(0, size - 65_557 - 76))  # the longest comment, and the records of a zip over 4 GB
    tail = opened.read()
    end = tail.rfind(b"PK\x05\x06")
    if end >= 76 and tail[end - 20 : end - 16] == b"PK\x06\x07":
        return int.from_bytes(tail[end - 36 : end - 28], "little")
    return int.from_bytes(tail[end + 12 : end + 16], "little") if end >= 0 else 0
