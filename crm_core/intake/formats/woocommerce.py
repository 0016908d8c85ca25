"""WooCommerce: four ways its orders leave the shop."""

from __future__ import annotations

from crm_core.intake.formats.description import REFUNDED, SALE, Format, Outcome, words

_STATUSES = (
    words(SALE, "completed", "processing", "shipped", "delivered")
    | words(REFUNDED, "refunded")
    | words("pending", "pending", "pending payment", "on hold")
    | words("voided", "cancelled", "canceled", "trash")
    | words("failed", "failed")
    | words("draft", "draft", "checkout draft", "auto draft")
)
_ONCE = "Counted once an order, however many rows repeat it."

LINES = Format(
    key="woocommerce-lines",
    title="WooCommerce order lines (Advanced Order Export)",
    required=(
        "Order Number",
        "Order Status",
        "Order Date",
        "Order Line (w/o tax)|Order Line Total",
        "Email (Billing)",
    ),
    fields={
        "email": ("Email (Billing)",),
        "phone": ("Phone (Billing)",),
        "country": ("Country Code (Billing)", "Country Name (Billing)"),
        "region": ("State Code (Billing)", "State Name (Billing)"),
        "city": ("City (Billing)",),
        "order": ("Order Number",),
        "day": ("Order Date",),
        "amount": ("Order Line (w/o tax)", "Order Line Total"),
        "quantity": ("Quantity",),
        "currency": ("Order Currency",),
        "status": ("Order Status",),
        "product": ("Name",),
        "category": ("Category",),
    },
    amount_is=(
        "Order Line (w/o tax): one line's goods after discounts, before tax and shipping; "
        "Order Line Total only where that column is missing"
    ),
    outcomes=(Outcome(("Order Status",), _STATUSES),),
    name_parts=("First Name (Billing)", "Last Name (Billing)"),
    identity=("email", "name"),
    refunds=("Order Refund Amount",),
    notes=(
        "Order totals are repeated on every row and are never summed.",
        "Order Refund Amount is counted once an order, on the order's day, up to its goods.",
    ),
)

SUITE = Format(
    key="woocommerce-suite",
    title="WooCommerce orders (Customer/Order CSV Export)",
    required=("order_id", "order_number", "order_total", "shipping_total", "billing_email"),
    fields={
        "email": ("billing_email",),
        "phone": ("billing_phone",),
        "country": ("billing_country",),
        "region": ("billing_state",),
        "city": ("billing_city",),
        "order": ("order_number", "order_id"),
        "day": ("date", "order_date"),
        "amount": ("order_total",),
        "currency": ("order_currency", "currency"),
        "status": ("status",),
    },
    amount_is="order_total less shipping_total and tax_total (which holds the shipping's tax)",
    outcomes=(Outcome(("status",), _STATUSES),),
    name_parts=("billing_first_name", "billing_last_name"),
    identity=("email", "name"),
    less=("shipping_total", "tax_total"),
    order_level=True,
    refunds=("refunded_total",),
    notes=(_ONCE,),
)

MINIMAL = Format(
    key="woocommerce-minimal",
    title="WooCommerce orders (short)",
    required=("order_id", "order_date", "order_total", "billing_email"),
    fields={
        "email": ("billing_email",),
        "phone": ("billing_phone",),
        "country": ("billing_country", "shipping_country"),
        "region": ("billing_state", "shipping_state"),
        "city": ("billing_city", "shipping_city"),
        "order": ("order_id",),
        "day": ("order_date",),
        "amount": ("order_total",),
        "currency": ("order_currency",),
        "status": ("status", "order_status"),
    },
    amount_is="order_total: only a total, with tax and shipping, because the file has no other",
    outcomes=(Outcome(("status", "order_status"), _STATUSES),),
    name_parts=("billing_first_name", "billing_last_name"),
    identity=("email", "name"),
    order_level=True,
    notes=(_ONCE,),
)

ANALYTICS = Format(
    key="woocommerce-analytics",
    title="WooCommerce Analytics orders",
    required=(
        "Date",
        "Order #|Commande n°|Bestellnummer|Bestellung Nr.|N.º de pedido|Pedido n.º",
        "Net sales|Ventes nettes|Nettoumsatz|Ventas netas",
    ),
    fields={
        "name": ("Customer", "Client", "Kunde", "Cliente"),
        "order": (
            "Order #",
            "Commande n°",
            "Bestellnummer",
            "Bestellung Nr.",
            "N.º de pedido",
            "Pedido n.º",
        ),
        "day": ("Date", "Datum", "Fecha"),
        "amount": ("Net sales", "Ventes nettes", "Nettoumsatz", "Ventas netas"),
        "status": ("Status", "État", "Estado"),
        "product": ("Product(s)", "Produit(s)", "Produkt(e)", "Producto(s)"),
        "channel": ("Attribution", "Zuordnung", "Atribución"),
    },
    amount_is="Net sales: goods after discounts and refunds, before tax and shipping",
    outcomes=(
        Outcome(
            ("Status", "État", "Estado"),
            {**_STATUSES, "refunded": SALE, "remboursee": SALE, "erstattet": SALE},
        ),
    ),
    identity=("name",),
    notes=(
        "The file has no e-mail: the name is the client.",
        "Net sales have refunds taken off already, so a refunded order counts with what is left.",
    ),
)
