"""The questions in Polars expressions."""

from __future__ import annotations

from typing import Any

import polars as pl

from benchmarks.generated import Rows


class Polars:
    """Polars holding the rows in a frame."""

    name = "Polars"

    def __init__(self, rows: Rows) -> None:
        self.sales = pl.DataFrame(vars(rows))

    def purchases(self, as_of: int) -> pl.LazyFrame:
        """Distinct client and day of the rows that are no refunds."""
        kept = self.sales.lazy().filter((pl.col("amount") >= 0) & (pl.col("day") <= as_of))
        return kept.select("client", "day").unique()

    def client_summary(self, as_of: int) -> dict[str, Any]:
        """First and last purchase, purchases, orders and net sales of each client."""
        sold = pl.col("day").filter(pl.col("amount") >= 0)
        frame = (
            self.sales.lazy()
            .filter(pl.col("day") <= as_of)
            .group_by("client")
            .agg(
                first=sold.min(),
                last=sold.max(),
                purchases=sold.n_unique(),
                orders=sold.len(),
                net=pl.col("amount").sum(),
            )
            .collect()
        )
        return {column.name: column.to_numpy() for column in frame}

    def cohort_matrix(self, as_of: int) -> dict[str, Any]:
        """Clients by first month and month bought in."""
        date = pl.col("day").cast(pl.Date)
        bought = (
            self.sales.lazy()
            .filter((pl.col("amount") >= 0) & (pl.col("day") <= as_of))
            .select("client", month=date.dt.month().cast(pl.Int32) + 12 * date.dt.year())
            .unique()
        )
        born = bought.group_by("client").agg(born=pl.col("month").min())
        counted = bought.join(born, on="client").group_by("born", "month").agg(clients=pl.len())
        return {column.name: column.to_numpy() for column in counted.collect()}

    def gaps(self, as_of: int) -> dict[str, Any]:
        """How often each gap between purchases occurs."""
        ordered = self.purchases(as_of).sort("client", "day")
        same = pl.col("client") == pl.col("client").shift()
        gap = (pl.col("day") - pl.col("day").shift()).filter(same)
        frame = ordered.select(gap=gap).group_by("gap").agg(n=pl.len()).collect()
        return {column.name: column.to_numpy() for column in frame}

    def pareto(self, start: int, as_of: int) -> dict[str, Any]:
        """Class of each client, and the figures of concentration."""
        ranked = (
            self.sales.lazy()
            .filter((pl.col("day") >= start) & (pl.col("day") <= as_of))
            .group_by("client")
            .agg(net=pl.col("amount").sum())
            .filter(pl.col("net") > 0)
            .sort("net", "client", descending=[True, False])
            .with_columns(running=pl.col("net").cum_sum())
            .collect()
        )
        n, total = len(ranked), ranked["net"].sum()
        before = (pl.col("running") - pl.col("net")).cast(pl.Int128) * 100
        share = pl.col("net") / total
        rank = pl.int_range(n, 0, -1)
        classes = pl.when(before < total * 80).then(0).when(before < total * 95).then(1)
        shown = ranked.select("client", **{"class": classes.otherwise(2)})
        sums = ranked.select(g=(rank * share).sum(), hhi=(share**2).sum()).row(0)
        return {
            "client": shown["client"].to_numpy(),
            "class": shown["class"].to_numpy(),
            "n": n,
            "total": total,
            "top20": ranked["running"][(n + 4) // 5 - 1],
            "gini": 2 * sums[0] / n - (n + 1) / n,
            "hhi": sums[1],
        }
