"""The options of the columns of a head: its filter, chart, badge and orders, and which classes are likely enough."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ColumnOptions:
    """How the classes of a head are shown and filtered. An empty text is replaced by one made of the head's name.

    Attributes:
        filter_name: Name of the filter in `Filters` and in URLs, such as "topics"; head_<name> if empty.
        chart_title: Title of the chart on the Overview page, such as "Topics"; the head's own title if empty.
        icon: Icon of the badge on the Explain page.
        width: Width of the column in the Posts table, in pixels.
        unclear_title: Title of the value for "no class is likely enough"; "No clear <head>" if empty.
        shows_unclear: Whether this value has a badge on the Explain page too.
        has_orders: Whether the list of orders on the Posts page has an entry for each class.
        threshold: Name of the setting that a class's probability must reach.
    """

    filter_name: str = ""
    chart_title: str = ""
    icon: str = ":material/label:"
    width: int = 100
    unclear_title: str = ""
    shows_unclear: bool = False
    has_orders: bool = False
    threshold: str = "class_from"
