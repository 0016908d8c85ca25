"""What became of a file, in sentences; names in them are made safe."""

from __future__ import annotations

from collections.abc import Mapping

from crm_core.formatting import (
    format_count,
    format_day,
    format_money,
    join_words,
    md_escape,
    plural,
)
from crm_core.records.import_report import ImportReport, Money, Tally

FIELD_WORDS = {
    "client": "Client number",
    "name": "Client name",
    "email": "E-mail",
    "day": "Day of the sale",
    "amount": "Amount",
    "order": "Order or invoice number",
    "quantity": "Pieces",
    "unit_price": "Price of one piece",
    "currency": "Currency",
    "status": "Status",
    "refund_of": "Refund of order",
    "product": "Product",
    "category": "Product category",
    "channel": "Channel",
    "manager": "Who looks after the client",
    "known_on": "Client known since",
    "birthday": "Birthday",
    "phone": "Phone",
    "country": "Country",
    "region": "Region",
    "city": "City",
    "segment": "Segment",
    "department": "Department",
    "source": "Where the client came from",
}
"""What the screen calls each field of a mapping."""

LEAD = "lead"
"""The kind of row that is no sale and is kept: a client who has not bought."""

MAIN_FIELDS = ("client", "name", "email", "day", "amount", "order")

END_WORDS = {
    "sale_with_client": "Sales with a client",
    "sale_without_client": "Sales without a client",
    "already_stored": "Already stored",
    "not_a_sale": "Not a sale",
    "held_back": "Held back",
}
"""The five ends of a row."""

NOUNS = (
    *("lead", "fee", "payout", "hold", "conversion", "transfer", "adjustment", "memo"),
    *("subtotal", "heading", "footer", "payment", "estimate", "draft", "open deal", "lost deal"),
    *("own payment", "own purchase"),
)
"""Kinds of rows that are no sales and have a plural."""

HEADLINES = (
    ("clients.known", "Known clients", "count"),
    ("clients.buyers", "Clients who bought", "count"),
    ("orders", "Orders", "count"),
    ("sales.net", "Net sales of clients", "money"),
    ("sales.without_client", "Sales without a client", "money"),
    ("pareto.for80.clients", "Clients for 80 % of sales", "count"),
    ("stages.commitment", "Regulars", "count"),
    ("stages.late", "Late", "count"),
    ("stages.termination", "Gone", "count"),
    ("last_day", "Last day with sales", "day"),
)
"""The figures of a dry run, before and after: key of the report, words, kind."""


def say_money(money: Money, currency: str | None) -> str:
    r"""Return sums of money by currency, exact to two decimals.

    Examples
    --------
    >>> say_money({None: 34_100_000, "DKK": 10_000}, None), say_money({}, "EUR")
    ('3,410.00 and 1.00\xa0DKK', '0.00\xa0EUR')
    """
    parts = [
        format_money(amount, code or currency, places=2)
        for code, amount in money.items()
        if amount or code is None
    ]
    return join_words(parts or [format_money(0, currency, places=2)])


def report_sentence(report: ImportReport, currency: str | None) -> str:
    """Say what became of a file's rows and money.

    Parameters
    ----------
    report : ImportReport
        Of one import.
    currency : str or None
        The reporting currency.

    Returns
    -------
    str
        Markdown; "9,214 of 9,231 rows taken; 17 held back (3,410.00); …"
    """
    ends = report.ends()
    held, other, unnamed = (
        ends[name] for name in ("held_back", "not_a_sale", "sale_without_client")
    )
    leads = report.not_a_sale.get(LEAD, Tally())
    n_other = other.rows - leads.rows
    taken = report.total.rows - held.rows - n_other
    parts = [f"**{format_count(taken)} of {plural(report.total.rows, 'row')}** taken"]
    if leads.rows:
        parts.append(f"{format_count(leads.rows)} of them leads without a sale")
    if ends["already_stored"].rows:
        parts.append(f"{format_count(ends['already_stored'].rows)} of them stored before")
    if n_other:
        parts.append(f"{_are(n_other, 'no sale', 'no sales')} ({_kinds(report.not_a_sale)})")
    if held.rows:
        parts.append(f"**{format_count(held.rows)} held back** ({say_money(held.money, currency)})")
    if unnamed.money:
        parts.append(f"{say_money(unnamed.money, currency)} has no client")
    elif unnamed.rows:
        parts.append(f"{plural(unnamed.rows, 'row')} without a client")
    parts.append(f"total **{say_money(report.total.money, currency)}, as in your file**")
    return "; ".join(parts) + "."


def _are(count: int, one: str, many: str) -> str:
    return f"{format_count(count)} {'is ' + one if count == 1 else 'are ' + many}"


def _kinds(tallies: Mapping[str, Tally]) -> str:
    kinds = [
        plural(t.rows, kind) if kind in NOUNS else f"{format_count(t.rows)} {kind}"
        for kind, t in tallies.items()
        if kind != LEAD
    ]
    return md_escape(join_words(kinds[:4] + (["others"] if len(kinds) > 4 else [])))


def days_sentence(report: ImportReport) -> str:
    """Say which days and clients a file covers."""
    clients = f"{plural(report.n_clients, 'client')}, {format_count(report.n_new_clients)} new"
    if report.first_day is None or report.last_day is None:
        return f"{clients}; no days."
    return f"{clients}; {format_day(report.first_day)} to {format_day(report.last_day)}."
