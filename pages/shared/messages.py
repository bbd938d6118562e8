"""Error messages, and escaping of untrusted text for labels and messages."""

from __future__ import annotations

import errno
import logging
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from streamlit.errors import FragmentHandledException

from analysis.errors import PostLensError, WorkspaceError
from analysis.logs import traceback_without_messages
from analysis.wording import shorten_to_one_line
from analysis.workspace import default_workspace_home
from pages.shared import places

LOGGER = logging.getLogger(__name__)

_FULL = (errno.ENOSPC, errno.EDQUOT)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)


def show_error(error: PostLensError) -> None:
    """Show an error as thing, fact and remedy, escaped because it may quote a hostile file name."""
    st.error(plain(str(error)), icon=":material/error:")
    if isinstance(error, WorkspaceError):
        st.page_link(places.UPLOAD, label="Upload posts or choose a batch", icon=":material/arrow_forward:")


@contextmanager
def error_boundary() -> Iterator[None]:
    """Show any error of the block as a message instead of a traceback; code after the block still runs."""
    try:
        yield
    except FragmentHandledException:
        raise  # Streamlit has already shown this one through `show_script_error`
    except Exception as error:
        show_script_error(error)


def show_script_error(error: Exception) -> bool:
    """Show an uncaught error; if it is not a `PostLensError`, it is logged with a number.

    Args:
        error: Raised by a page, a fragment or a widget's callback.

    Returns:
        True, which tells Streamlit that the error has been shown.
    """
    if isinstance(error, PostLensError):
        show_error(error)
        return True
    number = 100_000 + secrets.randbelow(900_000)
    LOGGER.error("Error number %d\n%s", number, traceback_without_messages(error))
    message = f"{_explain_error(error)} See error number {number} in the log for details."
    st.error(plain(message), icon=":material/error:")
    return True


def _explain_error(error: Exception) -> str:
    causes = _with_causes(error)
    codes = {cause.errno for cause in causes if isinstance(cause, OSError)}
    text = " ".join(str(cause) for cause in causes)  # DuckDB and Arrow give the reason in the message only
    if codes.intersection(_FULL) or "No space left on device" in text:
        return "The disk is full. Free some space, then try again. Stored batches are not affected."
    if codes.intersection(_FORBIDDEN) or re.search("Permission denied|Read-only file system", text):
        return (
            "PostLens has no permission to read or write one of its files. "
            f"Check that {default_workspace_home()} and the temporary folder are writable, then try again."
        )
    if codes.intersection((errno.EMFILE, errno.ENFILE)) or "Too many open files" in text:
        return "Too many files are open. Close other programs or raise the limit, then try again."
    if any(isinstance(cause, MemoryError) for cause in causes):
        return "There is not enough memory for this step. Close other programs or use a smaller batch."
    return (
        "Something went wrong on this page. Reload it or open another page. If it happens again, report it."
    )


def _with_causes(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in chain:
        chain.append(following)
        following = following.__cause__ or following.__context__
    return chain


def plain(text: str) -> str:
    """Escape untrusted text for places that Streamlit renders as Markdown: labels, captions, messages.

    Args:
        text: Any text, such as the name of a batch or file.

    Returns:
        Markdown that shows the text literally, on one line, without links, images, icons or formulas.
    """
    inactive = _SYMBOLS.sub(_JOINER, without_links(shorten_to_one_line(text)))
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|<>~$:&^])", r"\\\1", inactive)


def without_links(markdown: str) -> str:
    """Disable links, images and icons in Markdown; headings, tables and emphasis still work.

    Streamlit looks for URLs and `:icons:` after Markdown has resolved its escapes, so escaping cannot stop it. An
    invisible word joiner inside each of them does, and the text looks the same.
    """
    return _ADDRESSES.sub(_JOINER, markdown)


_JOINER = "\u2060"
_ADDRESSES = re.compile(
    r"(?<=:)(?=[^\s:|-])"  # https://, mailto:, :smile:, :material/home:, but not the :--- of a table
    r"|(?<=www)(?=\.)"
    r"|(?=@[^\s@]*\.)"  # e-mail addresses
    r"|(?<=<)(?=[a-z])"  # <https://...>
    r"|(?<=\])(?=[(\[:])"  # [text](address), [text][name], [name]: address
    r"|(?<=mer)(?=maid)",  # a mermaid code block becomes a diagram, which may contain links
    re.IGNORECASE,
)
_SYMBOLS = re.compile(r"(?<=:)(?=[:|-])|(?<=<)(?=-)|(?<=-)(?=[->])|(?<=[<>~])(?==)")  # :-1:, ->, --, >=
