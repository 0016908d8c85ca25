"""The same questions asked of Regulars, in the form the peers answer."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.generated import Rows, build_ledger
from crm_core.metrics.cadence import History, purchase_history
from crm_core.metrics.cohorts import cohorts
from crm_core.metrics.gaps import closed_gaps
from crm_core.metrics.months import month_index
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.pareto import pareto
from crm_core.metrics.purchases import total_by_client


class Regulars:
    """The ledger of the rows."""

    name = "Regulars"

    def __init__(self, rows: Rows) -> None:
        self.ledger = build_ledger(rows)
        self.history: History | None = None

    def client_summary(self, as_of: int) -> dict[str, Any]:
        """First and last purchase, purchases, orders and net sales of each client."""
        totals = total_by_client(self.ledger, as_of)
        return {"client": np.arange(self.ledger.n_clients)} | vars(totals)

    def cohort_matrix(self, as_of: int) -> dict[str, Any]:
        """Clients by first month and month bought in."""
        found = cohorts(self.ledger, as_of)
        born, later = np.nonzero(found.retained > 0)
        first = int(month_index(found.calendar.first[0])) + 12 * 1970 + 1
        return {
            "born": born + first,
            "month": born + later + first,
            "clients": found.retained[born, later],
        }

    def gaps(self, as_of: int) -> dict[str, Any]:
        """How often each gap between purchases occurs."""
        counts = closed_gaps(self.ledger, as_of).counts
        lengths = np.flatnonzero(counts)
        return {"gap": lengths, "n": counts[lengths]}

    def pareto(self, start: int, as_of: int) -> dict[str, Any]:
        """Class of each client, and the figures of concentration."""
        result = pareto(self.ledger, as_of, period=(start, as_of))
        codes = result.class_codes()
        return {
            "client": result.order,
            "class": codes[result.order],
            "n": result.n,
            "total": result.total,
            "top20": int(result.cumulative[result.top20_clients - 1]),
            "gini": result.gini,
            "hhi": result.hhi,
        }

    def stage_states(self) -> dict[str, Any]:
        """Compute the state after every purchase."""
        self.history = purchase_history(self.ledger, Parameters())
        return {}

    def shown_states(self) -> dict[str, Any]:
        """Return the states by client and day."""
        assert self.history is not None
        names = ("day", "stage", "late_on", "gone_on", "spell", "n_in_spell", "since")
        columns = {name: getattr(self.history, name) for name in names}
        return {"client": self.history.clients()} | columns
