"""The columns that many lists of clients share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crm_core.explanations import explain
from crm_core.tables import STAGES, IntArray
from crm_core.ui.lists import Column
from crm_core.ui.view import View


def stage_column(
    view: View, positions: IntArray, *, day: int | None = None, title: str = "Stage"
) -> Column:
    """Return the stage in the owner's word, on the as-of day or another."""
    stages = view.stages if day is None else view.stages_on(day)
    return Column(
        title,
        stages.stage[positions].astype(np.int64),
        labels=tuple(view.stage_names[name] for name in STAGES),
        definition="client.stage",
    )


def share_column(view: View, positions: IntArray) -> Column:
    """Return the share of named sales in the chosen period."""
    return Column(
        "Share",
        view.pareto.shares()[positions],
        "share",
        definition="client.share",
    )


def trailing_column(view: View, positions: IntArray) -> Column:
    """Return net sales of the last twelve months."""
    return money_column("Last 12 months", view.trailing[positions], "client.trailing")


def last_purchase_column(view: View, positions: IntArray) -> Column:
    """Return the day of the last purchase."""
    days = view.stages.last_purchase[positions]
    return Column("Last purchase", days, "day", definition="client.last_purchase")


def since_column(view: View, positions: IntArray) -> Column:
    """Return since when the client is in the stage."""
    return Column("Since", view.stages.since[positions], "day", definition="client.since")


def money_column(title: str, amounts: NDArray[np.int64], definition: str) -> Column:
    """Return a column of amounts, one a client of the list, with the key of its definition."""
    return Column(title, amounts, "money", definition=definition)


def why_column(view: View, positions: IntArray) -> Column:
    """Return the evidence for the stage in one sentence."""
    return Column(
        "Why",
        lambda rows: explain(
            view.ledger,
            view.stages,
            view.values,
            rows=positions[rows],
            owner_words=True,
            doubt=view.doubt,
        ),
        definition="client.why",
    )
