"""The taxonomy file of the custom topics: download and upload."""

from __future__ import annotations

import streamlit as st

from analysis import search
from analysis.errors import PostLensError
from analysis.settings import MB
from analysis.taxonomy import Taxonomy, export_taxonomy, parse_taxonomy
from analysis.wording import format_count
from pages.shared.callbacks import store_error
from pages.shared.engine import model, workspace

_UPLOADS = "taxonomy_uploads"  # number of uploaded files, so that each has a widget of its own
_RESULT = "taxonomy_result"
FILE_NAME = "postlens-topics.json"


def show_taxonomy_file(taxonomy: Taxonomy) -> None:
    """Let the user download the topics, with or without the texts of their examples, and upload such a file."""
    if message := st.session_state.pop(_RESULT, ""):
        st.toast(message, icon=":material/check:")
    with st.expander("Taxonomy file", icon=":material/data_object:"):
        st.caption(
            "All topics with descriptions, thresholds and examples, as JSON: for another computer, for the commands "
            "(`--topics-file`) and for Python (`read_topics`)."
        )
        if taxonomy.topics:
            _show_download(taxonomy)
        _show_upload()


def _show_download(taxonomy: Taxonomy) -> None:
    texts = sum(bool(example.text) for topic in taxonomy.topics for example in topic.examples)
    with_texts = True
    if texts:
        with_texts = st.toggle(
            f"With the texts of {format_count(texts, 'example')}", value=True, key="with_example_texts"
        )
        if with_texts:
            st.caption(
                ":material/warning: The file has texts of posts in full. Switch them off before you pass it to "
                "people who may not read these posts."
            )
        else:
            st.caption(
                "The file has only what the model read of the examples, so it works with the model "
                f"`{model().id}` alone."
            )
    try:
        topics = taxonomy.topics
        if not with_texts:
            topics = tuple(search.embed_examples(model(), topic).without_texts() for topic in topics)
    except PostLensError as error:
        store_error(error)
        return
    st.download_button(
        "Download topics",
        export_taxonomy(topics),
        FILE_NAME,
        "application/json",
        key="download_topics",
        icon=":material/download:",
        on_click="ignore",
    )


def _show_upload() -> None:
    number, settings = st.session_state.setdefault(_UPLOADS, 0), workspace().settings
    upload = st.file_uploader(
        "Add topics from a file; topics of the same name are replaced",
        type="json",
        key=f"taxonomy_{number}",
        max_upload_size=settings.max_taxonomy_bytes // MB,
    )
    if upload is None:
        return
    try:
        found = parse_taxonomy(upload.getvalue(), upload.name, settings).topics
        workspace().topics.add(found)
        st.session_state[_RESULT] = f"{len(found):,} topic{'s' * (len(found) != 1)} added."
    except PostLensError as error:
        store_error(error)
    st.session_state[_UPLOADS] = number + 1
    st.rerun()
