"""Labels of a widget's options, no two of them equal.

Streamlit sends a choice to the server as its label and looks the option up by it, so of several options with one
label the last is always the one chosen. Every widget whose options are named by an analyst, a file or a model bundle
gets its `format_func` here.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

from analysis.wording import distinct

T = TypeVar("T", bound=Hashable)


def unique_labels(options: Iterable[T], name: Callable[[T], str] = str) -> Callable[[T], str]:
    """Label each option so that the label leads back to that option alone.

    Args:
        options: The options of one widget.
        name: What an option is called; names may be equal, blank, or differ only in spaces.

    Returns:
        A `format_func` for the widget: the name on one line; a second option of that name ends in " (2)".
    """
    options = list(dict.fromkeys(options))
    labels = dict(zip(options, distinct(_on_one_line(name(option)) for option in options), strict=True))

    def label(option: T) -> str:
        if option in labels:
            return labels[option]
        return distinct([*labels.values(), _on_one_line(name(option))])[
            -1
        ]  # one that is gone gets no other's label

    return label


def _on_one_line(name: str) -> str:
    """Make a name visible and sendable: half a surrogate pair, which JSON may hold, cannot be sent."""
    return " ".join(name.encode("utf-8", "replace").decode("utf-8").split()) or "(no name)"
