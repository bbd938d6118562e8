"""The manifest of the table on the Report page: a file that says how the table was made."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from analysis.columns import Column
from analysis.exporters import (
    MANIFEST_SUFFIX,
    Privacy,
    ReportExporter,
    export_manifest,
    find_manifest_obstacle,
    make_table_manifest,
)
from analysis.exporters.file_names import name_report_file
from analysis.query import Filters
from analysis.workspace import Batch

PURPOSE = (
    "The manifest records files, choices and versions behind this table. With it, the command “postlens reproduce” "
    "makes the same table from the same files, or names what differs."
)
KEEP_PRIVATE = "Keep this manifest private: it names files, columns, searches and people in filters."


def offer_manifest(
    batch: Batch, filters: Filters, columns: Sequence[Column], exporter: ReportExporter, privacy: Privacy
) -> None:
    """Offer the manifest of a table; disabled with the reason if the batch cannot have one.

    It has names that a private table hides, so a warning is shown, and its name does not say the level of privacy.
    """
    obstacle = find_manifest_obstacle(batch)
    st.download_button(
        "Download the manifest",
        data=lambda: export_manifest(make_table_manifest(batch, filters, columns, exporter, privacy)),
        mime="application/json",
        file_name=name_report_file(
            batch, filters, exporter.suffix + MANIFEST_SUFFIX, level=privacy.level, says_level=False
        ),
        icon=":material/fingerprint:",
        type="tertiary",
        help=obstacle
        or "It has the names of your batch, files, columns and topics, and the values of your filters, "
        "such as searches, authors and post IDs, but no texts of posts.",
        on_click="ignore",  # a rerun could discard the address of the file before it is sent
        disabled=bool(obstacle),
        key="download_manifest",
    )
    if not privacy.shows_names and not obstacle:
        st.caption(f":material/warning: {KEEP_PRIVATE}", width="content")
