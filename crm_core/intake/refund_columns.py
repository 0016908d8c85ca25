"""Columns of money given back, beside the column of what was sold."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass

import numpy as np

from crm_core.intake.amounts import parse_amounts
from crm_core.intake.content import ColumnProfile
from crm_core.intake.table import Evidence, Table
from crm_core.intake.words import fold
from crm_core.money import to_decimal_text

_GIVEN_BACK = """
    refund, refunds, refunded, refund amount, refunded amount, amount refunded, total refunded,
    total refund, returns, returned, return amount, returned amount, sales returns, credit note,
    credit notes, credit note amount, credit memo, credit memo amount, credited,
    gutschrift, gutschriften, gutschriftbetrag, gutschriftsbetrag, erstattung, erstattungen,
    erstattet, erstattungsbetrag, erstatteter betrag, rückerstattung, rückzahlung, retouren,
    retoure, storno, avoir, avoirs, montant avoir, remboursement, remboursé, montant remboursé,
    reembolso, reembolsado, importe reembolsado, abono, abonos, devoluciones, devolución,
    nota di credito, note di credito, rimborso, rimborsi, rimborsato, resi, creditnota,
    creditbedrag, terugbetaling, terugbetaald, retouren, hyvitys, hyvitykset, hyvityslasku,
    palautus, palautukset, возврат, возвраты, сумма возврата, zwrot, zwroty, korekta, dobropis,
    vratka, återbetalning, kreditnota, kreditering, reembolsos, devoluções, estorno
"""
_LEDGER = (
    ("debit", "credit"),
    ("debits", "credits"),
    ("debit amount", "credit amount"),
    ("soll", "haben"),
    ("sollbetrag", "habenbetrag"),
    ("umsatz soll", "umsatz haben"),
    ("débit", "crédit"),
    ("debe", "haber"),
    ("dare", "avere"),
    ("debet", "credit"),
    ("debet", "kredit"),
    ("дебет", "кредит"),
    ("wn", "ma"),
    ("má dáti", "dal"),
    ("débito", "crédito"),
)
_MOSTLY = 0.5
_PAYMENTS = 0.5
"""A rarer side above this share of the other holds payments rather than refunds."""


def _names(text: str) -> frozenset[str]:
    return frozenset(fold(name) for name in " ".join(text.split()).split(","))


GIVEN_BACK = _names(_GIVEN_BACK)
LEDGER = tuple((fold(left), fold(right)) for left, right in _LEDGER)


@dataclass(frozen=True)
class MoneyBack:
    """Which column holds sales and which what was given back, as far as names tell.

    Attributes
    ----------
    amount, refunds : str
        Columns; empty where nothing tells.
    evidence : tuple of Evidence
        What was concluded, with the sums.
    """

    amount: str = ""
    refunds: str = ""
    evidence: tuple[Evidence, ...] = ()


def find_money_back(
    table: Table, profiles: Map[str, ColumnProfile], amount: str | None
) -> MoneyBack:
    """Return the column of refunds beside the amount, or the two sides of a ledger.

    Parameters
    ----------
    table : Table
        A table of unknown origin.
    profiles : mapping of str to ColumnProfile
        What its columns look like.
    amount : str or None
        The column taken for the amount so far; the side of a ledger may be among them.

    Returns
    -------
    MoneyBack
        Of a ledger the side with more money is what was sold. Where the other comes to more than
        half of it, it holds payments: then nothing is taken off. Nor is a column of whole
        numbers beside amounts with decimals: it counts pieces.

    Examples
    --------
    >>> from crm_core.intake.content import profile_columns
    >>> from crm_core.intake.table import make_table
    >>> table = make_table(["Betrag", "Gutschrift"], [["50,00", ""], ["", "9,00"]])
    >>> find_money_back(table, {p.name: p for p in profile_columns(table)}, "Betrag").refunds
    'Gutschrift'
    """
    folded = {fold(name): name for name in reversed(table.names) if profiles[name].amount > 0.5}
    for left, right in LEDGER:
        sides = folded.get(left), folded.get(right)
        if sides[0] and sides[1] and amount in (None, *sides):
            return _weigh(table, sides[0], sides[1])
    if amount is None:
        return MoneyBack()
    column = next((c for name, c in folded.items() if name in GIVEN_BACK and c != amount), "")
    if not column:
        return MoneyBack()
    if profiles[amount].decimals > _MOSTLY and not profiles[column].decimals:
        sentence = f"“{column}” may count returns rather than money, and is not taken off."
        return MoneyBack(evidence=(Evidence("refunds", sentence, doubtful=True),))
    sentence = (
        f"“{column}” ({_text(_sum(table, column))}) is money given back, taken off “{amount}”."
    )
    return MoneyBack(amount, column, (Evidence("refunds", sentence, chosen=column),))


def _weigh(table: Table, left: str, right: str) -> MoneyBack:
    sums = {name: _sum(table, name) for name in (left, right)}
    sold, other = (left, right) if sums[left] >= sums[right] else (right, left)
    found = f"“{sold}” comes to {_text(sums[sold])} and is taken for what was sold; “{other}” "
    if sums[other] > _PAYMENTS * sums[sold]:
        sentence = f"{found}({_text(sums[other])}) seems to hold payments and is not read."
        other = ""
    else:
        sentence = f"{found}({_text(sums[other])}) is taken off as money given back."
    remedy = f" --map amount={sold} reads “{sold}” alone."
    evidence = Evidence("refunds", sentence + remedy, doubtful=True, alternatives=(left, right))
    return MoneyBack(sold, other, (evidence,))


def _sum(table: Table, column: str) -> int:
    typed = table.kind(column) == "number"
    return int(np.abs(parse_amounts(table.column(column), typed=typed).values).sum())


def _text(amount: int) -> str:
    return to_decimal_text(amount)
