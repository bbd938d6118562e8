"""Code shared by API and command line: progress bars and atomic output files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from analysis.errors import PostLensError
from analysis.scoring.pace import Progress
from analysis.workspace.files import open_atomically


@contextmanager
def open_output(path: Path, within: Path | None = None) -> Iterator[IO[bytes]]:
    """Open a file for atomic writing; missing folders are created.

    Args:
        path: The file; its permissions follow the user's umask.
        within: Folder on the same disk for the incomplete file; None for a hidden file in the same folder.

    Raises:
        PostLensError: The file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not path.is_file():  # such as a pipe
            with path.open("wb") as target:
                yield target
        else:
            with open_atomically(path, within, private=False) as target:
                yield target
    except OSError as error:
        raise PostLensError(
            str(path), f"cannot be written ({error.strerror})", "Choose another file."
        ) from error


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """Show a progress bar in the notebook if there is one, else on standard error.

    Yields:
        A function of the phase, the posts done and the posts in total.
    """
    from tqdm.auto import tqdm

    with tqdm(unit="post") as bar:

        def show(phase: str, done: int, total: int) -> None:
            bar.set_description(phase)
            bar.total, bar.n = total, done
            bar.refresh()

        yield show
