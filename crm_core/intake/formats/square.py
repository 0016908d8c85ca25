"""Square: transactions and item sales."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from crm_core.intake.columns import Cells
from crm_core.intake.formats.description import REFUND, SALE, Format, Outcome, words
from crm_core.intake.words import fold

_EVENTS = Outcome(
    ("Event Type",),
    words(SALE, "payment", "sale") | words(REFUND, "refund", "exchange"),
    otherwise="other",
)
_STATE = Outcome(
    ("Transaction Status",),
    words(SALE, "complete", "completed")
    | words("pending", "pending", "open")
    | words("voided", "voided", "canceled", "cancelled")
    | words("failed", "failed"),
)


def _orders(cells: Cells) -> pa.ChunkedArray:
    """Name refunds by their Payment ID, because they share their sale's Transaction ID.

    Under the sale's own name a refund in a later month's export would be the newest content
    of the sale, and take its place.
    """
    own = cells.first("Transaction ID").array()
    payment = cells.first("Payment ID").array()
    return _filled(pc.if_else(_refund_rows(cells), payment, own))


def _refunded(cells: Cells) -> pa.ChunkedArray:
    own = cells.first("Transaction ID").array()
    return _filled(pc.if_else(_refund_rows(cells), own, None))


def _refund_rows(cells: Cells) -> pa.BooleanArray:
    events = cells.first("Event Type")
    given_back = events.map(lambda text: text if _EVENTS.values.get(fold(text)) == REFUND else None)
    return given_back.array().is_valid()


def _filled(texts: pa.StringArray) -> pa.ChunkedArray:
    return pa.chunked_array([pc.fill_null(texts, "")])


_COMMON = {
    "client": ("Customer ID",),
    "name": ("Customer Name",),
    "order": ("Transaction ID",),
    "day": ("Date",),
    "amount": ("Net Sales",),
    "status": ("Event Type",),
    "channel": ("Location",),
    "manager": ("Staff Name",),
    "refund_of": ("Transaction ID",),
}
_NOTES = (
    "Refund rows share the Transaction ID of their sale and are tied to it; their own reference "
    "is their Payment ID, so that a refund in a later export leaves its sale in place.",
    "Customer ID is empty for walk-ins: their sales are sales without a client.",
    "The day is the date as written, in the till's own time zone.",
)

TRANSACTIONS = Format(
    key="square-transactions",
    title="Square transactions",
    required=("Date", "Gross Sales", "Net Sales", "Total Collected", "Transaction ID"),
    fields=_COMMON,
    amount_is="Net Sales: goods after discounts, before tax, tips, gift cards and fees",
    outcomes=(_EVENTS, _STATE),
    identity=("client", "name"),
    derive={"order": _orders, "refund_of": _refunded},
    notes=_NOTES,
)

ITEMS = Format(
    key="square-items",
    title="Square item sales",
    required=("Date", "Item", "Qty", "Gross Sales", "Net Sales", "Transaction ID"),
    fields={**_COMMON, "quantity": ("Qty",), "product": ("Item",), "category": ("Category",)},
    amount_is="Net Sales of one line: goods after discounts, before tax",
    outcomes=(_EVENTS, _STATE),
    identity=("client", "name"),
    derive={"order": _orders, "refund_of": _refunded},
    notes=_NOTES,
)
