"""The code of a worker process, which reads one file after another for `analysis.intake.sandbox`.

Requests are JSON objects, one per line of standard input; replies the same on standard output. The worker writes
images and unpacked members to disk, and tables and lists of members to the file that the request names. The process
that sends requests does not import this module.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from analysis.importers.heartbeat import set_heartbeat_listener
from analysis.importers.importer import ImportOptions
from analysis.importers.refused import RefusedError
from analysis.importers.registry import set_registered_importers
from analysis.intake.archive import unpack_zip
from analysis.intake.files import InputFile
from analysis.intake.media import check_and_store_image
from analysis.intake.memory_limit import memory_limit, set_memory_limit_listener
from analysis.intake.reader import read_beside_others, read_file
from analysis.intake.reading import Reading
from analysis.intake.streamed import read_large_table
from analysis.intake.tables import parse_tables
from analysis.intake.transfer import send_members, send_reading
from analysis.logs import traceback_without_messages
from analysis.settings import Settings


def run_worker() -> None:
    """Process requests until standard input ends."""
    os.umask(0o077)  # files are readable by their owner only
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches the process group; the parent handles it
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    silent = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):  # parsers print warnings and panics
        os.dup2(silent, stream)

    def send(reply: dict[str, Any]) -> None:
        replies.write(json.dumps(reply) + "\n")
        replies.flush()

    set_heartbeat_listener(lambda done, total: send({"progress": [done, total]}))
    set_memory_limit_listener(lambda budget: send({"memory": budget}))
    send({"ready": True})
    for line in sys.stdin.buffer:
        send(_read_requested_file(json.loads(line), send))


def _read_requested_file(request: dict[str, Any], send: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    set_registered_importers(request["importers"])
    settings = Settings(**request["settings"])
    file = InputFile(request["name"], Path(request["path"]))
    folder, reply_path = Path(request["folder"]), Path(request["reply"])
    try:
        with memory_limit(request["memory"]):
            if request["job"] == "archive":
                members, refused = unpack_zip(
                    file,
                    folder,
                    settings,
                    lambda done, total: send({"progress": [done, total]}),
                    [Path(table) for table in request["tables"]],
                )
                send_members(members, refused, reply_path)
                return {"saved": True}
            cells = reply_path.with_name(f"{reply_path.name}.cells")
            read = _run_job(request["job"], file, folder, settings, _options(request["options"]), cells)
            send_reading(read, reply_path)
            return {"saved": True}
    except RefusedError as error:
        return {"refused": [error.reason, error.remedy, error.choices]}
    except MemoryError:
        return {"out_of_memory": True}
    except OSError as error:
        return {"disk": [error.errno, error.strerror or str(error)]}
    except Exception as error:  # a defect in a parser or in PostLens
        return {"crashed": traceback_without_messages(error)}


def _run_job(
    job: str, file: InputFile, folder: Path, settings: Settings, options: ImportOptions, cells: Path
) -> Reading:
    if job == "table":
        large = read_large_table(file, settings, options, cells)
        return Reading((large,) if large else parse_tables(file, settings, options).tables)
    if job == "image":
        return Reading(images=(check_and_store_image(file, folder, settings),))
    if job == "companion":
        return read_beside_others(file, folder, settings, options, cells)
    return read_file(file, folder, settings, options, cells)


def _options(values: dict[str, Any]) -> ImportOptions:
    return ImportOptions(**values | {"sheets": tuple(values["sheets"])})


if __name__ == "__main__":
    with suppress(BrokenPipeError):  # the parent is gone
        run_worker()
