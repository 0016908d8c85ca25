"""Which currency each row's money is in, by a column or by the sign beside the amount."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crm_core.intake.columns import TextCodes, look_up
from crm_core.intake.currencies import currency_of_sign, is_currency
from crm_core.intake.table import Evidence
from crm_core.tables import BoolArray

SHARED_SIGNS = {
    "$": "USD",
    "¥": "JPY",
    "￥": "JPY",
    "KR": "SEK",
    "KR.": "SEK",
    "RS": "INR",
    "RS.": "INR",
}
"""What a sign several currencies share is taken for where the reporting currency has another."""

_USERS = {
    "$": frozenset(
        ["USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN", "ARS", "CLP", "COP", "UYU"]
    ),
    "¥": frozenset(("JPY", "CNY")),
    "￥": frozenset(("JPY", "CNY")),
    "KR": frozenset(("SEK", "NOK", "DKK", "ISK")),
    "KR.": frozenset(("SEK", "NOK", "DKK", "ISK")),
    "RS": frozenset(("INR", "PKR", "LKR", "NPR", "MUR")),
    "RS.": frozenset(("INR", "PKR", "LKR", "NPR", "MUR")),
}


@dataclass(frozen=True)
class RowCurrencies:
    """The currency of each row.

    Attributes
    ----------
    codes : ndarray of int32, shape (n_rows,)
        Place in ``labels``; -1 the reporting currency; -2 a currency nobody knows.
    labels : tuple of str
        ISO codes other than the reporting one, sorted.
    reporting : str or None
        The reporting currency: the one given, else the file's only or most frequent one, else
        None.
    evidence : tuple of Evidence
        How it was decided.
    """

    codes: NDArray[np.int32]
    labels: tuple[str, ...]
    reporting: str | None
    evidence: tuple[Evidence, ...] = ()


def read_currencies(
    column: TextCodes,
    signs: NDArray[np.int8],
    sign_names: tuple[str, ...],
    *,
    counted: BoolArray,
    reporting: str | None,
) -> RowCurrencies:
    """Return each row's currency: the column's word, else the sign beside the amount.

    Parameters
    ----------
    column : TextCodes
        The currency column, empty where the file has none.
    signs, sign_names : ndarray of int8, tuple of str
        Signs written beside the amounts.
    counted : ndarray of bool
        Rows with an amount: they decide where no reporting currency is given.
    reporting : str or None
        ISO code of the business's currency.

    Returns
    -------
    RowCurrencies
        A sign several currencies share is the reporting one's where that is one of them, and
        stays unnamed where the file has no other and no reporting currency is given.
    """
    texts = [text.upper() for text in column.texts()]
    written = [sign.strip().upper() for sign in sign_names]
    alone = reporting is None and all(text in SHARED_SIGNS for text in texts + written if text)
    by_column = ["" if alone else _code(text, reporting) for text in texts]
    by_sign = ["" if alone or not sign else _code(sign, reporting) for sign in written]
    known = sorted({code for code in by_column + by_sign if code} - {"?"})
    place = {"": -1, "?": -2} | {code: i for i, code in enumerate(known)}
    first = look_up([place[code] for code in by_column], column.codes, -1, np.int32)
    second = np.array([place[code] for code in by_sign], dtype=np.int32)[signs]
    codes = np.where(first == -1, second, first)
    evidence: tuple[Evidence, ...] = ()
    if reporting is None:
        reporting, evidence = _propose(codes[counted], known)
    labels = tuple(code for code in known if code != reporting)
    others = {code: i for i, code in enumerate(labels)}
    final = [others.get(code, -1) for code in known] + [-2, -1]
    return RowCurrencies(np.array(final, dtype=np.int32)[codes], labels, reporting, evidence)


def _code(upper: str, reporting: str | None) -> str:
    """Return an ISO code, ``?`` for a word that names no currency."""
    if reporting in _USERS.get(upper, ()):
        return reporting or ""
    found = currency_of_sign(upper) or SHARED_SIGNS.get(upper)
    return found or ("" if is_currency(upper) else "?")


def _propose(codes: NDArray[np.int32], known: list[str]) -> tuple[str | None, tuple[Evidence, ...]]:
    """Take the most frequent currency of the file as the reporting one."""
    counts = np.bincount(codes[codes >= 0], minlength=len(known))
    if not counts.sum():
        return None, ()
    best = int(np.argmax(counts))
    several = int((counts > 0).sum()) > 1
    sentence = (
        f"{counts[best]:,} of {len(codes):,} amounts are in {known[best]}: figures are in it."
    )
    alternatives = tuple(c for c, n in zip(known, counts, strict=True) if n and c != known[best])
    evidence = Evidence("currency", sentence, several, known[best], alternatives)
    return known[best], (evidence,)
