"""Shopify: orders with one row per line item, and the payments list that repeats their money."""

from __future__ import annotations

from crm_core.intake.formats.description import REFUNDED, SALE, Format, Outcome, words

ORDERS = Format(
    key="shopify-orders",
    title="Shopify orders",
    required=("Name", "Financial Status", "Subtotal", "Lineitem quantity", "Lineitem price"),
    fields={
        "email": ("Email",),
        "name": ("Billing Name", "Shipping Name"),
        "phone": ("Billing Phone", "Phone", "Shipping Phone"),
        "country": ("Billing Country", "Shipping Country"),
        "region": (
            "Billing Province Name",
            "Billing Province",
            "Shipping Province Name",
            "Shipping Province",
        ),
        "city": ("Billing City", "Shipping City"),
        "order": ("Name",),
        "day": ("Created at", "Paid at"),
        "amount": ("Subtotal",),
        "quantity": ("Lineitem quantity",),
        "unit_price": ("Lineitem price",),
        "currency": ("Currency",),
        "status": ("Financial Status",),
        "product": ("Lineitem name",),
        "category": ("Vendor",),
        "channel": ("Source",),
        "manager": ("Employee",),
    },
    amount_is=(
        "Subtotal: goods after discounts, before tax and shipping; counted once an order and "
        "spread over its lines by price × quantity − line discount"
    ),
    outcomes=(
        Outcome(
            ("Financial Status",),
            words(SALE, "paid", "partially paid", "partially refunded")
            | words(REFUNDED, "refunded")
            | words("pending", "pending", "authorized", "unpaid")
            | words("voided", "voided", "expired"),
        ),
        Outcome(("Cancelled at",), filled="voided"),
    ),
    identity=("email", "name"),
    order_level=True,
    line_discounts=("Lineitem discount",),
    filled_once=(
        "Email",
        "Billing Name",
        "Shipping Name",
        "Billing Phone",
        "Phone",
        "Shipping Phone",
        "Billing Country",
        "Shipping Country",
        "Billing Province Name",
        "Billing Province",
        "Shipping Province Name",
        "Shipping Province",
        "Billing City",
        "Shipping City",
        "Created at",
        "Paid at",
        "Currency",
        "Financial Status",
        "Cancelled at",
        "Source",
        "Employee",
    ),
    refunds=("Refunded Amount",),
    notes=(
        "One row per line item: order values stand on the first row only.",
        "Refunded Amount has no day of its own and takes the order's; what exceeds the goods is "
        "shipping and tax paid back, and no sale.",
        "The day is the date as written, in the shop's own time zone.",
    ),
)

PAYMENTS = Format(
    key="shopify-payments",
    title="Shopify payment transactions",
    required=("Transaction Date", "Type", "Order", "Payout ID", "Fee", "Net"),
    fields={"order": ("Order",), "day": ("Transaction Date",), "amount": ("Amount",)},
    amount_is="nothing: the same money stands in the orders export",
    refusal=(
        "Wanted Shopify's orders, found its payment transactions, which name no client and "
        "repeat the money of the orders; export Orders (all columns) and import that file."
    ),
)
