"""Lifetime models beside the package ``lifetimes`` (and pandas): summary, fit, scores."""

from __future__ import annotations

import statistics
import tempfile
import tracemalloc
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.generated import LAST_DAY, Rows, build_ledger, generate
from benchmarks.peer_environment import Worker, lifetimes_python
from benchmarks.timing import PATIENCE_SECONDS, time_once
from crm_core.ledger import Ledger
from crm_core.metrics.backtest.run import run_backtest
from crm_core.metrics.lifetime.bg_nbd import BgNbd, fit_bg_nbd
from crm_core.metrics.lifetime.durations import Behaviour, Duration, TimeUnit
from crm_core.metrics.lifetime.gamma_gamma import GammaGamma
from crm_core.metrics.lifetime.summaries import Summaries, summarise
from crm_core.metrics.parameters import Parameters
from crm_core.money import UNIT

CDNOW = BgNbd(0.2426, 4.4135, 0.7929, 2.4258)
MONEY = GammaGamma(6.25, 3.74, 15.44)
SAME_LIKELIHOOD = 1e-3
AHEAD = Duration.weeks(52)

EXP_TERMS = {"P(alive)": 3, "P(buys in 52 weeks)": 5, "expected mean value": 2}
"""Logarithms and exponentials a client needs: P(alive) the logarithms of alpha + T and of
alpha + t_x and one power's exponential, P(buys) one more of each; the mean value needs none,
and its product and its quotient count as two."""


@dataclass(frozen=True)
class LifetimeLine:
    """One question to Regulars and the peers.

    Attributes
    ----------
    question : str
        As shown, with the size.
    seconds : dict of str to float
        Median seconds by contender.
    note : str
        What was found equal, and how far.
    floor : float or None
        Times faster we must be than ``lifetimes``.
    """

    question: str
    seconds: dict[str, float]
    note: str = ""
    floor: float | None = None


@dataclass
class LifetimeTimes:
    """What the run found: lines beside peers, and scores beside passes of ``np.exp``."""

    lines: list[LifetimeLine] = field(default_factory=list)
    passes: list[tuple[str, float, int, float]] = field(default_factory=list)


def time_lifetime(n_sales: int, cdnow: Path | None, *, repeats: int) -> LifetimeTimes:
    """Ask Regulars and its peers for the summary table, the fit and the scores.

    Parameters
    ----------
    n_sales : int
        Generated sales of a tenth as many clients for the summary table; the fit and the
        scores take as many clients as ``n_sales / 10``, drawn from the model itself.
    cdnow : Path or None
        ``CDNOW_master.txt``, where it is at hand.
    repeats : int
        Rounds, the contenders taking turns.

    Raises
    ------
    SystemExit
        If a peer's answer differs, or its likelihood is higher than ours.
    """
    found = LifetimeTimes()
    with tempfile.TemporaryDirectory() as name, Worker(lifetimes_python(), Path(name)) as peer:
        found.lines.append(_summary_line(n_sales, peer, repeats))
        if cdnow is not None:
            found.lines.append(_fit_line("CDNOW master", read_cdnow(cdnow), peer, repeats))
        drawn = draw_clients(n_sales // 10)
        found.lines.append(_fit_line(f"{len(drawn):,} clients", drawn, peer, repeats))
        found.lines += _score_lines(drawn, peer, repeats)
    found.passes = _passes(drawn, repeats)
    return found


def read_cdnow(path: Path) -> Behaviour:
    """Return the clients of the CDNOW master file as of 1998-06-30."""
    table = pd.read_csv(path, sep=r"\s+", skiprows=1, header=None, usecols=[0, 1])
    client, day = table[0].to_numpy(), pd.to_datetime(table[1].astype(str)).to_numpy()
    days = day.astype("datetime64[D]").astype(np.int64)
    held = pd.DataFrame({"client": client, "day": days}).drop_duplicates().groupby("client").day
    first, last, count = held.min(), held.max(), held.count()
    end = int(np.datetime64("1998-06-30").astype(np.int64))
    columns = ((count - 1), (last - first), (end - first))
    repeat, recency, age = (column.to_numpy().astype(np.int32) for column in columns)
    return Behaviour(repeat, recency, age, TimeUnit.DAY)


def draw_clients(n: int, *, seed: int = 7) -> Behaviour:
    """Return clients who buy by BG/NBD with CDNOW's parameters, watched for up to two years."""
    chance = np.random.default_rng(seed)
    age = chance.integers(180, 730, size=n)
    rate = chance.gamma(CDNOW.r, 1 / CDNOW.alpha, size=n) / 7
    leaving = chance.beta(CDNOW.a, CDNOW.b, size=n)
    repeat, last = np.zeros(n, dtype=np.int32), np.zeros(n)
    alive = np.arange(n)
    clock = np.zeros(n)
    while len(alive):
        clock[alive] += chance.exponential(1 / np.maximum(rate[alive], 1e-12))
        alive = alive[clock[alive] <= age[alive]]
        repeat[alive] += 1
        last[alive] = clock[alive]
        alive = alive[chance.random(len(alive)) >= leaving[alive]]
    recency = np.where(repeat > 0, np.maximum(np.floor(last), 1), 0).astype(np.int32)
    return Behaviour(repeat, recency, age.astype(np.int32), TimeUnit.DAY)


def _summary_line(n_sales: int, peer: Worker, repeats: int) -> LifetimeLine:
    rows = generate(n_sales)
    # ``lifetimes`` takes a refund for a purchase: the rows are the same without them.
    rows = Rows(rows.client, rows.day, np.abs(rows.amount))
    ledger = build_ledger(rows)
    table = pd.DataFrame(
        {"client": rows.client, "day": rows.day, "amount": rows.amount / float(UNIT)}
    )
    peer.give("sales", client=rows.client, day=rows.day, amount=table.amount, end=[LAST_DAY])
    runs = {
        "Regulars": lambda: time_once(lambda: summarise(ledger, LAST_DAY)),
        "pandas": lambda: time_once(lambda: summarise_in_pandas(table)),
        "lifetimes": lambda: float(peer.ask("summary", "sales")["seconds"]),
    }
    seconds = _turns(runs, repeats)
    _check_summaries(summarise(ledger, LAST_DAY), summarise_in_pandas(table), peer)
    return LifetimeLine(f"summary table of {len(rows):,} sales", seconds, "equal for every client")


def summarise_in_pandas(table: pd.DataFrame) -> pd.DataFrame:
    """Return frequency, recency, age and mean value by client, as one writes it in pandas."""
    days = table.groupby(["client", "day"], as_index=False).amount.sum()
    by_client = days.groupby("client")
    first, last = by_client.day.min(), by_client.day.max()
    later = days[days.day.to_numpy() > first.loc[days.client].to_numpy()]
    mean = later.groupby("client").amount.mean()
    return pd.DataFrame(
        {
            "frequency": by_client.day.count() - 1,
            "recency": last - first,
            "T": LAST_DAY - first,
            "monetary_value": mean.reindex(first.index),
        }
    )


def _check_summaries(ours: Summaries, pandas: pd.DataFrame, peer: Worker) -> None:
    held = peer.arrays("sales-summary")
    own = {
        "frequency": ours.behaviour.repeat,
        "recency": ours.behaviour.recency,
        "T": ours.behaviour.age,
        "monetary_value": np.nan_to_num(ours.mean_value),
    }
    for name, column in own.items():
        for other in (held[name], np.nan_to_num(pandas[name].to_numpy(dtype=np.float64))):
            if not np.allclose(column, other, rtol=1e-9, atol=1e-9):
                raise SystemExit(f"summary table: a peer differs from us in {name}")


def _fit_line(what: str, behaviour: Behaviour, peer: Worker, repeats: int) -> LifetimeLine:
    weeks = behaviour.to(TimeUnit.WEEK)
    peer.give(what, repeat=weeks.repeat, recency=weeks.recency, age=weeks.age)
    answers: dict[str, Any] = {}

    def ask_peer() -> float:
        answers["lifetimes"] = peer.ask("fit", what)
        return float(answers["lifetimes"]["seconds"])

    def fit_ours() -> None:
        answers["Regulars"] = fit_bg_nbd(behaviour)

    runs = {"Regulars": lambda: time_once(fit_ours), "lifetimes": ask_peer}
    seconds = _turns(runs, repeats)
    theirs = BgNbd(*answers["lifetimes"]["parameters"]).log_likelihood(behaviour)
    own = answers["Regulars"].log_likelihood
    if own < theirs - SAME_LIKELIHOOD:
        raise SystemExit(f"fit of {what}: lifetimes reaches {theirs:.4f}, we {own:.4f}")
    note = f"log-likelihood {own:,.4f}, lifetimes' parameters {theirs:,.4f}"
    return LifetimeLine(f"BG/NBD fit, {what}", seconds, note, 20)


def _score_lines(behaviour: Behaviour, peer: Worker, repeats: int) -> list[LifetimeLine]:
    weeks = behaviour.to(TimeUnit.WEEK)
    mean = np.random.default_rng(8).gamma(4.0, 9.0, size=len(behaviour))
    columns = {"repeat": weeks.repeat, "recency": weeks.recency, "age": weeks.age}
    peer.give("clients", mean_value=mean, **columns)
    numbers = [*(getattr(CDNOW, n) for n in ("r", "alpha", "a", "b")), 6.25, 3.74, 15.44]
    own = {
        "alive": lambda: CDNOW.chance_alive(behaviour),
        "purchases": lambda: CDNOW.expected_purchases(behaviour, AHEAD),
        "value": lambda: MONEY.expected_value(behaviour.repeat, mean),
    }
    rounds = [
        (
            {name: time_once(run) for name, run in own.items()},
            peer.ask("score", "clients", numbers, AHEAD.amount)["seconds"],
        )
        for _ in range(repeats)
    ]
    held = peer.arrays("clients-scores")
    titles = {
        "alive": "P(alive)",
        "purchases": "expected purchases in 52 weeks",
        "value": "expected mean value",
    }
    lines = []
    for name, title in titles.items():
        off = _difference(own[name](), held[name])
        if off > 1e-6:
            raise SystemExit(f"{title}: lifetimes differs from us by {off:.1e} (relative)")
        seconds = {
            "Regulars": statistics.median(ours[name] for ours, _ in rounds),
            "lifetimes": statistics.median(theirs[name] for _, theirs in rounds),
        }
        lines.append(
            LifetimeLine(f"{title}, {len(behaviour):,} clients", seconds, f"equal to {off:.0e}")
        )
    return lines


def _difference(ours: Any, theirs: Any) -> float:
    """Return the largest relative difference where the peer has a finite answer."""
    finite = np.isfinite(theirs)
    scale = np.maximum(np.abs(theirs[finite]), 1e-9)
    return float(np.max(np.abs(ours[finite] - theirs[finite]) / scale, initial=0.0))


def _passes(behaviour: Behaviour, repeats: int) -> list[tuple[str, float, int, float]]:
    """Return scores with their seconds, the exponentials they need, and seconds a pass."""
    column = np.linspace(-3.0, 0.0, len(behaviour))
    mean = np.full(len(behaviour), 35.0)
    runs = {
        "exp": lambda: time_once(lambda: np.exp(column)),
        "P(alive)": lambda: time_once(lambda: CDNOW.chance_alive(behaviour)),
        "P(buys in 52 weeks)": lambda: time_once(lambda: CDNOW.chance_to_buy(behaviour, AHEAD)),
        "expected mean value": lambda: time_once(
            lambda: MONEY.expected_value(behaviour.repeat, mean)
        ),
    }
    seconds = _turns(runs, max(repeats, 5))
    return [(name, seconds[name], n, seconds["exp"]) for name, n in EXP_TERMS.items()]


def _turns(runs: dict[str, Any], repeats: int) -> dict[str, float]:
    """Return median seconds; whoever needs longer than 20 seconds runs once."""
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(repeats):
        for name, run in runs.items():
            if not taken[name] or taken[name][0] < PATIENCE_SECONDS:
                taken[name].append(run())
    return {name: statistics.median(times) for name, times in taken.items()}


@dataclass(frozen=True)
class BacktestFigures:
    """What trying every rule takes: seconds, bytes a sale at the peak, rules and cuts."""

    seconds: float
    extra_bytes: float
    n_rules: int
    n_cuts: int


def time_backtest(ledger: Ledger) -> BacktestFigures:
    """Try every rule of goodbye on a ledger; memory is measured in a run of its own."""
    seconds = time_once(lambda: run_backtest(ledger, LAST_DAY, Parameters()))
    tracemalloc.start()
    found = run_backtest(ledger, LAST_DAY, Parameters())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    n_rules = len({row.rule for row in found.rows})
    return BacktestFigures(seconds, peak / len(ledger.sales), n_rules, len(found.cuts))
