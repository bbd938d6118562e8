"""Upload: add files, see the checks and the column mapping, and start scoring. Existing batches are listed below."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from analysis.errors import PostLensError, WorkspaceError
from analysis.importers.registry import table_labels
from analysis.intake import InputFile, list_files, parse_pasted_text, split_pasted_posts
from pages.batch import batches, checks, kept, mapping, open_drops, refused, unfinished
from pages.batch.drop import Drop, check_workspace_writable
from pages.server.key import is_local, local_paths_allowed
from pages.shared import cards, labels, places, progress, samples
from pages.shared.callbacks import store_error
from pages.shared.engine import workspace
from pages.shared.messages import error_boundary
from pages.shared.rejected import show_rejected

METHODS = {
    "files": ":material/upload_file: Files",
    "folder": ":material/drive_folder_upload: Folder",
    "path": ":material/folder_open: Folder on this computer",
    "paste": ":material/content_paste: Paste text",
}

# Labels of what separates pasted posts, and the argument of `split_pasted_posts`.
SEPARATORS = {"Detect automatically": None, "Line breaks": False, "Blank lines": True}

# A tall field to drop files on, with the button in its middle.
DROP_ZONE = """<style>
[data-testid=stFileUploaderDropzone] {
  min-height: 12rem; flex-direction: column; align-items: center !important; justify-content: center;
  gap: 0.6rem;
  border: 2px dashed color-mix(in srgb, currentColor 40%, transparent);
}
[data-testid=stFileUploaderDropzone]::before { content: "Drop files here, or choose them"; }
[data-testid=stFileUploaderDropzone] > * { flex: none; margin: 0; width: auto; }
</style>"""


def receive_files() -> list[InputFile]:
    """Show the four upload methods; return the files just added, if any."""
    methods = [method for method in METHODS if method != "path" or is_local()]
    method = st.segmented_control(
        "Method",
        methods,
        format_func=METHODS.__getitem__,
        default="files",
        required=True,
        key="method",
        label_visibility="collapsed",
        persist_state="session",
    )
    turn = st.session_state.setdefault("turn", 0)  # a new key clears the form after each upload
    if method == "path":
        if not local_paths_allowed():
            st.caption("To read folders on this computer, open the address that the start command printed.")
            return []
        st.text_input("Folder or file on this computer", key=f"path_{turn}", placeholder="/home/me/campaign")
        path = st.session_state[f"path_{turn}"].strip()
        return (
            list_files(Path(path).expanduser())
            if st.button("Read", icon=":material/search:", key="read_path") and path
            else []
        )
    if method == "paste":
        return choose_pasted_text(turn)
    if "drop" not in st.session_state:
        st.html(DROP_ZONE)
    uploads = st.file_uploader(
        f"Tables ({table_labels()}), images, zip archives, or any combination",
        accept_multiple_files="directory" if method == "folder" else True,
        key=f"{method}_{turn}",
    )
    st.caption("For more than a few hundred images, upload one zip archive.")
    offer_example()
    return [InputFile(upload.name, upload.getvalue()) for upload in uploads]


def offer_example() -> None:
    """Offer a small table as an example of what can be uploaded."""
    example = samples.FOLDER / samples.TABLE
    if example.is_file():
        st.download_button(
            "Download an example table",
            data=example.read_bytes(),
            mime="text/csv",
            file_name=samples.TABLE,
            icon=":material/description:",
            type="tertiary",
            on_click="ignore",
            key="example",
        )


def choose_pasted_text(turn: int) -> list[InputFile]:
    """Show a field for pasted text, and how many posts are found in it.

    Args:
        turn: A number that changes after each upload, so that the field is empty again.
    """
    text = st.text_area("Posts", placeholder="One post per line", key=f"paste_{turn}", height=180)
    separator = st.segmented_control(
        "Posts are separated by",
        list(SEPARATORS),
        default=next(iter(SEPARATORS)),
        required=True,
        key=f"separator_{turn}",
    )
    blank_lines = SEPARATORS[separator]
    if text.strip():
        posts = split_pasted_posts(text, blank_lines)
        st.caption(f"{labels.posts(len(posts))}. The first one:")
        st.text(cards.excerpt(posts[0]))
    wanted = st.button("Check posts", icon=":material/checklist:", key="check_pasted")
    return [parse_pasted_text(text, blank_lines)] if wanted and text.strip() else []


def open_drop() -> Drop | None:
    """Return the session's unscored upload, or that of the address after a reload, if any.

    Raises:
        WorkspaceError: Its files were deleted; the upload is discarded.
    """
    token = st.query_params.get("upload", "")
    drop: Drop | None = st.session_state.get("drop") or open_drops.find(token)
    if drop is None:
        st.query_params.pop("upload", None)
        if token:
            st.info(
                "This upload is no longer available: it was scored or discarded, or PostLens was restarted. If its "
                "posts are not below, add the files again.",
                icon=":material/info:",
            )
        return None
    st.session_state["drop"] = drop
    if not drop.folder.is_dir():
        close_drop(drop)
        raise WorkspaceError("The upload", "was deleted from the workspace", "Add the files again.")
    return drop


def close_drop(drop: Drop) -> None:
    """Let go of an upload that was scored, discarded or deleted."""
    open_drops.release(drop)
    del st.session_state["drop"]
    st.query_params.pop("upload", None)


def add_files(files: Sequence[InputFile]) -> None:
    """Add files to the upload, clear the form, and rerun the page.

    The form is cleared even if the files cannot be read; otherwise each later run would receive them again.
    """
    try:
        drop = open_drop() or Drop()
        with (
            st.spinner(f"Reading {len(files):,} file{'s' * (len(files) != 1)}..."),
            progress.bar("Reading", "files") as update,
        ):
            drop.add(files, update, update.file)
        st.session_state["drop"] = drop
    except PostLensError as error:
        store_error(error)
    except Exception:
        st.session_state["turn"] += 1
        raise
    st.session_state["turn"] += 1
    st.rerun()


st.title("Upload")
st.caption("Add a batch of posts. They stay on this computer; nothing is sent anywhere.")

with error_boundary():
    check_workspace_writable()
with error_boundary():
    # On a server for several people, one must not see the uploads of another.
    if is_local() and "drop" not in st.session_state and "upload" not in st.query_params:
        unfinished.offer_uploads()
with error_boundary():
    new_files = receive_files()
    if new_files:
        add_files(new_files)

with error_boundary():
    drop = open_drop()
    if drop:
        st.query_params["upload"] = open_drops.keep(drop)
        st.header("Checks", anchor=False)
        results = st.container()  # shown above the tables, but computed from their mapping
        tables = mapping.show_tables(drop)
        with results:
            with progress.bar("Checking", "rows") as update:
                checked = drop.checked(tables.mappings, update)
            checks.show_counts(checked)
        tables.show_recognition(checked)
        refused.show_refused(drop, has_posts=checked.n_posts > 0)
        show_rejected(checked.rejected)
        if checked.n_posts:
            checks.preview(checked, drop.media)
        kept.choose(drop, tables.mappings)
        longest = workspace().settings.max_name_chars
        name = st.text_input("Batch name", checks.suggest_name(drop), max_chars=longest, key="name")
        with st.container(horizontal=True):
            if st.button(
                f"Score {labels.posts(checked.n_posts)}",
                type="primary",
                icon=":material/play_arrow:",
                disabled=not checked.n_posts,
                key="score",
            ):
                batch = drop.store(checked, name, workspace())
                progress.start(batch)
                close_drop(drop)
                st.switch_page(places.OVERVIEW, query_params={"batch": batch.id})
            if st.button("Discard upload", icon=":material/restart_alt:", key="discard"):
                close_drop(drop)
                st.rerun()

st.header("Batches", anchor=False)
batches.show_batches()
