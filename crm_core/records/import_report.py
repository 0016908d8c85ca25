"""What became of every row of a file, with its money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crm_core.errors import RefusedError
from crm_core.records.staged import StagedImport, StagedSales
from crm_core.tables import Coded

Money = Mapping[str | None, int]
"""Ten-thousandths by currency; None is the reporting currency."""


@dataclass(frozen=True)
class Tally:
    """A number of rows and their money.

    Attributes
    ----------
    rows : int
        Rows of the file.
    money : mapping of (str or None) to int
        Ten-thousandths by currency, currencies without money left out.

    Examples
    --------
    >>> Tally(1, {None: 5}) + Tally(2, {None: 1, "USD": 7})
    Tally(rows=3, money={None: 6, 'USD': 7})
    """

    rows: int = 0
    money: Money = field(default_factory=dict)

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.rows + other.rows, add_money(self.money, other.money))

    def to_json(self) -> dict[str, Any]:
        """Return plain values; the reporting currency is the empty text."""
        return {"rows": self.rows, "money": {c or "": m for c, m in self.money.items()}}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Tally:
        """Return what :meth:`to_json` wrote."""
        return cls(value["rows"], {c or None: m for c, m in value["money"].items()})


def add_money(one: Money, other: Money) -> dict[str | None, int]:
    """Add two sums of money, currency by currency, zeros left out.

    Examples
    --------
    >>> add_money({None: 5}, {None: -5, "EUR": 1})
    {'EUR': 1}
    """
    total = {
        c: one.get(c, 0) + other.get(c, 0) for c in [*one, *(c for c in other if c not in one)]
    }
    return {currency: amount for currency, amount in total.items() if amount}


def tally_rows(sales: StagedSales, currency: Coded, rows: NDArray[np.bool_]) -> Tally:
    """Count the rows where ``rows`` holds and sum their money by currency, exactly.

    Derived entries bring their money, but no row of the file.
    """
    chosen, amount = np.flatnonzero(rows), sales.amount
    count = len(chosen) if sales.derived is None else int((rows & ~sales.derived).sum())
    money: dict[str | None, int] = {}
    codes, amounts = currency.codes[chosen], amount[chosen]
    for code in np.unique(codes):
        label = currency.labels[code] if code >= 0 else None
        money[label] = int(amounts[codes == code].sum())
    return Tally(count, add_money(money, {}))


@dataclass(frozen=True)
class ImportReport:
    """The five ends of the rows of one import, and what it changed.

    Attributes
    ----------
    batch_id : int
        The import, as :func:`crm_core.records.batches.undo` wants it.
    source, file_name : str
        Where the rows came from.
    n_rows : int
        Data rows of the file; the ends sum to it.
    sale_with_client, sale_without_client, already_stored : Tally
        Rows taken, and rows whose very content was live before.
    not_a_sale, held_back : mapping of str to Tally
        By kind and by reason.
    replaced : Tally
        Rows of earlier imports that gave way to newer content of their order;
        not an end of this file's rows.
    n_clients, n_new_clients : int
        Distinct clients in the file, and how many of them were not known.
    first_day, last_day : int or None
        Days of the sales, since 1970-01-01; None without sales.
    redone : bool
        The file had been imported and undone; its import was switched on again.
    """

    batch_id: int
    source: str
    file_name: str
    n_rows: int
    sale_with_client: Tally
    sale_without_client: Tally
    already_stored: Tally
    not_a_sale: Mapping[str, Tally]
    held_back: Mapping[str, Tally]
    replaced: Tally
    n_clients: int
    n_new_clients: int
    first_day: int | None
    last_day: int | None
    redone: bool = False

    def ends(self) -> dict[str, Tally]:
        """Return the five ends by name, kinds and reasons summed."""
        return {
            "sale_with_client": self.sale_with_client,
            "sale_without_client": self.sale_without_client,
            "already_stored": self.already_stored,
            "not_a_sale": sum(self.not_a_sale.values(), Tally()),
            "held_back": sum(self.held_back.values(), Tally()),
        }

    @property
    def total(self) -> Tally:
        """All rows of the file and their money."""
        return sum(self.ends().values(), Tally())

    def to_json(self) -> dict[str, Any]:
        """Return plain values for JSON; money stays in ten-thousandths."""

        def plain(value: Any) -> Any:
            if isinstance(value, Tally):
                return value.to_json()
            if isinstance(value, Mapping):
                return {name: plain(inner) for name, inner in value.items()}
            return value

        return {name: plain(value) for name, value in vars(self).items()}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> ImportReport:
        """Return what :meth:`to_json` wrote."""
        values = dict(stored)
        for name in ("sale_with_client", "sale_without_client", "already_stored", "replaced"):
            values[name] = Tally.from_json(values[name])
        for name in ("not_a_sale", "held_back"):
            values[name] = {kind: Tally.from_json(t) for kind, t in values[name].items()}
        return cls(**values)


def reconcile(report: ImportReport, staged: StagedImport) -> None:
    """Check that the ends sum to the file, rows and money.

    Raises
    ------
    RefusedError
        If a row or an amount got lost or was counted twice.
    """
    found, wanted = report.total, add_money(staged.money, {})
    if found.rows == staged.n_rows and dict(found.money) == wanted:
        return
    raise RefusedError(
        f"Wanted {staged.n_rows} rows and {_say(wanted)} as in {staged.file_name}, found "
        f"{found.rows} rows and {_say(found.money)} after sorting them: a fault of the program. "
        "Nothing was imported; please report it with the file's header."
    )


def _say(money: Money) -> str:
    if not money:
        return "no money"
    return ", ".join(f"{amount / 10_000:.4f} {c or ''}".strip() for c, amount in money.items())
