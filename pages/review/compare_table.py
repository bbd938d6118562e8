"""The tables of the Compare page: volume and sentiment of segments, and differences from a reference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from analysis.comparison import Difference, SegmentEstimates
from analysis.model.config import SENTIMENTS
from analysis.query import Segment, SegmentCounts
from analysis.wording import shorten_to_one_line
from pages.shared.counting import Counting
from pages.shared.estimates import format_p, format_points, format_share

_ROW_HEIGHT, _HEADER_HEIGHT = 36, 40  # pixels
_NAME_CHARS = 80
_WILSON = "In brackets: the 95 % interval, how much it could differ in another sample of such posts"


def show_volume_table(
    segments: Sequence[Segment],
    counts: SegmentCounts,
    estimates: Sequence[SegmentEstimates],
    counting: Counting,
) -> int | None:
    """Show volume and sentiment as rows; return the number of the segment that was ticked, None if none was."""
    config, weight = st.column_config, counting.weight
    rows: list[dict[str, Any]] = []
    for segment, sums, found in zip(segments, counts.table.to_dict("records"), estimates, strict=True):
        rows.append(
            {
                "segment": name_row(segment),
                "amount": int(sums["amount"]),
                "voice": format_share(found.voice),
                **{name: format_share(each) for name, each in found.sentiments.items()},
                "net": format_points(found.net),
                "posts": int(sums["posts"]),
                **{name: sums[name] for name in counting.engagement},
            }
        )
    table = pd.DataFrame(rows).astype(dict.fromkeys(counting.engagement, "Int64"))
    further = [name for name in ("posts", *counting.engagement) if name != weight]
    titles = {"negative": "▼ Negative", "neutral": "■ Neutral", "positive": "▲ Positive"}
    event = st.dataframe(
        table,
        column_order=["segment", "amount", "voice", *SENTIMENTS, "net", *further],
        column_config={
            "segment": config.TextColumn("Segment", width=165),
            "amount": config.NumberColumn(weight.capitalize(), format="localized", width=80),
            "voice": config.TextColumn(
                "Share of voice",
                width=130,
                help=f"Of the {weight} of all posts that are in any segment. {_WILSON} (Wilson"
                + (", with the effective number of posts)." if counting.is_weighted else ")."),
            ),
            **{
                name: config.TextColumn(title, width=130, help=f"Share of its {weight}. {_WILSON} (Wilson).")
                for name, title in titles.items()
            },
            "net": config.TextColumn(
                "Net",
                width=150,
                help=f"Positive minus negative share, in percentage points. {_WILSON} (Bonett & Price 2012).",
            ),
            **{
                name: config.NumberColumn(name.capitalize(), format="localized", width=95) for name in further
            },
        },
        hide_index=True,
        row_height=_ROW_HEIGHT,
        height=_HEADER_HEIGHT + _ROW_HEIGHT * len(table),
        on_select="rerun",
        selection_mode="single-row",
        key=f"compare_{hash((weight, *((each.batch.id, each.filters) for each in segments)))}",
    )
    chosen = event["selection"]["rows"]
    return int(chosen[0]) if chosen else None


def show_difference_table(
    names: Sequence[str],
    nets: Sequence[Difference | None],
    shares: Sequence[Difference | None],
    reasons: Sequence[str],
) -> None:
    """Show the differences from a reference as rows.

    Args:
        names: The segments (`name_row`).
        nets: Differences of their net sentiments.
        shares: Differences of their negative shares.
        reasons: Why there are no differences; "" where there are.
    """
    config = st.column_config
    table = pd.DataFrame(
        {
            "segment": list(names),
            "net": [format_points(each) for each in nets],
            "net_p": [format_p(each) for each in nets],
            "share": [format_points(each) for each in shares],
            "share_p": [format_p(each) for each in shares],
            "result": [
                reason or describe_difference(*each)
                for reason, *each in zip(reasons, nets, shares, strict=True)
            ],
        }
    )
    interval = "In brackets: the 95 % interval of the difference, not corrected for the number of tests"
    p_value = "Adjusted p-value: below 0.05, the difference is unlikely to be chance."
    st.dataframe(
        table,
        column_config={
            "segment": config.TextColumn("Segment", width=165),
            "net": config.TextColumn(
                "Net sentiment",
                width=150,
                help=f"In percentage points. {interval} (Zou & Donner 2008).",
            ),
            "net_p": config.TextColumn("Adjusted p", width=100, help=f"{p_value} Test for trend (Armitage)."),
            "share": config.TextColumn(
                "Negative share", width=150, help=f"In percentage points. {interval} (Newcombe 1998)."
            ),
            "share_p": config.TextColumn("Adjusted p", width=100, help=f"{p_value} Chi-squared test."),
            "result": config.TextColumn("Result", width=330),
        },
        hide_index=True,
        row_height=_ROW_HEIGHT,
        height=_HEADER_HEIGHT + _ROW_HEIGHT * len(table),
        key="compare_differences",
    )


def describe_difference(net: Difference | None, share: Difference | None) -> str:
    """Say which differences from the reference are clear."""
    found = []
    if net and net.is_clear:
        found.append("higher net sentiment" if net.value > 0 else "lower net sentiment")
    if share and share.is_clear:
        found.append("larger negative share" if share.value > 0 else "smaller negative share")
    if not any(each and each.p is not None for each in (net, share)):
        return "Not tested: too few posts"
    return ", ".join(found).capitalize() or "No clear difference"


def name_row(segment: Segment) -> str:
    """Return the name of a segment for a cell of a table."""
    return shorten_to_one_line(segment.name)[:_NAME_CHARS]
