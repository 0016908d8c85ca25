"""The page ``docs/formats.md``, written from the descriptions themselves."""

from __future__ import annotations

from collections.abc import Iterable

from crm_core.intake.formats import FORMATS
from crm_core.intake.formats.description import REFUND, REFUNDED, SALE, Format

_OPENING = """# Export formats

Regulars recognises these exports by their required columns, in any order; case, spaces, asterisks
and accents in the names do not matter. Of several formats that fit, the one with most required
columns wins. `--map FIELD=COLUMN` overrules any column named here.

Any other file is mapped by the names and the content of its columns, or by hand.

Status values are written as they are compared: lower case, signs as spaces. A value nobody knows
counts as a sale, and the import says so. An amount is goods and services after discounts, before
tax, shipping, tips and fees, as far as the file tells them apart.

This page is made from the descriptions in `crm_core/intake/formats/`; a test keeps it in step
(`python -m crm_core.intake.formats.document > docs/formats.md` writes it anew).
"""
_SHOWN = {
    "amount": "Amount",
    "day": "Day",
    "order": "Order",
    "refund_of": "Order a refund names",
    "quantity": "Quantity",
    "unit_price": "Price",
    "currency": "Currency",
    "product": "Product",
    "category": "Category",
    "channel": "Channel",
    "manager": "Manager",
    "known_on": "Known on",
}
_WHO = {"client": "id", "email": "e-mail", "name": "name"}


def write_document() -> str:
    """Return the text of ``docs/formats.md``.

    Examples
    --------
    >>> write_document().splitlines()[0]
    '# Export formats'
    """
    return "\n".join([_OPENING, *(_section(known) for known in FORMATS)])


def _section(known: Format) -> str:
    lines = [f"## {known.title}", "", f"Key `{known.key}`. Recognised by {_required(known)}.", ""]
    if known.refusal:
        return "\n".join([*lines, f"Not imported. {known.refusal}", ""])
    lines += [f"**The amount is** {known.amount_is}.", "", "| what | column |", "|---|---|"]
    lines += [f"| {what} | {columns} |" for what, columns in _rows(known)]
    if known.outcomes:
        lines += ["", "| column | value | counts as |", "|---|---|---|"]
        lines += [f"| {column} | {values} | {kind} |" for column, values, kind in _outcomes(known)]
    if known.notes:
        lines += ["", *(f"- {note}" for note in known.notes)]
    return "\n".join([*lines, ""])


def _required(known: Format) -> str:
    return ", ".join(_one_of(name.split("|")) for name in known.required)


def _rows(known: Format) -> list[tuple[str, str]]:
    fields = known.fields
    who = []
    for field in known.identity:
        if field in fields:
            who.append(f"{_WHO[field]}: {_one_of(fields[field])}")
        elif field == "name" and known.name_parts:
            who.append(f"name: {_all(known.name_parts)}")
    rows = [("Client, first filled one", "; ".join(who) or "none in the file")]
    rows += [(label, _one_of(fields[f])) for f, label in _SHOWN.items() if f in fields]
    for label, columns in (
        ("Taken off the amount", known.less),
        ("Discount taken off the order's lines", known.order_discounts),
        ("Paid back, on the order's day", known.refunds),
    ):
        if columns:
            rows.append((label, _all(columns)))
    if known.negative:
        rows.append(("A negative amount that is no refund", known.negative))
    if known.utc:
        rows.append(("Days are", "UTC"))
    return rows


def _outcomes(known: Format) -> list[tuple[str, str, str]]:
    rows = []
    for outcome in known.outcomes:
        column = _one_of(outcome.columns)
        if outcome.filled:
            rows.append((column, "anything", _kind(outcome.filled)))
        grouped: dict[str, list[str]] = {}
        for value, kind in outcome.values.items():
            grouped.setdefault(kind, []).append(value)
        for phrase, kind in outcome.phrases:
            grouped.setdefault(kind, []).append(f"…{phrase}…")
        rows += [(column, ", ".join(values), _kind(kind)) for kind, values in grouped.items()]
        if outcome.otherwise:
            rows.append((column, "anything else", _kind(outcome.otherwise)))
    return rows


def _kind(kind: str) -> str:
    return {
        SALE: "a sale",
        REFUND: "a refund (negative)",
        REFUNDED: "a sale paid back in full",
    }.get(kind, f"no sale: {kind}")


def _one_of(names: Iterable[str]) -> str:
    return " or ".join(f"`{name}`" for name in names)


def _all(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    print(write_document(), end="")  # noqa: T201
