"""Rejected files that may be tables: the user chooses how each is read, and it is read again.

Names and contents of files are untrusted: they are shown by `st.text`, by `plain` or as options.
"""

from __future__ import annotations

import codecs
from functools import partial

import streamlit as st

from analysis.importers import ImportOptions, RefusedError
from analysis.importers.decoding import decode_file_head
from analysis.importers.registry import get_importer
from analysis.intake import InputFile
from analysis.intake.formats import format_by_content
from analysis.intake.refused_files import RefusedFile
from analysis.wording import shorten_to_one_line
from pages.batch import reading
from pages.batch.drop import Drop
from pages.shared import cards
from pages.shared.callbacks import defer_errors
from pages.shared.choices import unique_labels
from pages.shared.messages import plain

LINES = 4
LINE_CHARS = 160


def show_refused(drop: Drop, has_posts: bool) -> None:
    """Show what can be chosen for each rejected file that may be a table; nothing if there are none.

    Args:
        drop: The upload.
        has_posts: Whether other files have posts; then the choices are closed, unless a file is known to be a table.
    """
    recognised = [file for file in drop.inputs.refused if file.format]
    files = {file.name: file for file in (*recognised, *drop.inputs.refused)}
    if not files:
        return
    title = "Read a rejected file again as ..."
    with st.expander(
        title, expanded=bool(recognised) or not has_posts, icon=":material/restart_alt:", key="refused"
    ):
        name = st.selectbox("File", list(files), format_func=unique_labels(files), key="refused_file")
        file = files[name]
        problem = drop.problem_of(file)
        st.caption(plain(f"Rejected: {problem.reason}. {problem.remedy}"))
        fields = _fields_of_file(file)
        key = partial(_key_of_file, file)
        with st.grid(4, min_column_width=200, gap="medium"):
            reading.show_choices(ImportOptions(), fields, key, file.choices, file.choices)
        _show_beginning(file, st.session_state.get(key("encoding")))
        st.button(
            "Read this file again",
            key=key("read"),
            icon=":material/restart_alt:",
            on_click=_reread_file,
            args=(drop, file, fields),
        )


def _fields_of_file(file: RefusedFile) -> tuple[str, ...]:
    """Return the fields of `ImportOptions` that matter for a file in the format that is chosen for it."""
    found = None if file.format is None else get_importer(file.format)
    fields = ("format",) if found is None or found.reads_text else ()
    chosen = st.session_state.get(_key_of_file(file, "format")) if fields else None
    importer = get_importer(chosen) if chosen else found
    return (*fields, *(importer.options if importer else ()), "source")


def _show_beginning(file: RefusedFile, encoding: str | None) -> None:
    """Show the first lines of a text file in an encoding, so that it can be seen which one is right."""
    try:
        head = InputFile(file.name, file.content).head()
    except RefusedError:
        return
    if format_by_content(head):
        return
    text = codecs.decode(head, encoding, "replace") if encoding else decode_file_head(head)
    lines = [line for line in text.splitlines() if line.strip()][:LINES]
    if lines:
        st.caption(f"First lines in {reading.ENCODINGS[encoding] if encoding else 'UTF-8'}")
    for line in lines:
        st.text(cards.excerpt(shorten_to_one_line(line.replace("\x00", "")), LINE_CHARS))


@defer_errors
def _reread_file(drop: Drop, file: RefusedFile, fields: tuple[str, ...]) -> None:
    drop.read_refused(file, reading.chosen_options(fields, partial(_key_of_file, file)))


def _key_of_file(file: RefusedFile, field: str) -> str:
    return f"refused_{field}_{file.name}"
