"""Unique labels for a widget's options.

Streamlit identifies the chosen option by its label, so the last of several options with equal labels is always
chosen. Use this `format_func` for every widget whose options are named by a user, a file or
a model bundle.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

from analysis.wording import number_duplicate_labels, replace_surrogates

T = TypeVar("T", bound=Hashable)


def unique_labels(options: Iterable[T], name: Callable[[T], str] = str) -> Callable[[T], str]:
    """Build a `format_func` that gives each option a unique label.

    Args:
        options: The options of one widget.
        name: Returns an option's name; names may be equal, blank, or differ only in spaces.

    Returns:
        The function, which returns the name on one line; the label of a second option with that name ends in " (2)".
    """
    options = list(dict.fromkeys(options))
    labels = dict(
        zip(options, number_duplicate_labels(_on_one_line(name(option)) for option in options), strict=True)
    )

    def label(option: T) -> str:
        if option in labels:
            return labels[option]
        # An option that no longer exists must not get the label of an existing one.
        return number_duplicate_labels([*labels.values(), _on_one_line(name(option))])[-1]

    return label


def _on_one_line(name: str) -> str:
    """Make a name visible and encodable: lone surrogates from JSON cannot be sent."""
    return " ".join(replace_surrogates(name).split()) or "(no name)"
