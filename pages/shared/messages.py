"""What PostLens says when something goes wrong, and how text that is not ours gets into a label."""

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
from analysis.wording import BIDI_CONTROLS
from analysis.workspace import default_home
from pages.shared import places

LOGGER = logging.getLogger(__name__)

_FULL = (errno.ENOSPC, errno.EDQUOT)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)


def show_error(error: PostLensError) -> None:
    """Show an error as thing, fact and remedy; its words may quote a hostile file name."""
    st.error(plain(str(error)), icon=":material/error:")
    if isinstance(error, WorkspaceError):
        st.page_link(places.UPLOAD, label="Upload posts or choose a batch", icon=":material/arrow_forward:")


@contextmanager
def shown_in_words() -> Iterator[None]:
    """Show any error of the block as a message instead of a traceback; what follows the block still runs."""
    try:
        yield
    except FragmentHandledException:
        raise  # Streamlit has already shown this one, by `show_script_error`
    except Exception as error:
        show_script_error(error)


def show_script_error(error: Exception) -> bool:
    """Show an error that nothing else has caught; one that is not a `PostLensError` is logged under a number.

    Args:
        error: Raised by a page, a fragment or a widget's callback.

    Returns:
        True, which tells Streamlit that the error is shown.
    """
    if isinstance(error, PostLensError):
        show_error(error)
        return True
    number = 100_000 + secrets.randbelow(900_000)
    LOGGER.error("Error number %d\n%s", number, traceback_without_messages(error))
    message = f"{_in_words(error)} The log has the details under number {number}."
    st.error(plain(message), icon=":material/error:")
    return True


def _in_words(error: Exception) -> str:
    causes = _with_causes(error)
    codes = {cause.errno for cause in causes if isinstance(cause, OSError)}
    said = " ".join(str(cause) for cause in causes)  # DuckDB and Arrow put the reason into words only
    if codes.intersection(_FULL) or "No space left on device" in said:
        return "The disk is full. Free some space, then try again. Batches that were stored are kept."
    if codes.intersection(_FORBIDDEN) or re.search("Permission denied|Read-only file system", said):
        return (
            "PostLens may not read or write one of its files. "
            f"Check that {default_home()} and the folder for temporary files are writable, then try again."
        )
    if codes.intersection((errno.EMFILE, errno.ENFILE)) or "Too many open files" in said:
        return "Too many files are open at once. Close other programs or raise the limit, then try again."
    if any(isinstance(cause, MemoryError) for cause in causes):
        return "There is not enough memory for this step. Close other programs or take a smaller batch."
    return "Something went wrong on this page. Reload it or open another; if it happens again, report it."


def _with_causes(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in chain:
        chain.append(following)
        following = following.__cause__ or following.__context__
    return chain


def plain(text: str) -> str:
    """Escape text for a place that Streamlit reads as Markdown: labels, captions, messages.

    Args:
        text: Anything, such as a batch's or a file's name.

    Returns:
        Markdown that shows the text as it is, on one line, with no link, picture, icon or formula in it.
    """
    one_line = " ".join(BIDI_CONTROLS.sub("", text).split())
    inactive = _SYMBOLS.sub(_JOINER, without_links(one_line))
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|<>~$:&^])", r"\\\1", inactive)


def without_links(markdown: str) -> str:
    """Keep Streamlit from making links, pictures or icons of Markdown; headings, tables and emphasis still work.

    Streamlit looks for web addresses and `:icons:` after Markdown has resolved its escapes, so escaping does not
    stop it. An invisible word joiner inside each of them does, and the text reads the same.
    """
    return _ADDRESSES.sub(_JOINER, markdown)


_JOINER = "\u2060"
_ADDRESSES = re.compile(
    r"(?<=:)(?=[^\s:|-])"  # https://, mailto:, :smile:, :material/home:, but not the :--- of a table
    r"|(?<=www)(?=\.)"
    r"|(?=@[^\s@]*\.)"  # e-mail addresses
    r"|(?<=<)(?=[a-z])"  # <https://...>
    r"|(?<=\])(?=[(\[:])"  # [text](address), [text][name], [name]: address
    r"|(?<=mer)(?=maid)",  # a code block of this name is drawn as a diagram, which may have links
    re.IGNORECASE,
)
_SYMBOLS = re.compile(r"(?<=:)(?=[:|-])|(?<=<)(?=-)|(?<=-)(?=[->])|(?<=[<>~])(?==)")  # :-1:, ->, --, >=
