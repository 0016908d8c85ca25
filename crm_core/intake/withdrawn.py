"""Orders that a file carries as no sale only: cancelled, not paid, lost."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from crm_core.intake.clients import Identities, lend_clients
from crm_core.intake.drafting import Draft
from crm_core.intake.outcomes import KIND_CODES
from crm_core.intake.unused import HELD_BACK, Ends
from crm_core.records.staged import WithdrawnOrders
from crm_core.tables import IntArray

WITHDRAWING = tuple(
    KIND_CODES[kind]
    for kind in ("pending", "voided", "failed", "draft", "refunded", "open deal", "lost deal")
)
"""Kinds that are the status of an order; the others tell other rows than orders, or no status."""

_CONTENT = (KIND_CODES["sale"], HELD_BACK)


def find_withdrawn(draft: Draft, ends: Ends, people: Identities) -> WithdrawnOrders:
    """Return the orders of a file that its statuses make no sales.

    Parameters
    ----------
    draft : Draft
        The rows with their references.
    ends : Ends
        Where each row ends.
    people : Identities
        Who each row of the table names.

    Returns
    -------
    WithdrawnOrders
        One entry an order, told by its reference and client as sales are. An order with a sale
        or a row held back beside the cancelled one is none: its content is known or waits. A
        refund that came to nothing under its order's own reference withdraws no order either.
    """
    said = np.isin(ends.kind, WITHDRAWING) & draft.order_ref.is_valid().to_numpy(False)
    of_itself = pc.fill_null(pc.equal(draft.order_ref, draft.refund_of), False).to_numpy(False)
    rows = np.flatnonzero(said & ~of_itself)
    if not len(rows):
        return WithdrawnOrders()
    content = np.flatnonzero(np.isin(ends.kind, _CONTENT))
    names = draft.order_ref.take(pa.array(rows)).unique()
    client, width = _clients(draft, ends, people) + 1, len(people.kind) + 1
    order = _places(draft.order_ref, names) * width + client
    own = order[rows]
    picked = np.flatnonzero(~np.isin(own, order[content]))
    picked = picked[np.unique(own[picked], return_index=True)[1]]
    reference, owner = np.divmod(own[picked], width)
    used, place = np.unique(owner[owner > 0] - 1, return_inverse=True)
    places = np.full(len(owner), -1, dtype=np.int32)
    places[owner > 0] = place
    return WithdrawnOrders(
        order_ref=names.take(pa.array(reference)),
        client=places,
        kind=people.kind[used],
        value=tuple(people.value.take(pa.array(used)).to_pylist()),
    )


def _places(references: pa.StringArray, names: pa.StringArray) -> IntArray:
    found = pc.fill_null(pc.index_in(references, value_set=names), -1)
    places: IntArray = found.to_numpy(zero_copy_only=False).astype(np.int64)
    return places


def _clients(draft: Draft, ends: Ends, people: Identities) -> NDArray[np.int32]:
    """Return whom each row names, as for sales: a nameless refund by the sale it names."""
    client = people.client[draft.row]
    sold = np.flatnonzero(ends.kind == KIND_CODES["sale"])
    lenders = draft.order_ref.take(pa.array(sold))
    return lend_clients(client, draft.refund_of, client[sold], lenders)
