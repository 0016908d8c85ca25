"""The export formats Regulars knows, each described once."""

from __future__ import annotations

from crm_core.errors import MappingError
from crm_core.intake.formats import (
    etsy,
    hubspot,
    others,
    paypal,
    quickbooks,
    shopify,
    square,
    stripe,
    woocommerce,
    xero,
)
from crm_core.intake.formats.description import Format

FORMATS: tuple[Format, ...] = (
    shopify.ORDERS,
    shopify.PAYMENTS,
    woocommerce.LINES,
    woocommerce.SUITE,
    woocommerce.MINIMAL,
    woocommerce.ANALYTICS,
    stripe.PAYMENTS,
    stripe.BALANCE,
    stripe.ITEMISED,
    square.TRANSACTIONS,
    square.ITEMS,
    paypal.ACTIVITY,
    etsy.SOLD_ITEMS,
    xero.INVOICES,
    hubspot.DEALS,
    hubspot.CONTACTS,
    hubspot.COMPANIES,
    quickbooks.SALES,
    others.MAGENTO,
    others.BIGCOMMERCE,
    others.AMAZON,
)


def format_named(key: str) -> Format:
    """Return the format with a key, or raise ``MappingError`` naming those there are."""
    for known in FORMATS:
        if known.key == key:
            return known
    keys = ", ".join(known.key for known in FORMATS)
    raise MappingError(f"Wanted a known format, found “{key}”; choose one of {keys}.")
