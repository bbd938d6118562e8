"""The sample posts, which are added on the first start."""

from __future__ import annotations

import tempfile
from pathlib import Path

import streamlit as st

from analysis.errors import PostLensError
from analysis.intake import check_batch, list_files, read_inputs
from analysis.intake.record import record_input
from analysis.workspace import Workspace
from analysis.workspace.files import wrap_disk_errors
from pages.shared import progress
from pages.shared.engine import workspace

FOLDER = Path(__file__).parents[2] / "sample_posts"
NAME, TABLE = "Sample posts", "posts.csv"
_FAILED = "samples_failed"


def add_on_first_run() -> None:
    """Add and score the sample posts if there is no workspace yet; an emptied workspace stays empty.

    Raises:
        PostLensError: They cannot be stored; raised once per session.
    """
    target = workspace()
    if _FAILED in st.session_state or not FOLDER.is_dir():
        return
    try:
        with wrap_disk_errors(NAME):
            if not target.folder.exists():
                with st.spinner("Reading the sample posts"):
                    _add(str(target.folder), target)
    except PostLensError:
        st.session_state[_FAILED] = True
        raise


@st.cache_resource(show_spinner=False)  # so that two browsers opening at the same time add them only once
def _add(folder: str, _workspace: Workspace) -> None:
    with tempfile.TemporaryDirectory() as media:
        posts = [file for file in list_files(FOLDER) if not file.name.endswith(".md")]
        inputs = read_inputs(posts, Path(media))
        sources = [(table.name, table.raw) for table in inputs.tables]
        checked, record = check_batch(inputs), record_input(inputs)
        batch = _workspace.create(checked, Path(media), NAME, sources=sources, record=record)
    progress.start(batch)
