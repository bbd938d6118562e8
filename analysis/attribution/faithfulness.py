"""Faithfulness: whether removing parts in the order of their values changes the score more than in random order.

Parts (words or regions) are removed from the post, and added to the baseline, in descending order of their values.
Sources:
comprehensiveness and sufficiency, DeYoung et al. 2020 (ERASER); deletion and insertion, Petsiuk et al. 2018 (RISE).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

MaskScore = Callable[[NDArray[np.bool_]], NDArray[np.float64]]
"""Scores sets of parts: (rows, parts), True for parts that stay, to (rows,) logits."""
FRACTIONS = (0.01, 0.05, 0.1, 0.2, 0.5)
"""Fractions of the parts that are removed or added, at least one part each."""
NO_EFFECT = 0.05
"""Logits: if no set of parts changes the score by more than this, orders cannot be compared."""


@dataclass(frozen=True)
class Curve:
    """Effect of one order of parts on the score, or the mean effect of random orders, in logits.

    Attributes:
        comprehensiveness: Mean drop when the first parts are removed: high for a faithful order.
        sufficiency: Mean drop when only the first parts are shown: low for a faithful order.
        deletion: Area under the score as parts are removed: low for a faithful order.
        insertion: Area under the score as parts are added: high for a faithful order.
    """

    comprehensiveness: float
    sufficiency: float
    deletion: float
    insertion: float


MEASURES = tuple(each.name for each in fields(Curve))


@dataclass(frozen=True)
class Faithfulness:
    """One explanation's order of parts, compared with random orders of the same parts.

    Attributes:
        parts: Number of parts.
        own: Curve of the order by descending attribution.
        random: Mean curve of random orders.
        reach: Largest change of the score by any tested set of parts, in logits.
    """

    parts: int
    own: Curve
    random: Curve
    reach: float

    @property
    def verdict(self) -> str:
        """Whether all ("holds"), some ("mixed") or none ("fails") of the measures are better than random orders.

        "inconclusive" if there is only one part, or no set of parts changes the score.
        """
        if self.parts < 2 or self.reach < NO_EFFECT:
            return "inconclusive"
        better = [gain > 0 for gain in self.gains.values()]
        return "holds" if all(better) else "mixed" if any(better) else "fails"

    @property
    def gains(self) -> dict[str, float]:
        """How much better each measure is than that of random orders, in logits; above 0 is better."""
        return {
            "comprehensiveness": self.own.comprehensiveness - self.random.comprehensiveness,
            "sufficiency": self.random.sufficiency - self.own.sufficiency,
            "deletion": self.random.deletion - self.own.deletion,
            "insertion": self.own.insertion - self.random.insertion,
        }


def measure_faithfulness(
    values: NDArray[np.float64], score: MaskScore, orders: int, seed: int = 0
) -> Faithfulness:
    """Measure the effect of removing and adding parts in the order of their values, compared with random orders.

    Args:
        values: Attribution of each part, (parts,), at least one; the largest should raise the score most.
        score: Function that scores sets of parts.
        orders: Number of random orders.
        seed: Seed of the random orders.
    """
    return compare_faithfulness({"": values}, score, orders, seed)[""]


def compare_faithfulness(
    values: Mapping[str, NDArray[np.float64]], score: MaskScore, orders: int, seed: int = 0
) -> dict[str, Faithfulness]:
    """Compare several attributions of the same parts with the same random orders; see `measure_faithfulness`."""
    rng = np.random.default_rng(seed)
    parts = len(next(iter(values.values())))
    ranked = [np.argsort(-each, kind="stable") for each in values.values()]
    ranked += [rng.permutation(parts) for _ in range(orders)]
    sets = np.concatenate([_list_sets(order) for order in ranked])  # (orders * sets, parts)
    distinct, number = np.unique(sets, axis=0, return_inverse=True)
    found = score(distinct)[number.ravel()].reshape(len(ranked), 2, -1)  # (orders, removed or added, steps)
    curves = [_summarise_curve(removed, added) for removed, added in found]
    own, random = curves[: len(values)], _average_curves(curves[len(values) :] or curves)
    reach = float(np.abs(found - found[0, 0, 0]).max())
    return {name: Faithfulness(parts, curve, random, reach) for name, curve in zip(values, own, strict=True)}


def _count_chosen(parts: int) -> list[int]:
    """Return the number of parts at each step: none, the fractions, all."""
    return [0, *(max(1, round(fraction * parts)) for fraction in FRACTIONS), parts]


def _list_sets(order: NDArray[np.int64]) -> NDArray[np.bool_]:
    """List which parts are shown as parts are removed, then as they are added: (2 * steps, parts)."""
    rank = np.argsort(order)
    chosen = np.stack([rank < step for step in _count_chosen(len(order))])
    return np.concatenate([~chosen, chosen])


def _summarise_curve(removed: NDArray[np.float64], added: NDArray[np.float64]) -> Curve:
    """Summarise the scores at each step, (steps,) each; the first step has no parts, the last all parts."""
    full, places = removed[0], [0.0, *FRACTIONS, 1.0]
    return Curve(
        comprehensiveness=float(np.mean(full - removed[1:-1])),
        sufficiency=float(np.mean(full - added[1:-1])),
        deletion=float(np.trapezoid(removed, places)),
        insertion=float(np.trapezoid(added, places)),
    )


def _average_curves(curves: list[Curve]) -> Curve:
    return Curve(*(float(np.mean([getattr(curve, name) for curve in curves])) for name in MEASURES))
