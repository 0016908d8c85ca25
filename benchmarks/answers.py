"""Are two answers the same? Asked before anything is timed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

KEYS = {
    "client summary": ("client",),
    "cohort matrix": ("born", "month"),
    "gaps": ("gap",),
    "Pareto, 12 months": ("client",),
    "Pareto, all time": ("client",),
    "stage states": ("client", "day"),
}
"""The columns that name a row of each answer."""


def normalize(question: str, answer: Mapping[str, Any]) -> dict[str, Any]:
    """Sort the rows by their key, fill what is missing with 0, leave clients without rows out."""
    columns = {n: np.asarray(c) for n, c in answer.items() if np.ndim(c) == 1}
    filled = {n: np.nan_to_num(c.astype(np.float64)) for n, c in columns.items()}
    order = np.lexsort([filled[key] for key in reversed(KEYS[question])])
    filled = {n: c[order] for n, c in filled.items()}
    if question == "client summary":
        bought = filled["purchases"] > 0
        for name in ("first", "last"):
            filled[name] = np.where(bought, filled[name], 0)
        kept = bought | (filled["net"] != 0)
        filled = {n: c[kept] for n, c in filled.items()}
    return filled | {n: float(v) for n, v in answer.items() if np.ndim(v) == 0}


def find_difference(question: str, ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> str:
    """Return the first column in which two answers differ, or nothing."""
    one, other = normalize(question, ours), normalize(question, theirs)
    for name in other:
        exact = np.ndim(one[name]) == 1
        same = (
            np.array_equal(one[name], other[name])
            if exact
            else np.isclose(one[name], other[name], rtol=1e-9, atol=0)
        )
        if not same:
            return name
    return ""
