"""Where the pages are, and what the address line carries: the batch, the filters, the order, the post.

The address is the one place where the choice of batch and filters lives, so every view is a link that can be
shared, and every number on a page can be a plain link to its posts. Widgets are set from it and write to it
(`sidebar`). Streamlit empties it when a page is chosen from the menu; `restore` puts it back.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Any

import streamlit as st

from analysis.charts.palette import SENTIMENTS
from analysis.query import TONES, Filters

ICON = "pages/shared/icon.svg"  # a file of ours: the browser would fetch a Material icon from Google
UPLOAD = "pages/batch/upload.py"
OVERVIEW = "pages/review/overview.py"
POSTS = "pages/review/posts.py"
EXPLAIN = "pages/review/explain.py"
REASONS = "pages/review/reasons.py"
REPORT = "pages/report/export.py"
DICTIONARY = "pages/report/dictionary.py"
CARD = "pages/model/card.py"

Address = dict[str, str | list[str]]

# The filters that an address can carry, under their names in `Filters`.
LISTS = ("sentiments", "topics", "emotions", "tones", "inputs", "decided_by")
FLAGS = ("uncertain", "at_odds", "other_language")
EITHER = ("near_copy",)  # flags that are also asked for the other way round
DAYS = ("since", "until")
RANGES = {"valence": (-1.0, 1.0), "confidence": (0.0, 1.0)}
FILTERS = ("search", *LISTS, *FLAGS, *EITHER, *DAYS, *RANGES)
KNOWN = {
    "sentiments": SENTIMENTS,
    "tones": TONES,
    "inputs": ("text", "image", "both"),
    "decided_by": ("text", "image"),
}  # others: by the model
DEFAULTS = {field.name: field.default for field in fields(Filters)}


# What posts are to be near to in meaning: words, a post, or one of the analyst's own topics.
NEAR = ("meaning", "like", "own_topic")


def restore() -> None:
    """Bring the address of the last page back where the menu has emptied it, and remember the present one."""
    if not st.query_params.get("batch") and "address" in st.session_state:
        st.query_params.from_dict({**st.session_state["address"], **_here()})
    st.session_state["address"] = {key: value for key, value in _here().items() if key != "post"}


def link(filters: Filters | None = None, **changes: str) -> Address:
    """An address in the present batch and order, for `st.page_link` and `st.switch_page`.

    Args:
        filters: Filters of the address; None keeps those in force, and what posts are to be near to.
        changes: Further parts of the address, such as post="17".
    """
    names = ("batch", "sort", "order", "own_topics", *(NEAR if filters is None else ()))
    kept = {key: value for key, value in _here().items() if key in names}
    return {**kept, **_written(in_force() if filters is None else filters), **changes}


def in_force() -> Filters:
    """The filters that the address asks for; what cannot be read in it is left out."""
    here = st.query_params
    read: dict[str, Any] = {"search": here.get("search", "")}
    read |= {
        name: tuple(value for value in here.get_all(name) if value and value in KNOWN.get(name, (value,)))
        for name in LISTS
    }
    read |= {name: True if here.get(name) == "yes" else None for name in FLAGS}
    read |= {name: {"yes": True, "no": False}.get(here.get(name, "")) for name in EITHER}
    read |= {name: _day(here.get(name, "")) for name in DAYS}
    read |= {name: _range(name, here.get(name, "")) for name in RANGES}
    return Filters(**read)


def order() -> tuple[str, bool]:
    """The score to sort posts by and whether the largest comes first."""
    return st.query_params.get("sort", "row"), st.query_params.get("order") == "descending"


def set_filters(filters: Filters) -> None:
    """Put filters into the address; all else in it stays."""
    rest = {key: value for key, value in _here().items() if key not in FILTERS}
    st.query_params.from_dict({**rest, **link(filters)})


def near() -> tuple[str, str] | None:
    """What posts are to be near to: one of `NEAR` and its value, or None."""
    return next(((name, st.query_params[name]) for name in NEAR if st.query_params.get(name)), None)


def set_near(name: str, value: str) -> None:
    """Ask for posts near to something, in place of what was asked before; "" takes it off."""
    for other in NEAR:
        st.query_params.pop(other, None)
    if value:
        st.query_params[name] = value


def own_topics() -> list[str]:
    """The analyst's own topics, as the address has them."""
    names = (" ".join(name.split()) for name in st.query_params.get("own_topics", "").split(","))
    return list(dict.fromkeys(name for name in names if name))


def set_post(post_id: str) -> None:
    """Point the address at another post; batch, filters and order stay."""
    st.query_params["post"] = post_id


def set_order(sort: str, descending: bool) -> None:
    """Write the order of posts to the address."""
    st.query_params.update({"sort": sort, "order": "descending" if descending else "ascending"})


def set_batch(batch_id: str) -> None:
    """Point the address at another batch; filters do not carry over."""
    st.query_params.from_dict({"batch": batch_id})


def forget_batch(batch_id: str) -> None:
    """Take a deleted batch out of the address."""
    if st.query_params.get("batch") == batch_id:
        st.query_params.clear()
        st.session_state.pop("address", None)


def set_own_topics(names: str) -> None:
    """Write the analyst's own topics, as typed, to the address."""
    if names.strip():
        st.query_params["own_topics"] = names
    else:
        st.query_params.pop("own_topics", None)


def _here() -> Address:
    found: Address = {}
    for key in st.query_params:
        values = st.query_params.get_all(key)
        found[key] = values if len(values) > 1 else values[0]
    return found


def _written(filters: Filters) -> Address:
    written: Address = {}
    for name in FILTERS:
        value = getattr(filters, name)
        if value == DEFAULTS[name]:
            continue
        if name in LISTS:
            written[name] = list(value)
        elif name in (*FLAGS, *EITHER):
            written[name] = "yes" if value else "no"
        elif name in RANGES:
            written[name] = "~".join(f"{end:.2f}" for end in value)
        else:
            written[name] = str(value)
    return written


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _range(name: str, text: str) -> tuple[float, float] | None:
    try:
        low, high = (float(end) for end in text.split("~"))
    except ValueError:
        return None
    widest = RANGES[name]
    return (low, high) if widest[0] <= low <= high <= widest[1] and (low, high) != widest else None
