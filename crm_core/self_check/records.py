"""The ledger held against the records: client by client, sum by sum."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
from sqlalchemy import Connection

from crm_core.formatting import format_count, format_money, one_line, plural
from crm_core.ledger import Ledger
from crm_core.records.stored_sums import count_live_sales, counts_by_client, known_clients
from crm_core.records.waiting import waiting_currencies
from crm_core.self_check.findings import REPORT_IT, Check
from crm_core.self_check.plain_sums import Places, PlainSums
from crm_core.tables import IntArray, sum_segments

HAND_MADE = {
    "contacts": "Contacts",
    "endings": "Endings",
    "contracts": "Contracts",
    "overrides": "Stages set by hand",
}
AGAIN = "Let the ledger be made again (python -m crm_core check --rebuild). " + REPORT_IT


def ledger_checks(
    connection: Connection, ledger: Ledger, sums: Callable[[], PlainSums]
) -> Iterator[Check]:
    """Yield the checks of a ledger against the records it was made from.

    Parameters
    ----------
    connection : Connection
        Reading.
    ledger : Ledger
        Made in the same moment.
    sums : callable
        The plain sums of all days, computed once.
    """
    places = cache(lambda: Places(connection, ledger))
    yield Check(
        "Clients of the ledger",
        "who is in the ledger, with who is known by an import in force or by hand",
        lambda: _client_fault(ledger, places().shown(known_clients(connection))),
        AGAIN,
        f"The same {plural(ledger.n_clients, 'client')}.",
    )
    sales = ledger.sales
    columns: dict[str, tuple[str, Callable[[], IntArray], bool]] = {
        "net": (
            "Net sales of every client",
            lambda: sum_segments(sales.amount, sales.offsets),
            True,
        ),
        "rows": ("Sales of every client", lambda: np.diff(sales.offsets), False),
        "days": ("Days of every client's sales", lambda: _sum_days(ledger), False),
        "orders": (
            "Orders of every client",
            lambda: sum_segments(sales.order_start, sales.offsets),
            False,
        ),
    }
    for name, (title, found, is_money) in columns.items():
        yield Check(
            title,
            "the ledger, with the sum the database itself makes",
            lambda name=name, found=found, is_money=is_money: _sums_fault(  # type: ignore[misc]
                ledger, getattr(sums(), name)[:-1], found(), is_money=is_money
            ),
            AGAIN,
            f"The same for each of {plural(ledger.n_clients, 'client')}.",
        )
    yield Check(
        "Purchases",
        "the days on which a client's orders began, with the purchases of the ledger",
        lambda: _purchases_fault(ledger),
        AGAIN,
        f"The same {plural(len(ledger.purchases), 'purchase')}.",
    )
    yield Check(
        "Sales without a client",
        "rows and money of the ledger, with the sum the database itself makes",
        lambda: _nobody_fault(ledger, sums()),
        AGAIN,
    )
    yield Check(
        "From the records to the ledger",
        "sales that count, with those in the ledger and those that wait for a rate",
        lambda: _lost_fault(connection, ledger),
        AGAIN,
        "Every sale that counts is in one of the two.",
    )
    for kind, title in HAND_MADE.items():
        yield Check(
            title,
            "how many each client has and their days, with the records",
            lambda kind=kind: _hand_made_fault(connection, ledger, places(), kind),  # type: ignore[misc]
            AGAIN,
        )


def _sum_days(ledger: Ledger) -> IntArray:
    return sum_segments(ledger.sales.day, ledger.sales.offsets)


def _client_fault(ledger: Ledger, wanted: IntArray) -> str | None:
    there = np.sort(ledger.clients.record_id)
    missing, extra = np.setdiff1d(wanted, there), np.setdiff1d(there, wanted)
    if not len(missing) and not len(extra):
        return None
    example = int(missing[0] if len(missing) else extra[0])
    return (
        f"{plural(len(missing), 'client')} missing in the ledger, {format_count(len(extra))} too "
        f"many, the first with the record number {example}."
    )


def _sums_fault(ledger: Ledger, wanted: IntArray, found: IntArray, *, is_money: bool) -> str | None:
    wrong = np.flatnonzero(wanted != found)
    if not len(wrong):
        return None
    first = int(wrong[0])
    said, is_ = (_say(int(values[first]), is_money) for values in (wanted, found))
    name = one_line(str(ledger.clients.name[first].as_py()))
    more = f"; {plural(len(wrong), 'client')} in all" if len(wrong) > 1 else ""
    return f"“{name}” has {is_} in the ledger and {said} in the records{more}."


def _say(value: int, is_money: bool) -> str:
    return format_money(value, places=2 if value % 100 == 0 else 4) if is_money else f"{value:,}"


def _purchases_fault(ledger: Ledger) -> str | None:
    """Return where the purchases are not the distinct days of a client's order starts."""
    sales, purchases = ledger.sales, ledger.purchases
    rows = np.flatnonzero(sales.order_start)
    owner = np.searchsorted(sales.offsets, rows, side="right") - 1
    wanted = np.unique((owner << 32) + sales.day[rows])
    found = (purchases.clients().astype(np.int64) << 32) + purchases.day
    if np.array_equal(wanted, found):
        return None
    first = np.setxor1d(wanted, found)
    name = str(ledger.clients.name[int(first[0]) >> 32].as_py()) if len(first) else "nobody"
    return (
        f"Orders began on {plural(len(wanted), 'day')} of clients, the ledger has "
        f"{plural(len(found), 'purchase')}; they differ for “{one_line(name)}”."
    )


def _nobody_fault(ledger: Ledger, sums: PlainSums) -> str | None:
    found = len(ledger.unnamed_amount), int(ledger.unnamed_amount.sum())
    wanted = int(sums.rows[-1]), int(sums.net[-1])
    if found == wanted:
        return None
    return (
        f"The ledger has {plural(found[0], 'row')} and {_say(found[1], True)}, the records "
        f"{plural(wanted[0], 'row')} and {_say(wanted[1], True)}."
    )


def _lost_fault(connection: Connection, ledger: Ledger) -> str | None:
    held = len(ledger.sales) + len(ledger.unnamed_day)
    waiting = sum(one.rows for one in waiting_currencies(connection))
    counted = count_live_sales(connection)
    if held + waiting == counted:
        return None
    return (
        f"{plural(counted, 'sale')} count, but {format_count(held)} are in the ledger and "
        f"{format_count(waiting)} wait for a rate."
    )


def _hand_made_fault(
    connection: Connection, ledger: Ledger, places: Places, kind: str
) -> str | None:
    clients, rows, days = counts_by_client(connection, kind)
    table, at = ledger.tables()[kind], places.of(clients)
    for wanted, found in (
        (rows, np.diff(table.offsets)),
        (days, sum_segments(table.columns()["day"], table.offsets)),
    ):
        sums = np.zeros(ledger.n_clients + 1, dtype=np.int64)
        np.add.at(sums, at, wanted)
        fault = _sums_fault(ledger, sums[:-1], found, is_money=False)
        if fault:
            return fault
    return None
