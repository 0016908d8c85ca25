"""The questions in pandas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from benchmarks.generated import Rows


class Pandas:
    """Pandas holding the rows in a frame."""

    name = "pandas"

    def __init__(self, rows: Rows) -> None:
        self.sales = pd.DataFrame(vars(rows))

    def sold(self, as_of: int) -> pd.DataFrame:
        """Return the rows that are no refunds."""
        return self.sales[(self.sales["amount"] >= 0) & (self.sales["day"] <= as_of)]

    def client_summary(self, as_of: int) -> dict[str, Any]:
        """First and last purchase, purchases, orders and net sales of each client."""
        sold = self.sold(as_of)
        orders = sold.groupby(["client", "day"], sort=False).size().reset_index(name="orders")
        days = orders.groupby("client").agg(
            first=("day", "min"),
            last=("day", "max"),
            purchases=("day", "size"),
            orders=("orders", "sum"),
        )
        kept = self.sales[self.sales["day"] <= as_of]
        net = kept.groupby("client")["amount"].sum().rename("net")
        frame = net.to_frame().join(days)
        return {"client": frame.index.to_numpy()} | {n: frame[n].to_numpy() for n in frame}

    def cohort_matrix(self, as_of: int) -> dict[str, Any]:
        """Clients by first month and month bought in."""
        sold = self.sold(as_of)
        months = sold["day"].to_numpy().astype("datetime64[D]").astype("datetime64[M]")
        bought = pd.DataFrame({"client": sold["client"], "month": months.astype(np.int64)})
        bought = bought.drop_duplicates()
        bought["born"] = bought.groupby("client")["month"].transform("min")
        counts = bought.groupby(["born", "month"]).size().reset_index(name="clients")
        counts[["born", "month"]] += 12 * 1970 + 1
        return {n: counts[n].to_numpy() for n in counts}

    def gaps(self, as_of: int) -> dict[str, Any]:
        """How often each gap between purchases occurs."""
        days = self.sold(as_of)[["client", "day"]].drop_duplicates()
        days = days.sort_values(["client", "day"])
        same = days["client"].eq(days["client"].shift())
        counts = days["day"].diff()[same].astype(np.int64).value_counts()
        return {"gap": counts.index.to_numpy(), "n": counts.to_numpy()}

    def pareto(self, start: int, as_of: int) -> dict[str, Any]:
        """Class of each client, and the figures of concentration."""
        kept = self.sales[self.sales["day"].between(start, as_of)]
        net = kept.groupby("client")["amount"].sum()
        net = net[net > 0].sort_values(ascending=False, kind="stable")
        running, total, n = net.cumsum(), int(net.sum()), len(net)
        before = (running - net).to_numpy()
        share = net.to_numpy() / total
        return {
            "client": net.index.to_numpy(),
            "class": np.where(
                before * 100 < total * 80, 0, np.where(before * 100 < total * 95, 1, 2)
            ),
            "n": n,
            "total": total,
            "top20": int(running.iloc[(n + 4) // 5 - 1]),
            "gini": 2 * float(np.dot(np.arange(n, 0, -1), share)) / n - (n + 1) / n,
            "hhi": float((share**2).sum()),
        }
