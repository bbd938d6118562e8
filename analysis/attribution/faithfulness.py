"""Does an order of parts by their attribution move the score more than a random order? For words and for regions.

Parts are taken away strongest first, and shown alone strongest first, a fraction at a time. Sources:
comprehensiveness and sufficiency, DeYoung et al. 2020 (ERASER); deletion and insertion, Petsiuk et al. 2018 (RISE).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

Score = Callable[[NDArray[np.bool_]], NDArray[np.float64]]
"""Scores sets of parts: (rows, parts), True for those that stay, to (rows,) logits."""
FRACTIONS = (0.01, 0.05, 0.1, 0.2, 0.5)
"""Parts taken away, or shown alone; at least one."""
NO_EFFECT = 0.05
"""Logits: where no set of parts moves the score further, no order can be told from another."""


@dataclass(frozen=True)
class Curve:
    """What one order of parts does to the score, in logits; of the random orders their mean.

    Attributes:
        comprehensiveness: Mean drop as the first parts go: high for a faithful order.
        sufficiency: Mean drop as only the first parts stay: low for a faithful order.
        deletion: Area under the score as parts go, first parts first: low for a faithful order.
        insertion: Area under the score as parts come: high for a faithful order.
    """

    comprehensiveness: float
    sufficiency: float
    deletion: float
    insertion: float


MEASURES = tuple(each.name for each in fields(Curve))


@dataclass(frozen=True)
class Faithfulness:
    """One explanation's order of parts beside random orders of the same parts.

    Attributes:
        parts: How many there are.
        own: By descending attribution.
        random: Mean of the random orders.
        reach: How far any of the sets of parts that were tried moved the score, in logits.
    """

    parts: int
    own: Curve
    random: Curve
    reach: float

    @property
    def verdict(self) -> str:
        """Say "holds", "mixed" or "fails": all, some or none of the four measures are better than random ones.

        "untold" where there is one part, or where no set of parts moves the score.
        """
        if self.parts < 2 or self.reach < NO_EFFECT:
            return "untold"
        better = [gain > 0 for gain in self.gains.values()]
        return "holds" if all(better) else "mixed" if any(better) else "fails"

    @property
    def gains(self) -> dict[str, float]:
        """By how much each measure is better than that of random orders, in logits; above 0 is better."""
        return {
            "comprehensiveness": self.own.comprehensiveness - self.random.comprehensiveness,
            "sufficiency": self.random.sufficiency - self.own.sufficiency,
            "deletion": self.random.deletion - self.own.deletion,
            "insertion": self.own.insertion - self.random.insertion,
        }


def faithfulness(values: NDArray[np.float64], score: Score, orders: int, seed: int = 0) -> Faithfulness:
    """Take parts away and show them alone, by their values and at random.

    Args:
        values: Attribution of each part, (parts,), at least one; the largest are to raise the score most.
        score: Scores sets of parts.
        orders: Random orders.
        seed: Of the random orders.

    Returns:
        The measures.
    """
    return faithfulness_of_each({"": values}, score, orders, seed)[""]


def faithfulness_of_each(
    values: Mapping[str, NDArray[np.float64]], score: Score, orders: int, seed: int = 0
) -> dict[str, Faithfulness]:
    """Measure several attributions of the same parts beside the same random orders; see `faithfulness`."""
    chance = np.random.default_rng(seed)
    parts = len(next(iter(values.values())))
    ranked = [np.argsort(-each, kind="stable") for each in values.values()]
    ranked += [chance.permutation(parts) for _ in range(orders)]
    sets = np.concatenate([_sets(order) for order in ranked])  # (orders * sets, parts)
    distinct, number = np.unique(sets, axis=0, return_inverse=True)
    found = score(distinct)[number.ravel()].reshape(len(ranked), 2, -1)  # (orders, going or coming, steps)
    curves = [_curve(going, coming) for going, coming in found]
    own, random = curves[: len(values)], _mean(curves[len(values) :] or curves)
    reach = float(np.abs(found - found[0, 0, 0]).max())
    return {name: Faithfulness(parts, curve, random, reach) for name, curve in zip(values, own, strict=True)}


def _steps(parts: int) -> list[int]:
    """Count the parts taken at each step: none, the fractions, all."""
    return [0, *(max(1, round(fraction * parts)) for fraction in FRACTIONS), parts]


def _sets(order: NDArray[np.int64]) -> NDArray[np.bool_]:
    """List which parts stay as parts go, then which as they come: (2 * steps, parts)."""
    rank = np.argsort(order)
    taken = np.stack([rank < step for step in _steps(len(order))])
    return np.concatenate([~taken, taken])


def _curve(going: NDArray[np.float64], coming: NDArray[np.float64]) -> Curve:
    """Sum up the scores at each step, (steps,) each; the first step takes no part, the last all."""
    whole, places = going[0], [0.0, *FRACTIONS, 1.0]
    return Curve(
        comprehensiveness=float(np.mean(whole - going[1:-1])),
        sufficiency=float(np.mean(whole - coming[1:-1])),
        deletion=float(np.trapezoid(going, places)),
        insertion=float(np.trapezoid(coming, places)),
    )


def _mean(curves: list[Curve]) -> Curve:
    return Curve(*(float(np.mean([getattr(curve, name) for curve in curves])) for name in MEASURES))
