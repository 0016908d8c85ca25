"""When somebody last spoke with each client."""

from __future__ import annotations

import numpy as np

from crm_core.ledger import Ledger
from crm_core.tables import NEVER, DayArray


def last_contacts(ledger: Ledger, as_of: int) -> DayArray:
    """Return the day of each client's last noted contact, from either side.

    Parameters
    ----------
    ledger : Ledger
        The clients.
    as_of : int
        Last day looked at.

    Returns
    -------
    ndarray of int32, shape (n_clients,)
        ``NEVER`` where nothing was noted.
    """
    contacts = ledger.contacts
    days = np.full(ledger.n_clients, NEVER, dtype=np.int32)
    # Rows stand by client and day: the last write of a client is its latest contact.
    so_far = np.flatnonzero(contacts.day <= as_of)
    days[contacts.clients()[so_far]] = contacts.day[so_far]
    return days
