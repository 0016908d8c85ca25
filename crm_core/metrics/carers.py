"""Who looks after the clients of a ledger on a day, and whose clients a manager may see."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crm_core.caring import carers_on
from crm_core.ledger import Ledger
from crm_core.tables import NEVER, BoolArray


def carers(ledger: Ledger, day: int) -> NDArray[np.int32]:
    """Return who looks after every client on a day, by the rule of :mod:`crm_core.caring`.

    Parameters
    ----------
    ledger : Ledger
        The clients.
    day : int
        Days since 1970-01-01; after the last record its word still holds.

    Returns
    -------
    ndarray of int32, shape (n_clients,)
        Index into ``Ledger.managers``, -1 for nobody.
    """
    return carers_on(ledger.care, ledger.latest_code("manager", day), day)


def cared_for_by(ledger: Ledger, manager: str, day: int) -> BoolArray:
    """Return which clients somebody looks after on a day, shape (n_clients,)."""
    if manager not in ledger.managers:
        return np.zeros(ledger.n_clients, dtype=np.bool_)
    return np.asarray(carers(ledger, day) == ledger.managers.index(manager))


def handed_over_by(ledger: Ledger, manager: str, day: int, until: int | None = None) -> BoolArray:
    """Return which clients change hands when somebody hands over theirs from a day on.

    Parameters
    ----------
    ledger : Ledger
        The clients.
    manager : str
        Who hands over.
    day, until : int
        First and last day; without a last day for good.

    Returns
    -------
    ndarray of bool, shape (n_clients,)
        Those the person looks after on the day, and those that would come back to the
        person later on, after a cover by somebody else.
    """
    mask = cared_for_by(ledger, manager, day)
    if manager in ledger.managers:
        care = ledger.care
        last = NEVER if until is None else until
        rows = (care.manager == ledger.managers.index(manager)) & (care.day > day)
        mask[care.clients()[rows & (care.day <= last)]] = True
    return mask


def clients_of(
    ledger: Ledger, day: int, *, department: str | None = None, manager: str | None = None
) -> BoolArray:
    """Return which clients are those of a department or of a manager on a day.

    Parameters
    ----------
    ledger : Ledger
        The clients.
    day : int
        For whoever looks after them; the department is today's.
    department, manager : str, optional
        Either is enough; with neither it is nobody's.

    Returns
    -------
    ndarray of bool, shape (n_clients,)
    """
    mask = np.zeros(ledger.n_clients, dtype=np.bool_)
    coded = ledger.clients.attributes.get("department")
    if department is not None and coded is not None and department in coded.labels:
        mask |= coded.codes == coded.labels.index(department)
    if manager is not None:
        mask |= cared_for_by(ledger, manager, day)
    return mask
