"""Comparing ledgers column by column."""

from __future__ import annotations

import numpy as np

from crm_core.ledger import Ledger


def columns_of(ledger: Ledger) -> dict[str, object]:
    """Return everything a ledger holds as plain lists, by name."""
    held: dict[str, object] = {
        "external_id": ledger.clients.external_id.to_pylist(),
        "name": ledger.clients.name.to_pylist(),
        "record_id": ledger.clients.record_id.tolist(),
        "known_on": ledger.clients.known_on.tolist(),
        "unnamed_day": ledger.unnamed_day.tolist(),
        "unnamed_amount": ledger.unnamed_amount.tolist(),
        "labels": (ledger.products, ledger.categories, ledger.channels, ledger.managers),
        "currency": ledger.currency,
    }
    for name, coded in ledger.clients.attributes.items():
        held[f"attribute {name}"] = (np.asarray(coded.codes).tolist(), coded.labels)
    for name, table in ledger.tables().items():
        held[f"{name} offsets"] = table.offsets.tolist()
        for column, values in table.columns().items():
            held[f"{name} {column}"] = (str(values.dtype), values.tolist())
    return held


def same_ledgers(one: Ledger, other: Ledger) -> bool:
    """Return whether two ledgers are the same; the assertion names the first difference."""
    left, right = columns_of(one), columns_of(other)
    assert left.keys() == right.keys()
    for name, values in left.items():
        assert values == right[name], name
    return True
