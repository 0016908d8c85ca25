"""QuickBooks Online sales lists, flat or grouped by client."""

from __future__ import annotations

from crm_core.intake.formats.description import REFUND, SALE, Format, Outcome, words

SALES = Format(
    key="quickbooks-sales",
    title="QuickBooks sales",
    required=("Date|Transaction date", "Transaction Type", "Num", "Amount"),
    fields={
        "name": ("Customer", "Name", "Client", "Customer full name", "column 1"),
        "order": ("Num",),
        "day": ("Date", "Transaction date"),
        "amount": ("Amount",),
        "quantity": ("Qty", "Quantity"),
        "unit_price": ("Sales Price", "Rate"),
        "status": ("Transaction Type",),
        "product": ("Product/Service", "Product/Service full name", "Item"),
        "manager": ("Sales Rep",),
    },
    amount_is="Amount of one line, before tax",
    outcomes=(
        Outcome(
            ("Transaction Type",),
            words(SALE, "invoice", "sales receipt", "cash sale", "statement charge", "charge")
            | words(REFUND, "credit memo", "refund", "refund receipt", "credit note")
            | words("estimate", "estimate", "sales order", "quote", "pending charge")
            | words("payment", "payment", "deposit", "bill payment", "transfer")
            | words("adjustment", "journal entry", "credit card credit", "inventory qty adjust")
            | words("own purchase", "bill", "expense", "check", "purchase order", "vendor credit"),
            otherwise="other",
        ),
    ),
    identity=("name",),
    notes=(
        "In the grouped report the client stands alone above their rows and is filled down; “Total "
        "for …” rows are no sales.",
        "Estimates are not sales, and payments only settle invoices that are in the list already.",
    ),
)
