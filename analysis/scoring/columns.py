"""How the columns of a bundle's heads are named in the score table; what they mean is `analysis.report.columns`.

sentiment (exclusive)       sentiment, p_<class> each
any other exclusive head    <head>, p_<class> each
not_<class> and <class>     p_<class>
classes by themselves       <head>, <head>_confidence, <head>_<class> each
"""

from __future__ import annotations

from collections.abc import Mapping

from analysis.model.config import Head


def class_columns(heads: Mapping[str, Head]) -> dict[str, dict[str, str]]:
    """Name the columns of probabilities.

    Args:
        heads: The bundle's, by name.

    Returns:
        The column by head and class; a class whose name an earlier head has already gives <head>_<class>.
    """
    taken: set[str] = set()
    columns: dict[str, dict[str, str]] = {}
    for name, head in sorted(heads.items(), key=lambda pair: pair[0] != "sentiment"):
        columns[name] = {}
        for one in [head.mark] if head.mark else head.classes:
            short = f"p_{one}"
            columns[name][one] = short if head.exclusive and short not in taken else f"{name}_{one}"
        taken.update(columns[name].values())
    return columns
