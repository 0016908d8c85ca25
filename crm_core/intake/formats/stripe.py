"""Stripe: the payments list and two balance lists."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crm_core.intake.columns import Cells
from crm_core.intake.formats.description import REFUND, SALE, Format, Outcome, words

_NAMED = re.compile(r"\b(?:order|invoice|rechnung|bestellung|commande|pedido)\b.*\d", re.I)
_QUOTED = re.compile(r"^\s*refund\b[^(]*\((.*)\)\s*$", re.I)
_CATEGORIES = (
    words(SALE, "charge", "payment")
    | words(
        REFUND,
        "refund",
        "payment refund",
        "partial capture reversal",
        "dispute",
        "chargeback",
        "payment failure refund",
    )
    | words("payout", "payout", "payout reversal", "payout failure", "payout cancel", "transfer")
    | words(
        "fee",
        "fee",
        "stripe fee",
        "network cost",
        "application fee",
        "application fee refund",
        "tax fee",
        "stripe fx fee",
    )
    | words("transfer", "topup", "topup reversal", "transfer reversal", "contribution")
    | words("hold", "risk reserved funds", "reserve transaction", "reserved funds")
    | words("adjustment", "adjustment", "other adjustment", "dispute reversal", "refund failure")
)


def order_named(description: str) -> str | None:
    """Return the order a charge's or refund's description names, None where it names none.

    Examples
    --------
    >>> order_named("Obchod - Order 1235"), order_named("REFUND FOR CHARGE (Shop - Order 7)")
    ('Obchod - Order 1235', 'Shop - Order 7')
    >>> order_named("Subscription update") is None
    True
    """
    quoted = _QUOTED.match(description)
    text = (quoted.group(1) if quoted else description).strip()
    return text if _NAMED.search(text) else None


def _orders(cells: Cells) -> pa.ChunkedArray:
    """Charges are known by the order in their description, else by their own id."""
    number = cells.first("balance_transaction_id", "id").array()
    charge = pc.coalesce(cells.first("Source", "source_id").array(), number)
    named = pc.coalesce(cells.first("Description").map(order_named).array(), charge)
    return _cells(pc.if_else(_refund_rows(cells), number, named))


def _refunded(cells: Cells) -> pa.ChunkedArray:
    named = cells.first("Description").map(order_named).array()
    return _cells(pc.if_else(_refund_rows(cells), named, None))


def _refund_rows(cells: Cells) -> pa.BooleanArray:
    category = cells.first("Type", "reporting_category")
    marked = np.array(["refund" in text.lower() for text in category.texts()] + [False])
    return pa.array(marked[category.codes])


def _cells(texts: pa.StringArray) -> pa.ChunkedArray:
    return pa.chunked_array([pc.fill_null(texts, "")])


PAYMENTS = Format(
    key="stripe-payments",
    title="Stripe payments",
    required=(
        "id",
        "Created (UTC)|Created date (UTC)",
        "Amount",
        "Amount Refunded",
        "Currency",
        "Status",
    ),
    fields={
        "client": ("Customer ID",),
        "name": ("Card Name", "Customer Description"),
        "email": ("Customer Email",),
        "country": ("Card Address Country", "Card Issue Country"),
        "region": ("Card Address State",),
        "city": ("Card Address City",),
        "order": ("id",),
        "day": ("Created (UTC)", "Created date (UTC)"),
        "amount": ("Amount",),
        "currency": ("Currency",),
        "status": ("Status",),
        "product": ("Description",),
    },
    amount_is="Amount: only a total, with tax and shipping, because the file has no other",
    outcomes=(
        Outcome(
            ("Status",),
            words(SALE, "paid", "succeeded", "refunded", "partially refunded", "disputed")
            | words("failed", "failed", "blocked", "requires payment method")
            | words("pending", "pending", "uncaptured", "incomplete", "requires action")
            | words("pending", "requires confirmation", "requires capture", "processing")
            | words("voided", "canceled", "cancelled", "expired"),
        ),
        Outcome(("Captured",), words("pending", "false", "falsch", "faux", "falso", "no", "0")),
    ),
    identity=("email", "client", "name"),
    refunds=("Amount Refunded",),
    utc=True,
    notes=(
        "The e-mail comes before Customer ID: guests have no id, and e-mails meet other shops'.",
        "Amount Refunded has no day of its own and takes the payment's.",
        "Days are UTC and become the business's own days when its time zone is known.",
    ),
)

_BALANCE_FIELDS = {
    "email": ("customer_email",),
    "client": ("customer_id",),
    "name": ("customer_name",),
    "order": ("Source", "balance_transaction_id", "id"),
    "currency": ("Currency",),
    "product": ("Description",),
    "refund_of": ("Description",),
}
_BALANCE_NOTES = (
    "A charge is known by the order its description names, else by its own id; a refund naming "
    "it (“REFUND FOR CHARGE (Shop - Order 7)”) is tied to that order.",
    "Most balance lists name no client: their sales are sales without a client.",
)

BALANCE = Format(
    key="stripe-balance",
    title="Stripe balance",
    required=("id", "Type", "Source", "Amount", "Fee", "Net", "Created (UTC)"),
    fields={
        **_BALANCE_FIELDS,
        "day": ("Created (UTC)",),
        "amount": ("Amount",),
        "status": ("Type",),
    },
    amount_is="Amount before Stripe's fee: only a total, because the file has no other",
    outcomes=(Outcome(("Type",), _CATEGORIES, otherwise="adjustment"),),
    identity=("email", "client", "name"),
    utc=True,
    derive={"order": _orders, "refund_of": _refunded},
    notes=_BALANCE_NOTES,
)

ITEMISED = Format(
    key="stripe-itemised-balance",
    title="Stripe itemised balance",
    required=("balance_transaction_id", "created_utc|created", "gross", "reporting_category"),
    fields={
        **_BALANCE_FIELDS,
        "day": ("created_utc", "created"),
        "amount": ("gross",),
        "status": ("reporting_category",),
    },
    amount_is="gross before Stripe's fee: only a total, because the file has no other",
    outcomes=(Outcome(("reporting_category",), _CATEGORIES, otherwise="adjustment"),),
    identity=("email", "client", "name"),
    utc=True,
    derive={"order": _orders, "refund_of": _refunded},
    notes=_BALANCE_NOTES,
)
