"""Upload: files in, checks and mapping at once, then one button that scores. Batches are kept in order below."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from analysis.errors import PostLensError, WorkspaceError
from analysis.importers.registry import table_labels
from analysis.intake import InputFile, files_in, pasted
from pages.batch import batches, checks
from pages.batch.drop import Drop, check_writable
from pages.server.key import is_local, local_paths_allowed
from pages.shared import labels, places, progress
from pages.shared.callbacks import keep_error
from pages.shared.engine import workspace
from pages.shared.messages import shown_in_words

WAYS = {
    "files": ":material/upload_file: Files",
    "folder": ":material/drive_folder_upload: Folder",
    "path": ":material/folder_open: Folder on this computer",
    "paste": ":material/content_paste: Pasted text",
}


def ask_for_files() -> list[InputFile]:
    """Draw the four ways in; return what has just been given, if anything."""
    ways = [way for way in WAYS if way != "path" or is_local()]
    way = st.segmented_control(
        "How",
        ways,
        format_func=WAYS.__getitem__,
        default="files",
        required=True,
        key="way",
        label_visibility="collapsed",
        persist_state="session",
    )
    turn = st.session_state.setdefault("turn", 0)  # a new key empties the form after each intake
    if way == "path":
        if not local_paths_allowed():
            st.caption("To read folders on this computer, open the address that the start command printed.")
            return []
        st.text_input("Folder or file on this computer", key=f"path_{turn}", placeholder="/home/me/campaign")
        asked = st.session_state[f"path_{turn}"].strip()
        return (
            files_in(Path(asked).expanduser())
            if st.button("Read", icon=":material/search:", key="read_path") and asked
            else []
        )
    if way == "paste":
        st.text_area("One post a line, or posts separated by blank lines", key=f"paste_{turn}", height=180)
        text = st.session_state[f"paste_{turn}"]
        return (
            [pasted(text)]
            if st.button("Check posts", icon=":material/checklist:", key="check_pasted") and text.strip()
            else []
        )
    uploads = st.file_uploader(
        f"A table ({table_labels()}), pictures (JPEG, PNG, WebP, GIF), a zip, or any mix of these",
        accept_multiple_files="directory" if way == "folder" else True,
        key=f"{way}_{turn}",
    )
    st.caption("More than a few hundred pictures travel best in one zip.")
    return [InputFile(upload.name, upload.getvalue()) for upload in uploads]


def open_drop() -> Drop | None:
    """Return what was dropped and not yet scored, if anything.

    Raises:
        WorkspaceError: Its files were deleted; it is forgotten.
    """
    drop: Drop | None = st.session_state.get("drop")
    if drop and not drop.folder.is_dir():
        del st.session_state["drop"]
        raise WorkspaceError("What was uploaded", "was deleted from the workspace", "Add the files again.")
    return drop


def take_in(given: Sequence[InputFile]) -> None:
    """Add files to what was dropped before, empty the form, and run the page again.

    Files that cannot be taken leave the form too, or each later run would be given them again.
    """
    try:
        drop = open_drop() or Drop()
        with (
            st.spinner(f"Reading {len(given):,} file{'s' * (len(given) != 1)}"),
            progress.bar("Reading", "files") as move,
        ):
            drop.add(given, move)
        st.session_state["drop"] = drop
    except PostLensError as error:
        keep_error(error)
    except Exception:
        st.session_state["turn"] += 1
        raise
    st.session_state["turn"] += 1
    st.rerun()


st.title("Upload")
st.caption("Drop a batch of posts. They stay on this computer; nothing is sent anywhere.")

with shown_in_words():
    check_writable()
with shown_in_words():
    given = ask_for_files()
    if given:
        take_in(given)

with shown_in_words():
    drop = open_drop()
    if drop:
        st.subheader("What was read")
        above = st.container()  # the checks stand above the mapping that they follow from
        mapping = checks.ask_for_mapping(drop)
        with above:
            with progress.bar("Checking", "rows") as move:
                checked = drop.checked(mapping, move)
            checks.show(checked)
        if len(checked.posts):
            checks.preview(checked, drop.media)
        name = st.text_input("Name of the batch", value=checks.suggested_name(drop), max_chars=80, key="name")
        with st.container(horizontal=True):
            if st.button(
                f"Score {labels.posts(len(checked.posts))}",
                type="primary",
                icon=":material/play_arrow:",
                disabled=checked.posts.empty,
                key="score",
            ):
                batch = drop.store(checked, name, workspace())
                progress.start(batch)
                del st.session_state["drop"]
                st.switch_page(places.OVERVIEW, query_params={"batch": batch.id})
            if st.button("Start again", icon=":material/restart_alt:", key="start_again"):
                del st.session_state["drop"]
                st.rerun()

st.subheader("Batches")
batches.show()
