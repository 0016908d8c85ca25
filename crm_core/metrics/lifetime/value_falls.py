"""The clients whose value fell most between two days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crm_core.errors import ParameterError
from crm_core.ledger import Ledger
from crm_core.metrics.cadence import History
from crm_core.metrics.late import by_money
from crm_core.metrics.lifetime.chances import Kind
from crm_core.metrics.lifetime.value import ClientValues, client_values
from crm_core.metrics.parameters import Parameters
from crm_core.tables import IntArray


@dataclass(frozen=True)
class ValueFalls:
    """Clients worth less than on an earlier day, the largest loss first.

    Attributes
    ----------
    earlier, now : ClientValues
        Values of all buyers on both days, by one fit: that of the later day. What
        changed is what was known of the clients, not the model.
    client : ndarray of int64, shape (n,)
        Positions in the client table; ties by position.
    value_before, value_now : ndarray of int64, shape (n,)
        Value on both days, ten-thousandths.
    n_judged : int
        Clients on the earlier day: those it could be said of.
    """

    earlier: ClientValues
    now: ClientValues
    client: IntArray
    value_before: IntArray
    value_now: IntArray
    n_judged: int

    def __len__(self) -> int:
        return len(self.client)

    @property
    def lost(self) -> IntArray:
        """Value lost between the days, ten-thousandths, shape (n,)."""
        return self.value_before - self.value_now

    @property
    def total_lost(self) -> int:
        """Value lost by all of them, ten-thousandths."""
        return int(self.lost.sum())


def value_falls(
    ledger: Ledger,
    as_of: int,
    before: int,
    parameters: Parameters,
    *,
    months: int = 12,
    discount_monthly: float = 0.01,
    margin: float = 1.0,
    kind: Kind = "bg",
    now: ClientValues | None = None,
    history: History | None = None,
) -> ValueFalls:
    """Return the clients whose value fell between two days, the largest loss first.

    Parameters
    ----------
    ledger : Ledger
        The ledger.
    as_of, before : int
        The later and the earlier day. The value of each day rests on the rows up to it.
    parameters : Parameters
        The rule in force.
    months, discount_monthly, margin, kind
        See :func:`~crm_core.metrics.lifetime.value.client_values`.
    now : ClientValues, optional
        The values of ``as_of``, whose terms then hold; computed here when missing.
    history : History, optional
        Of the ledger with ``parameters``, for the plain rule; computed when needed.

    Returns
    -------
    ValueFalls
        A client who has no live purchase left on the later day is worth 0 there.

    Raises
    ------
    ParameterError
        If ``before`` is not before ``as_of``.

    Notes
    -----
    This measures what happened, it does not predict: the models are fitted on the rows
    up to ``as_of`` and used for both days.
    """
    if before >= as_of:
        raise ParameterError(
            f"Wanted an earlier day to compare with, found {before} and {as_of}; choose a day "
            "before the as-of day."
        )
    if now is None:
        now = client_values(
            ledger,
            as_of,
            parameters,
            months=months,
            discount_monthly=discount_monthly,
            margin=margin,
            kind=kind,
            history=history,
        )
    terms = now.terms
    earlier = client_values(
        ledger,
        before,
        parameters,
        months=terms.months,
        discount_monthly=terms.discount_monthly,
        margin=terms.margin,
        models=now.models,
        history=history,
    )
    value_now = _join(now, earlier.client)
    lost = earlier.value - value_now
    fell = np.flatnonzero(lost > 0)
    order = fell[by_money(lost[fell])]
    return ValueFalls(
        earlier=earlier,
        now=now,
        client=earlier.client[order],
        value_before=earlier.value[order],
        value_now=value_now[order],
        n_judged=len(earlier),
    )


def _join(values: ClientValues, client: IntArray) -> IntArray:
    """Return the value of some clients, 0 of those without one."""
    if not len(values):
        return np.zeros(len(client), dtype=np.int64)
    at = np.minimum(np.searchsorted(values.client, client), len(values) - 1)
    return np.where(values.client[at] == client, values.value[at], 0)
