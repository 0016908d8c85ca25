"""Small ledgers written the way a person writes them down."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from crm_core.assembly import EventRows, SaleRows, assemble
from crm_core.ledger import Ledger
from crm_core.money import to_ten_thousandths
from crm_core.records.staged import (
    IDENTITY_KINDS,
    NO_QUANTITY,
    StagedClients,
    StagedImport,
    StagedSales,
    UnusedRows,
    WithdrawnOrders,
)
from crm_core.tables import END_REASONS, NEVER, STAGES, WHO_ENDED, Clients, Coded, to_day

DayLike = int | str | date

ROW_FIELDS = (
    "quantity", "order", "refund_of", "currency", "product", "category", "channel", "manager",
)  # fmt: skip


def as_day(value: DayLike) -> int:
    """Return days since 1970-01-01 for an ISO text, a date or the days themselves."""
    if isinstance(value, str):
        value = date.fromisoformat(value)
    return to_day(value) if isinstance(value, date) else int(value)


def day_column(values: Sequence[DayLike]) -> np.ndarray:
    return np.array([as_day(value) for value in values], dtype=np.int32)


def make_sale_rows(
    orders: Mapping[str, Sequence[Sequence[Any]]], index: Mapping[str, int]
) -> SaleRows:
    """Return the rows ``(day, amount[, reference[, refund_of]])``; client "" is nobody."""
    keys: dict[tuple[str, str], int] = {}

    def key_of(client: str, reference: str | None) -> int:
        return 0 if reference is None else keys.setdefault((client, reference), len(keys) + 1)

    columns: dict[str, list[int]] = {
        name: [] for name in ("client", "day", "amount", "order", "refund_of")
    }
    number = 0
    for client, rows in orders.items():
        for row in rows:
            day, amount, reference, refund_of = (*row, None, None)[:4]
            number += 1
            columns["client"].append(index.get(client, -1))
            columns["day"].append(as_day(day))
            columns["amount"].append(to_ten_thousandths(str(amount)))
            columns["order"].append(-number if reference is None else key_of(client, reference))
            columns["refund_of"].append(key_of(client, refund_of))
    n = len(columns["day"])
    return SaleRows(
        client=np.array(columns["client"], dtype=np.int32),
        day=np.array(columns["day"], dtype=np.int32),
        amount=np.array(columns["amount"], dtype=np.int64),
        order=np.array(columns["order"], dtype=np.int64),
        refund_of=np.array(columns["refund_of"], dtype=np.int64),
        product=np.full(n, -1, dtype=np.int32),
        channel=np.full(n, -1, dtype=np.int16),
        manager=np.full(n, -1, dtype=np.int16),
    )


def make_events(
    rows: Mapping[str, Sequence[tuple[Any, ...]]],
    index: Mapping[str, int],
    dtypes: Mapping[str, Any],
) -> EventRows | None:
    """Return rows of a small table by client; None where there are none."""
    flat = [(index[client], *row) for client, own in rows.items() for row in own]
    if not flat:
        return None
    client, *columns = zip(*flat, strict=True)
    return EventRows(
        np.array(client, dtype=np.int32),
        {
            name: np.array(column, dtype=dtype)
            for (name, dtype), column in zip(dtypes.items(), columns, strict=True)
        },
    )


def make_attributes(
    attributes: Mapping[str, Mapping[str, str]], names: Sequence[str]
) -> dict[str, Coded]:
    coded = {}
    for field, values in attributes.items():
        labels = tuple(sorted(set(values.values())))
        codes = [labels.index(values[n]) if n in values else -1 for n in names]
        coded[field] = Coded(np.array(codes, dtype=np.int32), labels)
    return coded


def make_ledger(
    orders: Mapping[str, Sequence[Sequence[Any]]],
    *,
    created: Mapping[str, DayLike] | None = None,
    inbound: Mapping[str, Sequence[DayLike]] | None = None,
    outbound: Mapping[str, Sequence[DayLike]] | None = None,
    closed: Mapping[str, Sequence[Sequence[Any]]] | None = None,
    contracts: Mapping[str, Sequence[Sequence[Any]]] | None = None,
    overrides: Mapping[str, Sequence[Sequence[Any]]] | None = None,
    attributes: Mapping[str, Mapping[str, str]] | None = None,
    currency: str | None = None,
) -> Ledger:
    """Build a ledger from rows a person can write down.

    Parameters
    ----------
    orders : mapping of str to rows
        ``(day, amount[, reference[, refund_of]])`` by client; days as ISO text, date or
        int, amounts in units. The client ``""`` is nobody: sales without a client.
    created : mapping of str to day
        The recorded day a client became known.
    inbound, outbound : mapping of str to days
        Contacts by client.
    closed : mapping of str to rows
        Endings ``(day, reason[, who])``; who is "unknown" when not named.
    contracts : mapping of str to rows
        ``(start, end, "trial" or "paid"[, notice day or None])``.
    overrides : mapping of str to rows
        ``(stage, reason, set_on, expires_on)``.
    attributes : mapping of str to mapping of str to str
        Client attributes: field to client to text.
    currency : str or None
        The reporting currency.
    """
    created, closed = created or {}, closed or {}
    contracts, overrides = contracts or {}, overrides or {}
    inbound, outbound = inbound or {}, outbound or {}
    named = (orders, created, inbound, outbound, closed, contracts, overrides)
    names = sorted({client for table in named for client in table} - {""})
    index = {name: position for position, name in enumerate(names)}
    clients = Clients(
        record_id=np.arange(1, len(names) + 1, dtype=np.int64),
        external_id=pa.array(names, pa.string()),
        name=pa.array(names, pa.string()),
        known_on=day_column([created.get(name, NEVER) for name in names]),
        attributes=make_attributes(attributes or {}, names),
    )
    calls = {
        name: [(as_day(day), True) for day in inbound.get(name, ())]
        + [(as_day(day), False) for day in outbound.get(name, ())]
        for name in names
    }
    ends = {
        name: [
            (as_day(row[0]), WHO_ENDED.index((*row, "unknown")[2]), END_REASONS.index(row[1]))
            for row in rows
        ]
        for name, rows in closed.items()
    }
    terms = {
        name: [
            (as_day(start), as_day(end), kind == "trial", as_day(rest[0]) if any(rest) else NEVER)
            for start, end, kind, *rest in rows
        ]
        for name, rows in contracts.items()
    }
    moves = {
        name: [
            (as_day(set_on), as_day(expires_on), STAGES.index(stage.lower()))
            for stage, _reason, set_on, expires_on in rows
        ]
        for name, rows in overrides.items()
    }
    day = np.int32
    return assemble(
        clients,
        make_sale_rows(orders, index),
        contacts=make_events(calls, index, {"day": day, "inbound": bool}),
        endings=make_events(ends, index, {"day": day, "who": np.int8, "reason": np.int8}),
        contracts=make_events(terms, index, {"day": day, "end": day, "trial": bool, "notice": day}),
        overrides=make_events(moves, index, {"day": day, "expires_on": day, "stage": np.int8}),
        currency=currency,
    )


def code_texts(texts: Sequence[str | None]) -> Coded:
    """Return a text column as codes; None is missing."""
    labels = tuple(sorted({text for text in texts if text is not None}))
    place = {label: code for code, label in enumerate(labels)}
    return Coded(np.array([place.get(t, -1) for t in texts], dtype=np.int32), labels)  # type: ignore[arg-type]


def make_staged(
    rows: Sequence[Mapping[str, Any]],
    *,
    clients: Mapping[str, Mapping[str, Any]] | None = None,
    kind: str = "id",
    source: str = "main",
    file_name: str = "sales.csv",
    unused: UnusedRows | None = None,
    days_missing: bool = False,
    mapping: Mapping[str, Any] | None = None,
    withdrawn: Sequence[tuple[str, str | None]] = (),
) -> StagedImport:
    """Build what intake hands over.

    Parameters
    ----------
    rows : sequence of mapping
        Sales: ``client`` (None for nobody), ``day``, ``amount`` in units, and where given
        ``quantity, order, refund_of, currency, product, category, channel, manager``.
    clients : mapping of str to mapping
        Attributes by client; ``known_on`` and ``birthday`` are days. Without rows: leads.
    withdrawn : sequence of (str, str or None)
        Order and client of what the file has as no sale.
    """
    said = {row["client"]: {} for row in rows if row.get("client") is not None} | dict(
        clients or {}
    )
    names = list(said)
    fields = sorted({f for own in said.values() for f in own} - {"known_on", "birthday"})
    columns = {f: [row.get(f) for row in rows] for f in ROW_FIELDS}
    amount = np.array([to_ten_thousandths(str(row["amount"])) for row in rows], dtype=np.int64)
    n, day = len(rows), day_column([row["day"] for row in rows])
    unused = unused or UnusedRows()
    currency = [*columns["currency"], *unused.currency]
    money: dict[str | None, int] = {}
    for code, value in zip(
        currency, [*amount.tolist(), *(a or 0 for a in unused.amount)], strict=True
    ):
        money[code] = money.get(code, 0) + value
    quantity = [NO_QUANTITY if q is None else int(q * 10_000) for q in columns["quantity"]]
    return StagedImport(
        source=source,
        file_name=file_name,
        fingerprint=hashlib.sha256(
            repr((rows, clients, kind, unused, withdrawn)).encode()
        ).hexdigest(),
        clients=StagedClients(
            kind=np.full(len(names), IDENTITY_KINDS.index(kind), dtype=np.int8),
            value=tuple(names),
            label=tuple(names),
            attributes={f: code_texts([own.get(f) for own in said.values()]) for f in fields},
            known_on=day_column([own.get("known_on", NEVER) for own in said.values()]),
            birthday=day_column([own.get("birthday", NEVER) for own in said.values()]),
        ),
        sales=StagedSales(
            line=np.arange(2, n + 2, dtype=np.int64),
            client=np.array(
                [-1 if row.get("client") is None else names.index(row["client"]) for row in rows],
                dtype=np.int32,
            ),
            day=day,
            amount=amount,
            quantity=np.array(quantity, dtype=np.int64),
            order_ref=pa.array(columns["order"], pa.string()),
            refund_of=pa.array(columns["refund_of"], pa.string()),
            currency=code_texts(columns["currency"]),
            product=code_texts(columns["product"]),
            category=code_texts(columns["category"]),
            channel=code_texts(columns["channel"]),
            manager=code_texts(columns["manager"]),
        ),
        unused=unused,
        n_rows=n + len(unused.line),
        money=money,
        columns=("client", "day", "amount"),
        mapping=mapping or {},
        days_missing=days_missing,
        covered=(int(day.min()), int(day.max())) if n else None,
        withdrawn=_withdrawn(withdrawn, kind),
    )


def _withdrawn(orders: Sequence[tuple[str, str | None]], kind: str) -> WithdrawnOrders:
    names = sorted({client for _, client in orders if client is not None})
    places = [-1 if client is None else names.index(client) for _, client in orders]
    return WithdrawnOrders(
        order_ref=pa.array([order for order, _ in orders], pa.string()),
        client=np.array(places, dtype=np.int32),
        kind=np.full(len(names), IDENTITY_KINDS.index(kind), dtype=np.int8),
        value=tuple(names),
    )
