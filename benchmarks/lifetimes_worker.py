"""The package ``lifetimes`` at work, in the environment it needs: one JSON line a question.

Run by :class:`benchmarks.peer_environment.Worker`, never by hand.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

warnings.simplefilter("ignore")

from lifetimes import BetaGeoFitter, GammaGammaFitter  # noqa: E402
from lifetimes.utils import summary_data_from_transaction_data  # noqa: E402

HELD: dict[str, dict[str, Any]] = {}


def load(folder: Path, name: str) -> dict[str, Any]:
    """Take over arrays; sales become a table as its users hold them."""
    with np.load(folder / f"{name}.npz") as arrays:
        held = dict(arrays)
    if "day" in held:
        day = held["day"].astype("datetime64[D]").astype("datetime64[ns]")
        table = pd.DataFrame({"client": held["client"], "day": day, "amount": held["amount"]})
        held = {"table": table, "end": pd.Timestamp(int(held["end"][0]), unit="D")}
    HELD[name] = held
    return {}


def summary(folder: Path, name: str) -> dict[str, Any]:
    """Make the summary table of sales and leave it beside them."""
    held = HELD[name]
    start = time.perf_counter()
    found = summary_data_from_transaction_data(
        held["table"], "client", "day", "amount", observation_period_end=held["end"], freq="D"
    )
    seconds = time.perf_counter() - start
    columns = {c: found[c].to_numpy() for c in found.columns}
    np.savez(folder / f"{name}-summary.npz", client=found.index.to_numpy(), **columns)
    return {"seconds": seconds}


def fit(_: Path, name: str) -> dict[str, Any]:
    """Fit BG/NBD, times in weeks."""
    held = HELD[name]
    start = time.perf_counter()
    model = BetaGeoFitter()
    model.fit(held["repeat"], held["recency"], held["age"])
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "parameters": [float(x) for x in model.params_]}


def score(folder: Path, name: str, parameters: list[float], weeks: float) -> dict[str, Any]:
    """Score every client with the parameters given: alive, purchases, mean value."""
    held = HELD[name]
    model, money = BetaGeoFitter(), GammaGammaFitter()
    model.params_ = pd.Series(dict(zip(("r", "alpha", "a", "b"), parameters[:4], strict=True)))
    money.params_ = pd.Series(dict(zip(("p", "q", "v"), parameters[4:], strict=True)))
    x, t_x, age = held["repeat"], held["recency"], held["age"]
    taken = {}
    start = time.perf_counter()
    alive = model.conditional_probability_alive(x, t_x, age)
    taken["alive"] = time.perf_counter() - start
    start = time.perf_counter()
    bought = model.conditional_expected_number_of_purchases_up_to_time(weeks, x, t_x, age)
    taken["purchases"] = time.perf_counter() - start
    start = time.perf_counter()
    value = money.conditional_expected_average_profit(x, held["mean_value"])
    taken["value"] = time.perf_counter() - start
    np.savez(
        folder / f"{name}-scores.npz",
        alive=np.asarray(alive),
        purchases=np.asarray(bought),
        value=np.asarray(value),
    )
    return {"seconds": taken}


QUESTIONS = {"load": load, "summary": summary, "fit": fit, "score": score}

for line in sys.stdin:
    asked = json.loads(line)
    answer = QUESTIONS[asked["question"]](Path(asked["folder"]), *asked["words"])
    print(json.dumps(answer), flush=True)
