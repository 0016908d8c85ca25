"""Who looks after a client on a day: one rule for the pages, the rights and handing over.

The latest record up to the day decides, made by hand or brought by a file, also
where it says "nobody"; without one whoever made the latest sale up to the day;
without that whoever a file named first, since nobody said otherwise before.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crm_core.tables import Care

Codes = NDArray[np.int32]

NOBODY = -1


def carers_on(care: Care, sold_by: NDArray[np.signedinteger], day: int) -> Codes:
    """Return who looks after every client on a day.

    Parameters
    ----------
    care : Care
        The records of who looks after whom, by client and day.
    sold_by : ndarray of int, shape (n_clients,)
        Who made each client's latest sale up to the day, in the codes of ``care``; -1
        where no sale names anybody.
    day : int
        Days since 1970-01-01.

    Returns
    -------
    ndarray of int32, shape (n_clients,)
        Codes as in ``care``, -1 for nobody.

    Examples
    --------
    Client 0 goes from 5 to 7 on day 20; client 1 has no record, but 5 sold last:

    >>> care = Care(np.array([0, 2, 2]), np.array([10, 20]), np.array([5, 7]), np.zeros(2, bool))
    >>> carers_on(care, np.array([-1, 5]), 19).tolist()
    [5, 5]
    >>> carers_on(care, np.array([-1, 5]), 9).tolist()
    [-1, 5]
    """
    codes = np.asarray(sold_by, dtype=np.int32).copy()
    first = care.offsets[:-1]
    spoken = np.flatnonzero(care.offsets[1:] > first)
    # What the first file said stands in for the days before it.
    by_file = spoken[care.by_file[first[spoken]]]
    open_ones = by_file[codes[by_file] == NOBODY]
    codes[open_ones] = care.manager[first[open_ones]]
    # Rows stand by client and day: the last write of a client is its latest record.
    so_far = np.flatnonzero(care.day <= day)
    codes[care.clients()[so_far]] = care.manager[so_far]
    return codes
