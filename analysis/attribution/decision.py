"""Describes in one sentence why a post got a score: which modality decided, and which words and image areas."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.attribution.ledger import ImageValue, Ledger
from analysis.attribution.sentences import describe_base
from analysis.columns import SHARE_FROM
from analysis.wording import join_with_and, shorten_to_one_line

_MOST_WORDS = 3
_NEAR_TOP = 0.4  # part of the strongest word's value that a word needs to be named too
_MOSTLY = 0.75  # part of the supporting values from which one modality is named as the main reason
_IN_ONE_AREA = 0.25  # part of an image's supporting values that one of nine areas needs to be named
_IN_ONE_BAND = 0.45  # the same for a third of its height or width
_MOST_OF_BAND = 0.6  # part of a band's values that one of its three areas needs to be named instead
_LATIN_1 = 0xFF  # its last character
_ROWS, _COLUMNS = ("top", "", "bottom"), ("left", "", "right")
_BANDS = ("upper part", "middle", "lower part", "left side", "middle", "right side")


def describe_decision(ledger: Ledger, title: str, predicted: bool = True, uncertain: bool = False) -> str:
    """Describe why a post got the score of one output, in one sentence.

    Args:
        ledger: The explanation of the output.
        title: The output's display name, such as "negative".
        predicted: Whether the output is the predicted class.
        uncertain: Whether that prediction is uncertain.

    Returns:
        A sentence such as "Negative, mostly because of the image (top left); the text added little." If more speaks
        against a predicted class than for it, the sentence says what it is compared with. It quotes words of the
        post, so it must be escaped.
    """
    values = {name: ledger.phi[name] for name in ledger.phi if ledger.present[name]}
    ordered = sorted(values, key=lambda name: -abs(values[name]))
    raising = [name for name in ordered if values[name] >= SHARE_FROM]
    lowering = [name for name in ordered if values[name] <= -SHARE_FROM]
    if not predicted:
        return _describe_sides(ledger, title, raising, lowering)
    lead = f"Not sure, closest to {title}" if uncertain else title[:1].upper() + title[1:]
    if not raising and not lowering:
        return f"{lead}, like {describe_base(ledger)}."
    against = f"{_join(ledger, lowering, -1)} {_speak(lowering)} against it"
    if is_mostly_against(ledger):
        more = f" more than {_join(ledger, raising, 1)} {_speak(raising)} for it" if raising else ""
        return f"{lead}, but with a lower score than {describe_base(ledger)}: {against}{more}."
    reason = _describe_reason(ledger, values, raising)
    return f"{lead}, {reason}{f', although {against}' if lowering else ''}."


def is_mostly_against(ledger: Ledger) -> bool:
    """Return whether a post lowers the score of the output, although this may still be the highest of all."""
    values = [value for value in ledger.phi.values() if abs(value) >= SHARE_FROM]
    return sum(values) < 0


def _describe_sides(ledger: Ledger, title: str, raising: Sequence[str], lowering: Sequence[str]) -> str:
    sides = ((raising, 1, "for"), (lowering, -1, "against"))
    clauses = [
        f"{_join(ledger, names, sign)} {_speak(names)} {side} {title}" for names, sign, side in sides if names
    ]
    sentence = ", ".join(clauses) or f"nothing in this post speaks for or against {title}"
    return f"{sentence[:1].upper()}{sentence[1:]}."


def _describe_reason(ledger: Ledger, values: Mapping[str, float], raising: Sequence[str]) -> str:
    first, *others = raising
    if not others:
        return f"because of {_name(ledger, first, 1)}"
    if values[first] >= _MOSTLY * sum(values[name] for name in raising):
        return f"mostly because of {_name(ledger, first, 1)}; {_join(ledger, others)} added little"
    return f"because of {_join(ledger, raising, 1)}"


def _join(ledger: Ledger, names: Sequence[str], sign: int = 0) -> str:
    return join_with_and(_name(ledger, name, sign) for name in names) if names else ""


def _speak(names: Sequence[str]) -> str:
    return "speaks" if len(names) == 1 else "speak"


def _name(ledger: Ledger, modality: str, sign: int) -> str:
    """Name a modality, with its words or its area that raise (sign 1) or lower (-1) the score; 0 for neither."""
    details = ""
    if sign and modality == "text":
        details = ", ".join(f"“{word}”" for word in find_strongest_words(ledger, sign))
    elif sign and modality == "image":
        details = find_strongest_area(ledger.images, sign)
    several = modality == "image" and len(ledger.images) > 1
    name = f"the {ledger.title(modality).lower()}{'s' * several}"
    return f"{name} ({details})" if details else name


def find_strongest_words(ledger: Ledger, sign: int = 1) -> list[str]:
    """Return the few words that raise (sign 1) or lower (-1) the score most, as written, on one line each.

    Punctuation and signs such as "°" are not words here, emoji are. The list is empty if the values do not add up.
    """
    if ledger.word_check and ledger.word_check.refused:
        return []
    found: dict[str, float] = {}
    for word in ledger.words:
        text = shorten_to_one_line(word.text)
        if not any(each.isalnum() or _is_pictograph(each) for each in text):
            continue
        found[text] = max(found.get(text, 0.0), sign * word.value)
    ordered = sorted(found, key=lambda text: -found[text])[:_MOST_WORDS]
    return [text for text in ordered if found[text] > 0 and found[text] >= _NEAR_TOP * found[ordered[0]]]


def _is_pictograph(character: str) -> bool:
    """Return whether a character is a symbol such as an emoji; those of Latin-1, such as "°", are not."""
    return ord(character) > _LATIN_1 and unicodedata.category(character).startswith("S")


def find_strongest_area(images: Sequence[ImageValue], sign: int = 1) -> str:
    """Name the part of an image that raises (sign 1) or lowers (-1) the score most, such as "image 2, top left".

    Returns:
        A ninth of the image, or a third of its height or width, or "whole image" if the values are spread over it; ""
        if there are none.
    """
    parts = [_sum_areas(sign * (each.heat() if each.cells is None else each.cells)) for each in images]
    total = sum(float(part.sum()) for part in parts)
    if not total:
        return ""
    number = int(np.argmax([part.max() for part in parts]))
    image = f"image {number + 1}, " if len(images) > 1 else ""
    return image + _name_area(parts[number] / parts[number].sum())


def _name_area(shares: NDArray[np.float64]) -> str:
    """Name the smallest area that has enough of a map, whose sums are shares of 1: (3, 3)."""
    row, column = np.unravel_index(int(shares.argmax()), (3, 3))
    bands = np.concatenate([shares.sum(axis=1), shares.sum(axis=0)])
    is_along_a_band = bands.max() >= _IN_ONE_BAND and shares.max() < _MOST_OF_BAND * bands.max()
    if shares.max() >= _IN_ONE_AREA and not is_along_a_band:
        return " ".join(filter(None, (_ROWS[row], _COLUMNS[column]))) or "centre"
    return _BANDS[int(bands.argmax())] if bands.max() >= _IN_ONE_BAND else "whole image"


def _sum_areas(heat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum the positive values of each ninth of a map: (rows, columns) to (3, 3)."""
    rows, columns = (np.arange(size) * 3 // size for size in heat.shape)
    sums = np.zeros((3, 3))
    np.add.at(sums, (rows[:, None], columns[None, :]), np.clip(heat, 0, None))
    return sums
