"""The paths of the pages, and the state in the URL's query: the batch, the filters, the order, the post.

The choice of batch and filters is stored only in the URL, so every view can be shared as a link, and every number on
a page can be a plain link to its posts. Widgets read from it and write to it (`filter_widgets`) with `address`.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from analysis.columns import TOPIC_FILTER, is_filter
from analysis.custom_topics import fold_name
from analysis.errors import SearchError
from analysis.model.presets import HEADS
from analysis.query import UNWEIGHTED, WEIGHTS, Filters
from analysis.timezones import UTC_NAME, timezone_names
from pages.shared import address, catalogue
from pages.shared.address import Address
from pages.shared.filter_address import (
    find_search_error,
    list_ignored_values,
    read_filters,
    write_filters,
)

ICON = "pages/shared/icon.svg"  # a local file, as the browser would fetch a Material icon from Google
UPLOAD = "pages/batch/upload.py"
OVERVIEW = "pages/review/overview.py"
TRENDS = "pages/review/trends.py"
BREAKDOWN = "pages/review/breakdown.py"
THEMES = "pages/review/themes.py"
TOPICS = "pages/review/topics.py"
COMPARE = "pages/review/compare.py"
POSTS = "pages/review/posts.py"
EXPLAIN = "pages/review/explain.py"
REASONS = "pages/review/reasons.py"
LABELLING = "pages/review/labelling.py"
REPORT = "pages/report/export.py"
DICTIONARY = "pages/report/dictionary.py"
CARD = "pages/model/card.py"

SAVABLE = (OVERVIEW, TRENDS, BREAKDOWN, THEMES, TOPICS, COMPARE, POSTS, REASONS, LABELLING, REPORT)
"""Pages that show the posts of a batch, whose filters can be saved as a view."""

_ZONE = "zone"
_UNIT = "unit"
_COMPARED = ("segment", "reference")
_SHOWN_TOPIC = "topic_shown"
NEAR = ("meaning", "like", "picture", "marked")
"""What posts can be similar to: a text, a post, or a picture and marked posts of the session."""
_LIKE_BATCH, _ALL_BATCHES = "like_batch", "all_batches"


def link(filters: Filters | None = None, **changes: str) -> Address:
    """Return query parameters with the current batch and order, for `st.page_link` and `st.switch_page`.

    Args:
        filters: The filters; None keeps the current ones, what posts are similar to, and whether all batches are
            searched.
        changes: Further parameters, such as post="17".
    """
    kept = ("batch", "sort", "order", "count", "by", *_COMPARED, _UNIT, _ZONE, catalogue.TOPICS_PARAMETER)
    names = (*kept, *((*NEAR, _LIKE_BATCH, _ALL_BATCHES) if filters is None else ()))
    present = {key: value for key, value in address.read().items() if key in names}
    return {**present, **write_filters(current_filters() if filters is None else filters), **changes}


def current_filters() -> Filters:
    """Return the filters in the URL; invalid ones, and a malformed search, are ignored."""
    return read_filters(address.read())


def ignored_values() -> list[tuple[str, str]]:
    """Return the values of filters in the URL that are ignored, each with its filter's name."""
    return list_ignored_values(address.read())


def typed_search() -> str:
    """Return the search by words in the URL, which may be malformed."""
    return address.get("search")


def search_error() -> SearchError | None:
    """Return why the search by words in the URL cannot be used; None if it can, or there is none."""
    return find_search_error(typed_search())


def set_search(search: str) -> None:
    """Write a search by words, as typed, to the URL."""
    set_filters(current_filters().replace(search=search))


def order() -> tuple[str, bool]:
    """Return the column to sort posts by, and whether in descending order."""
    return address.get("sort", "row"), address.get("order") == "descending"


def set_filters(filters: Filters) -> None:
    """Write filters to the URL; other parameters are kept."""
    rest = {
        key: value for key, value in address.read().items() if key != "search" and not is_filter(key, HEADS)
    }
    address.replace({**rest, **link(filters)})


def near() -> tuple[str, str] | None:
    """Return what posts are similar to, as one of `NEAR` and its value, or None."""
    return next(((name, address.get(name)) for name in NEAR if address.get(name)), None)


def like_batch() -> str:
    """Return the batch of the post that posts are similar to; "" for the current batch."""
    return address.get(_LIKE_BATCH)


def link_similar(batch_id: str, post_id: str) -> Address:
    """Return query parameters for the posts similar to one."""
    return link(Filters(), like=post_id, **{_LIKE_BATCH: batch_id})


def set_near(name: str, value: str) -> None:
    """Replace what posts are similar to; "" removes it."""
    address.change({**dict.fromkeys((*NEAR, _LIKE_BATCH)), name: value or None})


def searches_all_batches() -> bool:
    """Return whether Posts shows posts of all batches."""
    return address.get(_ALL_BATCHES) == "yes"


def set_all_batches(is_on: bool) -> None:
    """Write whether Posts shows posts of all batches to the URL."""
    address.change({_ALL_BATCHES: "yes" if is_on else None})


def counted() -> str:
    """Return what the user wants to count: "posts", "likes" or "interactions"."""
    name = address.get("count", UNWEIGHTED)
    return name if name in WEIGHTS else UNWEIGHTED


def set_counted(name: str) -> None:
    """Write what is counted to the URL."""
    address.change({"count": None if name == UNWEIGHTED else name})


def timezone() -> str:
    """Return the time zone of days and hours on the pages, such as "Europe/Berlin"."""
    name = address.get(_ZONE, UTC_NAME)
    return name if name in timezone_names() else UTC_NAME


def set_timezone(name: str) -> None:
    """Write the time zone to the URL, UTC too, so that a link shows the same days everywhere."""
    address.change({_ZONE: name})


def add_defaults(batch_id: str) -> None:
    """Write a batch, and the browser's time zone, to a URL without a batch; in one step, as each is one of Back.

    A link to a batch shows the same days to everybody: without a zone, those in UTC.
    """
    if address.get("batch"):
        return
    found = {"batch": batch_id}
    if (zone := st.context.timezone) and zone in timezone_names() and not address.get(_ZONE):
        found[_ZONE] = zone
    address.change(found)


def unit() -> str:
    """Return the unit of time of the Trends page; "" for its default."""
    return address.get(_UNIT)


def set_unit(name: str) -> None:
    """Write the unit of time of the Trends page to the URL."""
    address.change({_UNIT: name})


def broken_down_by() -> str:
    """Return the column that Breakdown and Compare show; "" for their default."""
    return address.get("by")


def set_broken_down_by(column: str) -> None:
    """Write the column of Breakdown and Compare to the URL; segments of another column are removed."""
    address.change({**dict.fromkeys(_COMPARED), "by": column})


def compared() -> list[str]:
    """Return the segments that Compare shows, as values of its column; none for its default."""
    return list(dict.fromkeys(address.get_all("segment")))


def set_compared(by: str, values: Sequence[str]) -> None:
    """Write the segments of Compare, and the column that they are values of, to the URL."""
    address.change({**dict.fromkeys(_COMPARED), "by": by, "segment": list(values)})


def reference() -> str:
    """Return the segment that Compare compares the others with; "" for the first one."""
    return address.get("reference")


def set_reference(value: str) -> None:
    """Write the segment that the others are compared with to the URL."""
    address.change({"reference": value})


def set_post(post_id: str) -> None:
    """Change the post in the URL; batch, filters and order are kept."""
    address.change({"post": post_id})


def set_order(sort: str, descending: bool) -> None:
    """Write the order of posts to the URL."""
    address.change({"sort": sort, "order": "descending" if descending else "ascending"})


def view_address() -> Address:
    """Return the parameters of the current page that do not belong to its batch or post."""
    return {key: value for key, value in address.read().items() if key not in ("batch", "post", "upload")}


def set_batch(batch_id: str) -> None:
    """Change the batch in the URL; filters are cleared, custom topics and the time zone are kept."""
    kept = {key: value for key, value in address.read().items() if key in (_ZONE, catalogue.TOPICS_PARAMETER)}
    address.replace({"batch": batch_id, **kept})


def forget_batch(batch_id: str) -> None:
    """Remove a deleted batch from the URL."""
    if address.get("batch") == batch_id:
        address.forget()


def shown_topic() -> str:
    """Return the name of the custom topic that the page Custom topics shows; "" for the list of all."""
    return address.get(_SHOWN_TOPIC)


def set_shown_topic(name: str) -> None:
    """Write the custom topic that the page Custom topics shows to the URL; "" for the list of all."""
    address.change({_SHOWN_TOPIC: name or None})


def link_topic(name: str) -> Address:
    """Return query parameters for the page of a custom topic."""
    return {**link(), _SHOWN_TOPIC: name}


def rename_topic(name: str, new: str) -> None:
    """Rename a custom topic in the URL, in its filter too; "" removes it. Names are compared without case."""
    changes: dict[str, str | list[str] | None] = {}
    for key, names in (
        (catalogue.TOPICS_PARAMETER, catalogue.named_topics()),
        (_SHOWN_TOPIC, [shown_topic()]),
        (TOPIC_FILTER, address.get_all(TOPIC_FILTER)),
    ):
        kept = list(filter(None, (new if fold_name(each) == fold_name(name) else each for each in names)))
        if kept == names:
            continue
        changes[key] = None if not kept else kept if key == TOPIC_FILTER else ", ".join(kept)
    if changes:
        address.change(changes)
