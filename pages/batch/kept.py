"""Columns of the analyst's own tables that no field uses: which of them become filters and segments of the batch."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from analysis.importers import ColumnMapping
from pages.batch.drop import Drop
from pages.shared.choices import unique_labels
from pages.shared.engine import workspace


def choose(drop: Drop, mappings: Mapping[str, ColumnMapping]) -> None:
    """Let the user choose columns to keep as filters, among those with few values; nothing if there are none."""
    settings = workspace().settings
    candidates: dict[str, None] = {}
    for table in drop.inputs.tables:
        mapped = mappings[table.name].columns()
        few = drop.columns_with_few_values(table, settings.max_filter_values)
        candidates |= {name: None for name in few if name not in mapped}
    if not candidates:
        drop.kept = ()
        return
    drop.kept = tuple(
        st.multiselect(
            "Keep as filters",
            list(candidates),
            default=[name for name in drop.kept if name in candidates],
            format_func=unique_labels(candidates),
            max_selections=settings.max_kept_columns,
            key="kept",
            placeholder="Other columns of your tables",
            help="Each becomes a filter and a chart on Overview. "
            f"Columns with 2 to {settings.max_filter_values} different values can be kept.",
        )
    )
