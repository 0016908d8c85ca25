"""Xero sales invoices, one row per invoice line."""

from __future__ import annotations

import numpy as np

from crm_core.intake.amounts import AmountColumn, divide_half_even, multiply, parse_amounts
from crm_core.intake.columns import Cells
from crm_core.intake.formats.description import REFUND, SALE, Format, Outcome, words
from crm_core.money import UNIT


def _line_amounts(cells: Cells) -> AmountColumn:
    """Quantity × unit amount less the discount in per cent, exact, half-even."""
    table = cells.table
    quantity, price = cells.find("Quantity"), cells.find("UnitAmount")
    if quantity is None or price is None:
        raise KeyError("Quantity and UnitAmount")
    full = multiply(parse_amounts(table.column(quantity)), parse_amounts(table.column(price)))
    discount = cells.find("Discount")
    if discount is None:
        return full
    texts = cells.coded(discount).map(lambda text: text.rstrip("% ")).array()
    percent = parse_amounts(texts.fill_null(""))
    kept = 100 * UNIT - np.where(percent.ok, percent.values, 0)
    small = np.abs(full.values.astype(np.float64)) * np.abs(kept.astype(np.float64)) < 2.0**62
    exact = divide_half_even(np.where(small, full.values, 0) * kept, 100 * UNIT)
    rough = np.round(full.values / (100 * UNIT) * kept).astype(np.int64)
    readable = full.ok & (percent.ok | percent.blank)
    reasons = np.where(full.ok & ~readable, percent.reasons, full.reasons).astype(np.int8)
    return AmountColumn(
        values=np.where(readable, np.where(small, exact, rough), 0),
        ok=readable,
        blank=full.blank,
        reasons=reasons,
        signs=full.signs,
        sign_names=full.sign_names,
        marks=full.marks,
    )


INVOICES = Format(
    key="xero-invoices",
    title="Xero sales invoices",
    required=("ContactName", "InvoiceNumber", "InvoiceDate", "Quantity", "UnitAmount"),
    fields={
        "email": ("EmailAddress",),
        "name": ("ContactName",),
        "country": ("POCountry", "SACountry"),
        "region": ("PORegion", "SARegion"),
        "city": ("POCity", "SACity"),
        "order": ("InvoiceNumber",),
        "day": ("InvoiceDate",),
        "amount": ("UnitAmount",),
        "quantity": ("Quantity",),
        "unit_price": ("UnitAmount",),
        "currency": ("Currency",),
        "status": ("Status",),
        "product": ("Description",),
        "category": ("InventoryItemCode", "AccountCode"),
    },
    amount_is="Quantity × UnitAmount less Discount (per cent), one invoice line each; before tax",
    outcomes=(
        Outcome(
            ("Type",),
            words(SALE, "sales invoice", "invoice", "accrec")
            | words(REFUND, "sales credit note", "credit note", "accreccredit"),
        ),
        Outcome(
            ("Status",),
            words(SALE, "authorised", "authorized", "paid", "approved", "awaiting payment", "sent")
            | words("draft", "draft", "submitted", "awaiting approval")
            | words("voided", "voided", "deleted"),
        ),
    ),
    identity=("name",),
    derive_amount=_line_amounts,
    notes=(
        "The contact's name is the client, because one firm's invoices go to several e-mails.",
        "An invoice awaiting payment is a sale; a draft or a voided one is not.",
        "Where UnitAmount holds tax (Xero's “tax inclusive”), so does the amount: the file does "
        "not say which.",
    ),
)
