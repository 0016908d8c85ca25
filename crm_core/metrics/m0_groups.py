"""The typical gap that stands in for a client: one for all, or one by kind and channel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crm_core.ledger import Ledger
from crm_core.metrics.parameters import Parameters
from crm_core.tables import Coded

KIND = "segment"
"""The attribute of a client that says of which kind it is."""


def first_channel(ledger: Ledger) -> NDArray[np.int32]:
    """Return the channel of each client's first sale, shape (n_clients,).

    Returns
    -------
    ndarray of int32
        Codes into ``Ledger.channels``; -1 where that sale names none, or there is none.
        Refunds are no sale. It never changes with later sales.
    """
    sales = ledger.sales
    starts = np.flatnonzero(sales.order_start)
    at = np.searchsorted(starts, sales.offsets[:-1])
    row = starts[np.minimum(at, len(starts) - 1)] if len(starts) else at
    found = np.full(ledger.n_clients, -1, dtype=np.int32)
    there = (at < len(starts)) & (row < sales.offsets[1:])
    found[there] = sales.channel[row[there]]
    return found


def client_groups(ledger: Ledger) -> tuple[NDArray[np.int32], list[tuple[str, str]]]:
    """Return each client's kind and channel as one code, and what the codes stand for.

    Returns
    -------
    code : ndarray of int32, shape (n_clients,)
        Index into the names. The codes of all parts of a ledger agree.
    names : list of (str, str)
        Kind and channel of every code, ``""`` for none; not all of them need occur.
    """
    none = np.full(ledger.n_clients, -1, dtype=np.int32)
    kind = ledger.clients.attributes.get(KIND, Coded(none, ()))
    n_channels = len(ledger.channels) + 1
    code = (kind.codes.astype(np.int32) + 1) * n_channels + first_channel(ledger) + 1
    kinds, channels = ("", *kind.labels), ("", *ledger.channels)
    return code, [(one, channel) for one in kinds for channel in channels]


def m0_of_clients(ledger: Ledger, parameters: Parameters) -> NDArray[np.float64] | None:
    """Return each client's typical gap, None where one holds for all.

    Clients of a group that ``m0_groups`` does not name have ``m0``.
    """
    if not parameters.m0_groups:
        return None
    code, names = client_groups(ledger)
    listed = {(kind, channel): days for kind, channel, days in parameters.m0_groups}
    days = np.array([listed.get(name, parameters.m0) for name in names], dtype=np.float64)
    own: NDArray[np.float64] = days[code]
    return own
