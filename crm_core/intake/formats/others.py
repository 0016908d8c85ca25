"""Magento, BigCommerce and Amazon orders."""

from __future__ import annotations

from crm_core.intake.formats.description import REFUNDED, SALE, Format, Outcome, words

MAGENTO = Format(
    key="magento-orders",
    title="Magento 2 orders",
    required=("ID", "Purchase Date", "Bill-to Name", "Grand Total (Base)", "Status"),
    fields={
        "email": ("Customer Email",),
        "name": ("Customer Name", "Bill-to Name"),
        "segment": ("Customer Group",),
        "order": ("ID",),
        "day": ("Purchase Date",),
        "amount": ("Grand Total (Base)",),
        "status": ("Status",),
        "channel": ("Purchase Point",),
    },
    amount_is=(
        "Grand Total (Base) less Shipping and Handling; tax is in it, because the file has no "
        "column for it"
    ),
    outcomes=(
        Outcome(
            ("Status",),
            words(SALE, "complete", "processing")
            | words(REFUNDED, "closed")
            | words("pending", "pending", "pending payment", "on hold", "payment review")
            | words("pending", "suspected fraud", "holded")
            | words("voided", "canceled", "cancelled"),
        ),
    ),
    identity=("email", "name"),
    less=("Shipping and Handling",),
    refunds=("Total Refunded",),
    notes=("Total Refunded has no day of its own and takes the order's.",),
)

BIGCOMMERCE = Format(
    key="bigcommerce-orders",
    title="BigCommerce orders",
    required=("Order ID", "Order Date", "Order Status", "Order Total", "Cart Base Amount"),
    fields={
        "email": ("Email Address", "Customer Email"),
        "phone": ("Phone", "Billing Phone"),
        "country": ("Billing Country",),
        "region": ("Billing State",),
        "city": ("Billing Suburb", "Billing City"),
        "order": ("Order ID",),
        "day": ("Order Date",),
        "amount": ("Order Total",),
        "currency": ("Order Currency Code", "Currency"),
        "status": ("Order Status",),
    },
    amount_is="Order Total less Tax Total and Shipping Total",
    outcomes=(
        Outcome(
            ("Order Status",),
            words(SALE, "completed", "shipped", "partially shipped", "awaiting fulfillment")
            | words(SALE, "awaiting shipment", "awaiting pickup", "partially refunded", "disputed")
            | words(REFUNDED, "refunded")
            | words("pending", "pending", "awaiting payment", "manual verification required")
            | words("draft", "incomplete")
            | words("voided", "cancelled", "canceled")
            | words("failed", "declined"),
        ),
    ),
    name_parts=("First Name", "Last Name"),
    identity=("email", "name"),
    less=("Tax Total", "Shipping Total"),
    order_level=True,
    refunds=("Refund Amount",),
    notes=("Refund Amount has no day of its own and takes the order's.",),
)

AMAZON = Format(
    key="amazon-orders",
    title="Amazon Seller Central orders",
    required=("amazon-order-id", "purchase-date", "order-status|order-item-id", "item-price"),
    fields={
        "email": ("buyer-email",),
        "name": ("buyer-name", "recipient-name"),
        "country": ("ship-country",),
        "region": ("ship-state",),
        "city": ("ship-city",),
        "order": ("amazon-order-id",),
        "day": ("purchase-date",),
        "amount": ("item-price",),
        "quantity": ("quantity", "quantity-purchased"),
        "currency": ("currency",),
        "status": ("order-status",),
        "product": ("product-name",),
        "channel": ("sales-channel",),
    },
    amount_is="item-price of one line less item-promotion-discount",
    outcomes=(
        Outcome(
            ("order-status",),
            words(SALE, "shipped", "unshipped", "partially shipped", "complete")
            | words(SALE, "shipped delivered to buyer", "shipped picked up", "shipping")
            | words("pending", "pending", "pending availability", "payment pending")
            | words("voided", "cancelled", "canceled", "unfulfillable"),
            phrases=(("shipped returned", REFUNDED), ("shipped rejected", REFUNDED)),
        ),
    ),
    identity=("email", "name"),
    less=("item-promotion-discount",),
    utc=True,
    notes=("Most Amazon lists name no buyer: their sales are sales without a client.",),
)
