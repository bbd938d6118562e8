"""Data dictionary: every column of the report, what it means, with its range and unit."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analysis.columns import report_columns
from analysis.custom_topics import CustomTopic
from pages.shared import catalogue
from pages.shared.engine import config, heads, workspace
from pages.shared.messages import plain

TOPIC_EXAMPLE = CustomTopic("your topic")

st.title("Data dictionary")
st.caption(
    "Every column that a report can have. You can also add columns of your own table under their own names."
)
topics = catalogue.custom_topics() or ([TOPIC_EXAMPLE] if config().space else [])
columns = report_columns(
    heads(),
    settings=workspace().settings,
    modalities=config().modalities,
    topics=topics,
    has_labels=True,
    has_themes=True,
)
wanted = st.text_input(
    "Search", placeholder="Name or meaning", icon=":material/search:", key="dictionary_search"
)
found = [
    column for column in columns if wanted.lower() in f"{column.name} {column.label} {column.meaning}".lower()
]
st.table(
    pd.DataFrame(
        {
            "Column": [
                plain(column.name) for column in found
            ],  # named by the model; the table renders Markdown
            "Title": [plain(column.label) for column in found],
            "Meaning": [plain(column.meaning) for column in found],
            "Type": [column.kind for column in found],
            "Unit": [column.unit for column in found],
            "Standard": ["yes" if column.is_basic else "no" for column in found],
        }
    ),
    hide_index=True,
)
