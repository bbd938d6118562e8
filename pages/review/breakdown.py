"""Breakdown: posts by hashtag, mention, emoji, domain, author, language and more. Each row opens its posts."""

from __future__ import annotations

import streamlit as st

from analysis import query
from analysis.charts.over_time import hours_of_the_week
from analysis.columns import WORD_COLUMNS, Column
from analysis.exporters.breakdown_csv import export_breakdown_csv, find_breakdown_refusal
from analysis.exporters.file_names import name_report_file
from analysis.model.config import SENTIMENTS
from analysis.query import Filters
from analysis.workspace import Batch
from pages.review import breakdown_columns
from pages.review.breakdown_table import STYLE, show_values
from pages.shared import catalogue, labels, places, scored
from pages.shared.charts import chart
from pages.shared.counting import Counting, choose_counting
from pages.shared.messages import plain
from pages.shared.privacy import current_privacy

ORDERS = {
    query.UNUSUAL: "Most unusual",
    "amount": "Most {weight}",
    "negative": "Most negative",
    "positive": "Most positive",
    "likes": "Most likes",
    "interactions": "Most interactions",
    "title": "Name",
}

_UNUSUAL = "“Most unusual”: most times as frequent in these posts as in general texts, such as new brands. "


def choose_values(batch: Batch, filters: Filters) -> tuple[Column, Counting, str, str]:
    """Show the choices: by what to break down, what to count, how to sort, which names; return them."""
    columns = breakdown_columns.list_breakdown_columns(batch)
    st.session_state["by"] = breakdown_columns.current_breakdown_column(batch, columns)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        by = st.selectbox(
            "Break down by",
            list(columns),
            format_func=lambda name: plain(breakdown_columns.title_of(columns[name])),
            key="by",
            width=200,
            on_change=lambda: places.set_broken_down_by(st.session_state["by"]),
        )
        counting = choose_counting(batch, filters)
        engagement = [each for each in counting.engagement if each != counting.weight]
        orders = ["amount", "negative", "positive", *engagement, "title"]
        of_words = by in WORD_COLUMNS
        if of_words:
            orders.insert(0, query.UNUSUAL)
        order = st.selectbox(
            "Sort",
            orders,
            format_func=lambda each: ORDERS[each].format(weight=counting.weight),
            key=f"breakdown_order{'_of_words' if of_words else ''}",
            persist_state="session",
            width=180,
            help=(_UNUSUAL if of_words else "")
            + "“Most negative” and “Most positive” sort by the lower limit of the 95 % interval of the share, so "
            "that values with few posts do not come first by chance.",
        )
        search = st.text_input(
            "Find",
            placeholder=f"Part of {breakdown_columns.a_noun(columns[by])}",
            key=f"breakdown_search_{by}_{batch.id}",
            persist_state="session",
            icon=":material/search:",
            width=200,
        )
    return columns[by], counting, order, search


def show_breakdown(
    batch: Batch, filters: Filters, column: Column, counting: Counting, order: str, search: str
) -> None:
    """Show the values of a column, a page at a time."""
    noun, weight, size = breakdown_columns.noun_of(column), counting.weight, batch.settings.breakdown_values
    place = f"breakdown_{hash((batch.id, filters, column.name, weight, order, search))}"
    offset = (st.session_state.get(place, 1) - 1) * size
    sign = breakdown_columns.sign_of(column)
    found = query.count_values(
        batch,
        filters,
        column.name,
        weight,
        order,
        size,
        offset,
        search.strip().removeprefix(sign),
        breakdown_columns.titles_of(batch, column),
    )
    if not found.posts_with:
        st.info(f"None of these posts has {breakdown_columns.a_noun(column)}.", icon=":material/info:")
        show_others(batch, column)
        return
    if not found.n_values:
        st.info(f"No {noun} contains “{plain(search)}”.", icon=":material/search_off:")
        return
    values = (
        f"{found.n_values:,} {noun if found.n_values == 1 else breakdown_columns.title_of(column).lower()}"
    )
    containing = f" that contain{'s' * (found.n_values == 1)} “{plain(search)}”" if search.strip() else ""
    summary = f"**{plain(values)}**{containing} in {found.posts_found:,} of {labels.posts(found.posts)}."
    st.caption(f"{summary} {counting.describe_excluded()}")
    unit, periods = query.count_value_periods(batch, filters, column.name, list(found.table["key"]), weight)
    chosen = show_values(
        found,
        unit,
        periods,
        breakdown_columns.singular_of(column),
        sign,
        counting,
        f"{place}_{offset}",
    )
    if chosen is not None:
        only = filters.with_selection((catalogue.kind_of([column]).name, chosen))
        st.switch_page(places.POSTS, query_params=places.link(only))
    st.caption(f"Tick a row to open its posts. {breakdown_columns.describe_finding(column)}")
    if found.n_values > size:
        st.pagination(-(-found.n_values // size), key=place, persist_state="session")
    offer_table(batch, filters, column, weight, order, search.strip().removeprefix(sign))


def offer_table(batch: Batch, filters: Filters, column: Column, weight: str, order: str, search: str) -> None:
    """Offer all values as CSV, with the privacy that is chosen on the Report page."""
    privacy = current_privacy()
    if refusal := find_breakdown_refusal(column, weight, privacy):
        st.caption(
            f"With the privacy “{privacy.level.title}”, chosen on Report, this table cannot be downloaded: it "
            f"{refusal}."
        )
        return
    titles = breakdown_columns.titles_of(batch, column)
    st.download_button(
        "Download as CSV",
        data=lambda: export_breakdown_csv(batch, filters, column, weight, order, search, titles, privacy),
        mime="text/csv",
        file_name=name_report_file(batch, filters, f"-{column.name}.csv", level=privacy.level),
        icon=":material/download:",
        help="All values, not only those of this page.",
        on_click="ignore",  # a rerun could discard the address of the file before it is sent
        key="download_breakdown",
    )
    if not privacy.shows_names:
        st.caption(f"Privacy: {privacy.level.title.lower()}, as chosen on Report.")


def show_others(batch: Batch, column: Column) -> None:
    """Offer the columns that these posts have values of."""
    others = [
        each
        for each in breakdown_columns.list_breakdown_columns(batch).values()
        if each.name != column.name and breakdown_columns.has_values(batch, each)
    ]
    with st.container(horizontal=True):
        for each in others:
            st.button(
                plain(breakdown_columns.title_of(each)),
                key=f"by_{each.name}",
                on_click=places.set_broken_down_by,
                args=(each.name,),
            )


def show_hours(batch: Batch, filters: Filters, counting: Counting) -> None:
    """Show the posts by weekday and hour, with peaks."""
    st.header("Hours of the week", anchor=False)
    hours = query.count_by_hour(batch, filters, counting.weight)
    amounts = hours[list(SENTIMENTS)].sum(axis=1)
    if not amounts.any():
        st.caption("None of these posts has a date.")
        return
    peaks = query.find_peak_hours(hours)
    has_hours = hours["hour"].any()
    title = f"Weekday and hour ({batch.timezone})" if has_hours else "Weekday"
    chart(counting.title(title), hours_of_the_week(hours, peaks, counting.weight), filters)
    about = [] if has_hours else ["These posts have dates, but no times of day."]
    if has_hours and (left_out := query.count_at_midnight(batch, filters)):
        verb = "is" if left_out == 1 else "are"
        about.append(
            f"{labels.posts(left_out)} at exactly midnight in UTC {verb} left out: most have no time of day."
        )
    about.append(f"The stronger the colour, the more {counting.weight}. Click one to open its posts.")
    if peaks:
        about.append(
            f"▲ Peak: unusually many {counting.weight}, more than three standard deviations above the median of all "
            f"{'hours' if has_hours else 'days'} of the week (Hampel identifier)."
        )
    st.caption(" ".join(about))


st.title("Breakdown")
st.html(STYLE)
batch, filters, _ = scored.open_scored_posts()
column, counting, order, search = choose_values(batch, filters)
show_breakdown(batch, filters, column, counting, order, search)
show_hours(batch, filters, counting)
