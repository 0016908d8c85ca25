"""Etsy sold order items."""

from __future__ import annotations

from crm_core.intake.formats.description import Format

SOLD_ITEMS = Format(
    key="etsy-sold-items",
    title="Etsy sold order items",
    required=("Sale Date", "Item Name", "Buyer", "Item Total", "Order ID"),
    fields={
        "name": ("Buyer",),
        "country": ("Ship Country",),
        "region": ("Ship State",),
        "city": ("Ship City",),
        "order": ("Order ID",),
        "day": ("Sale Date",),
        "amount": ("Item Total",),
        "quantity": ("Quantity",),
        "unit_price": ("Price",),
        "currency": ("Currency",),
        "product": ("Item Name",),
        "channel": ("Order Type",),
    },
    amount_is=(
        "Item Total less the order's discounts (Discount Amount, InPerson Discount), spread over "
        "the order's lines; before sales tax and shipping"
    ),
    order_discounts=("Discount Amount", "InPerson Discount"),
    identity=("name",),
    day_order="mdy",
    notes=(
        "The file has no e-mail: the buyer's name is the client.",
        "Every row is a sale; Etsy lists no refunds here.",
        "Days have a two-digit year, month first in American shops and day first in others: the "
        "file's own dates decide, month first where none does.",
    ),
)
