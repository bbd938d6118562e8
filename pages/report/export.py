"""Report: a summary report, and a table of posts with chosen columns in a chosen format, with a preview."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

import streamlit as st

from analysis import query
from analysis.columns import ORIGINAL, Column, Selection, report_columns, select_columns
from analysis.exporters import (
    AS_GIVEN,
    CSV,
    PLAIN_CSV,
    HeatMapExporter,
    Privacy,
    ReportExporter,
    SummaryExporter,
    list_exporters,
    preview_report,
    report,
    summarise_batch,
)
from analysis.exporters.file_names import name_report_file
from analysis.exporters.heatmaps import HeatMap, export_heat_maps, list_heat_maps
from analysis.exporters.privacy import keep_published_columns
from analysis.query import Filters
from analysis.scoring.jobs import submit_job
from analysis.settings import MB
from analysis.workspace import Batch
from pages.report import manifest
from pages.shared import current_batch, filter_bar, labels, places, progress
from pages.shared.choices import unique_labels
from pages.shared.engine import config, heads, model
from pages.shared.messages import plain
from pages.shared.privacy import choose_privacy
from pages.shared.rejected import show_rejected

CUSTOM = "Custom"


def choose_columns(batch: Batch) -> list[Column]:
    """Show the selections of columns, and a picker for columns of one's own choice; return them in file order."""
    topics = batch.custom_topics.topics if batch.custom_topics else ()
    columns = report_columns(
        heads(),
        query.list_own_columns(batch),
        batch.settings,
        config().modalities,
        topics,
        has_labels=bool(batch.labels),
        has_themes=batch.themes is not None,
    )
    ours = [column for column in columns if not column.name.startswith(ORIGINAL)]
    theirs = [column for column in columns if column.name.startswith(ORIGINAL)]
    selections = {each.value: each for each in Selection}
    wanted = st.segmented_control(
        "Columns",
        [*selections, CUSTOM],
        default=Selection.BASIC.value,
        required=True,
        key="selection",
        persist_state="session",
    )
    if wanted in selections:
        selected = select_columns(ours, selections[wanted])
        chosen = [column.name for column in selected]
        st.caption(f"{selections[wanted].meaning} {len(chosen)} columns.")
    else:
        chosen = st.pills(
            "Your choice",
            [column.name for column in ours],
            selection_mode="multi",
            format_func=unique_labels([column.name for column in ours], plain),
            key="columns",
            persist_state="session",
            default=[column.name for column in select_columns(ours, Selection.BASIC)],
        )
    if theirs:
        chosen = chosen + st.multiselect(
            "Columns of your table",
            [column.name for column in theirs],
            key=f"own_columns_{batch.id}",
            format_func=unique_labels(
                [column.name for column in theirs], lambda name: name.removeprefix(ORIGINAL)
            ),
            placeholder="None",
            persist_state="session",
        )
    return [column for column in columns if column.name in chosen]


def choose_format() -> ReportExporter:
    """Show the format picker, and for CSV a switch for formulas; return the chosen format."""
    known = {exporter.name: exporter for exporter in list_exporters(ReportExporter)}
    name = st.segmented_control(
        "Format",
        list(known),
        format_func=lambda name: known[name].label,
        default=CSV.name,
        required=True,
        key="format",
        persist_state="session",
    )
    if known[name] == CSV and not st.toggle(
        "Make formulas harmless",
        value=True,
        key="escape",
        help="Puts an apostrophe before text that a spreadsheet would run as a formula. Programs that read the file "
        "would see the apostrophe too.",
        persist_state="session",
    ):
        st.warning(
            "Do not open this file in a spreadsheet: it may run formulas that authors wrote into their posts.",
            icon=":material/warning:",
        )
        return PLAIN_CSV
    return known[name]


def content_of(
    batch: Batch, filters: Filters, columns: Sequence[Column], exporter: ReportExporter, privacy: Privacy
) -> bytes:
    """Write the report in memory."""
    target = io.BytesIO()
    report.write_report_table(batch, filters, columns, target, exporter, privacy)
    return target.getvalue()


def to_disk(
    batch: Batch, filters: Filters, columns: Sequence[Column], exporter: ReportExporter, privacy: Privacy
) -> None:
    """Offer to write the report to the batch's folder, in the background, and list the written reports."""
    st.button(
        f"Write the {exporter.label} to disk",
        icon=":material/save:",
        type="primary",
        help="Recommended for a report of this size: it is written in the background, without holding it in memory.",
        on_click=write,
        args=(batch, filters, columns, exporter, privacy),
        disabled=progress.is_busy(batch),
    )
    for path in batch.report_paths():
        with suppress(FileNotFoundError):  # deleted with its batch meanwhile
            st.caption(f"Saved ({path.stat().st_size / MB:,.0f} MB):")
            st.code(str(path), language=None)


def write(
    batch: Batch, filters: Filters, columns: Sequence[Column], exporter: ReportExporter, privacy: Privacy
) -> None:
    """Write the report in the background."""
    submit_job(
        batch,
        lambda progress, cancelled: report.write_report(
            batch, filters, columns, progress, cancelled, exporter, privacy
        ),
    )


def heat_maps(batch: Batch, filters: Filters, privacy: Privacy) -> None:
    """Offer heat maps of the images of the filtered posts as a file of each format, if posts are shown as given.

    Up to a number of stored image maps are drawn when they are downloaded, others in the background before.
    """
    if not privacy.shows_names:
        st.caption(
            "Heat maps are pictures of the posts, which may show people and names. To download them, choose the "
            f"privacy “{AS_GIVEN.level.title}”."
        )
        return
    limit = batch.settings.heat_maps_up_to
    if query.count_matching_posts(batch, filters) > limit:
        st.caption(
            f"Heat maps are available for up to {labels.posts(limit)}. Add filters to reduce the number."
        )
        return
    maps = list(list_heat_maps(batch, query.read_post_chunks(batch, filters.replace(scored=True))))
    if not maps:
        return
    missing = [each for each in maps if not each.made]
    at_once = len(missing) <= batch.settings.heat_maps_at_once and all(
        each.cells is not None for each in missing
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        if missing and not at_once:
            images = f"{len(missing):,} image{'s' * (len(missing) != 1)}"
            st.caption(
                f"Heat maps show which image regions support the sentiment; {images} to draw.",
                width="content",
            )
            st.button(
                "Draw heat maps",
                icon=":material/gradient:",
                on_click=draw,
                args=(batch, maps),
                disabled=progress.is_busy(batch),
            )
        if at_once or len(missing) < len(maps):
            for exporter in list_exporters(HeatMapExporter):
                st.download_button(
                    f"Download heat maps as {exporter.label}",
                    data=partial(heat_maps_content, batch, maps, exporter, at_once),
                    mime=exporter.media_type,
                    file_name=name_report_file(batch, filters, f"-heat-maps{exporter.suffix}"),
                    icon=":material/download:",
                    on_click="ignore",  # a rerun could discard the address of the file before it is sent
                    key=f"download_heat_maps_{exporter.name}",
                )


def draw(batch: Batch, maps: Sequence[HeatMap]) -> None:
    """Draw heat maps in the background."""
    submit_job(
        batch,
        lambda progress, cancelled: export_heat_maps(batch, model, maps, batch.settings, progress, cancelled),
    )


def heat_maps_content(
    batch: Batch, maps: Sequence[HeatMap], exporter: HeatMapExporter, draw_missing: bool
) -> bytes:
    """Write heat maps in memory; draw those that are missing first, if they are stored image maps."""
    if draw_missing:
        export_heat_maps(batch, model, maps, batch.settings)
    target = io.BytesIO()
    exporter.write(maps, target)
    return target.getvalue()


def summary_of(batch: Batch, filters: Filters, privacy: Privacy, exporter: SummaryExporter) -> bytes:
    """Write the summary report; without figures of the loaded model if another one scored the batch."""
    metrics = model().metrics if model().id == batch.manifest.bundle else None
    target = io.BytesIO()
    exporter.write(summarise_batch(batch, filters, config(), metrics, privacy), target)
    return target.getvalue()


def offer_summary(batch: Batch, filters: Filters, privacy: Privacy) -> None:
    """Offer the summary report: findings, charts and striking posts, as a page or as slides."""
    with st.container(border=True):
        st.header("Summary report", anchor=False)
        st.caption(
            "Findings in words, charts with intervals, striking posts with their reasons, methods and limits. "
            "HTML is one page for screens and paper that opens in any browser, offline. PowerPoint has slides with "
            "charts that you can edit."
        )
        with st.container(horizontal=True):
            for number, exporter in enumerate(list_exporters(SummaryExporter)):
                st.download_button(
                    f"Download the report as {exporter.label}",
                    data=partial(summary_of, batch, filters, privacy, exporter),
                    mime=exporter.media_type,
                    file_name=name_report_file(batch, filters, exporter.suffix, level=privacy.level),
                    icon=":material/slideshow:" if number else ":material/summarize:",
                    type="secondary" if number else "primary",
                    on_click="ignore",  # a rerun could discard the address of the file before it is sent
                    key=f"download_{exporter.name}",
                )


st.title("Report")
batch = current_batch.open_current_batch()
progress.show_job(batch)
filters = places.current_filters()
found = query.count_matching_posts(batch, filters)
filter_bar.show_filters(found, batch.manifest.n_posts)
filter_bar.stop_if_empty(found)
privacy = choose_privacy()
if batch.scored():
    offer_summary(batch, filters, privacy)
st.header("Table of posts", anchor=False)
columns = choose_columns(batch)
if any(column.name == "top_words" for column in columns):
    progress.offer_words(batch)
if not columns:
    st.info("Choose at least one column.", icon=":material/info:")
    st.stop()
if not keep_published_columns(columns, privacy):
    st.info(
        "None of these columns is a score. Choose other columns, or another level of privacy.",
        icon=":material/info:",
    )
    st.stop()
exporter = choose_format()
is_large = found > batch.settings.download_up_to
if is_large:
    to_disk(batch, filters, columns, exporter, privacy)
with st.container(horizontal=True, vertical_alignment="center"):
    st.download_button(
        f"Download {labels.posts(found)} as {exporter.label}",
        data=lambda: content_of(batch, filters, columns, exporter, privacy),
        mime=exporter.media_type,
        file_name=name_report_file(batch, filters, exporter.suffix, level=privacy.level),
        icon=":material/download:",
        type="secondary",
        on_click="ignore",  # a rerun could discard the address of the file before it is sent
        key="download",
    )
    manifest.offer_manifest(batch, filters, columns, exporter, privacy)
st.caption(manifest.PURPOSE)
shown = preview_report(
    batch, filters, columns, batch.settings.previewed_posts, escaped=exporter == CSV, privacy=privacy
)
about_formulas = (
    " An apostrophe marks text that a spreadsheet would run as a formula." if exporter == CSV else ""
)
st.caption(
    f"Preview of {labels.posts(len(shown))}: the values of {len(shown.columns)} columns as text.{about_formulas}"
)
st.dataframe(shown, hide_index=True)
heat_maps(batch, filters, privacy)
show_rejected(batch.rejected(), expanded=False, is_downloadable=privacy.shows_names)
