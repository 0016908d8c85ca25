"""The questions in SQL, for DuckDB with all processor cores."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from benchmarks.generated import Rows
from benchmarks.stage_sql import SHOW_STATES, STATES

PURCHASES = "SELECT DISTINCT client, day FROM sales WHERE amount >= 0 AND day <= {as_of}"

SUMMARY = """
SELECT client, min(first) AS first, max(last) AS last,
       count(*) FILTER (orders > 0) AS purchases, sum(orders)::BIGINT AS orders,
       sum(net)::BIGINT AS net
FROM (SELECT client, min(day) FILTER (amount >= 0) AS first, max(day) FILTER (amount >= 0) AS last,
             count(*) FILTER (amount >= 0) AS orders, sum(amount)::BIGINT AS net
      FROM sales WHERE day <= {as_of} GROUP BY client, day)
GROUP BY client
"""

COHORTS = """
WITH bought AS (SELECT DISTINCT client, (month(d) + 12 * year(d))::INTEGER AS month
                FROM (SELECT client, amount, DATE '1970-01-01' + day AS d
                      FROM sales WHERE amount >= 0 AND day <= {as_of})),
     born AS (SELECT client, min(month) AS born FROM bought GROUP BY client)
SELECT born, month, count(*) AS clients FROM bought JOIN born USING (client) GROUP BY born, month
"""

GAPS = f"""
SELECT gap, count(*) AS n
FROM (SELECT day - lag(day) OVER (PARTITION BY client ORDER BY day) AS gap FROM ({PURCHASES}))
WHERE gap IS NOT NULL GROUP BY gap
"""

PARETO = """
CREATE OR REPLACE TEMP TABLE ranked AS
WITH net AS (SELECT client, sum(amount)::BIGINT AS net FROM sales
             WHERE day >= {start} AND day <= {as_of} GROUP BY client HAVING sum(amount) > 0)
SELECT client, net,
       (sum(net) OVER (ORDER BY net DESC, client ROWS UNBOUNDED PRECEDING))::BIGINT AS running,
       row_number() OVER (ORDER BY net DESC, client) AS rank FROM net;
SELECT client, CASE WHEN (running - net) * 100 < total * 80 THEN 0
                    WHEN (running - net) * 100 < total * 95 THEN 1 ELSE 2 END AS class
FROM ranked, (SELECT sum(net) AS total FROM ranked)
"""

PARETO_FIGURES = """
SELECT count(*) AS n, sum(net)::BIGINT AS total,
       max(running) FILTER (rank <= (n_all + 4) // 5) AS top20,
       2 * sum((n_all + 1 - rank) * net::DOUBLE) / (n_all * sum(net)) - (n_all + 1) / n_all AS gini,
       sum((net::DOUBLE / total) ** 2) AS hhi
FROM ranked, (SELECT sum(net) AS total, count(*) AS n_all FROM ranked) GROUP BY n_all
"""


class DuckDB:
    """DuckDB holding the rows in a table in memory."""

    name = "DuckDB"

    def __init__(self, rows: Rows) -> None:
        self.base = duckdb.connect()
        table = pa.table(vars(rows))
        self.base.register("arrow_rows", table)
        self.base.execute("CREATE TABLE sales AS SELECT * FROM arrow_rows")
        self.base.unregister("arrow_rows")

    def ask(self, query: str, **days: int) -> dict[str, Any]:
        """Return the columns a query gives."""
        *first, last = query.format(**days).split(";")
        for statement in first:
            self.base.execute(statement)
        table = self.base.sql(last).to_arrow_table()
        return {name: table[name].to_numpy() for name in table.column_names}

    def client_summary(self, as_of: int) -> dict[str, Any]:
        """First and last purchase, purchases, orders and net sales of each client."""
        return self.ask(SUMMARY, as_of=as_of)

    def cohort_matrix(self, as_of: int) -> dict[str, Any]:
        """Clients by first month and month bought in."""
        return self.ask(COHORTS, as_of=as_of)

    def gaps(self, as_of: int) -> dict[str, Any]:
        """How often each gap between purchases occurs."""
        return self.ask(GAPS, as_of=as_of)

    def pareto(self, start: int, as_of: int) -> dict[str, Any]:
        """Class of each client, and the figures of concentration."""
        classes = self.ask(PARETO, start=start, as_of=as_of)
        figures = self.ask(PARETO_FIGURES)
        return classes | {name: np.asarray(column)[0] for name, column in figures.items()}

    def stage_states(self) -> dict[str, Any]:
        """Compute the state after every purchase into a table of its own."""
        self.base.execute(STATES)
        return {}

    def shown_states(self) -> dict[str, Any]:
        """Return the states by client and day."""
        return self.ask(SHOW_STATES)
