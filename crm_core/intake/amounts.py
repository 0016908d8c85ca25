"""Amounts as people write them → whole ten-thousandths, exactly.

Work happens once per distinct text: plain forms in Arrow, the few odd ones
(``25k``, ``1.2E+05``) with ``Decimal``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crm_core.intake.amount_marks import AmountMarks, detect_marks_of, proof_of, two_ways
from crm_core.intake.amount_texts import AmountTexts, take_apart
from crm_core.intake.currencies import currency_of_sign
from crm_core.intake.table import BoolArray
from crm_core.money import LARGEST_AMOUNT, UNIT

__all__ = [
    "AMOUNT_REASONS",
    "AmountColumn",
    "AmountMarks",
    "currency_of_sign",
    "detect_marks",
    "multiply",
    "parse_amounts",
]

AMOUNT_REASONS = (
    "",
    "not an amount",
    "contradicts how the other amounts are written",
    "could be read two ways, and the column mixes both",
    "larger than any sale can be",
)
NOT_AN_AMOUNT, CONTRADICTS, TWO_WAYS, TOO_LARGE = 1, 2, 3, 4
_PLAIN = r"^[0-9]{1,14}(?:\.[0-9]{0,4})?$"
_NUMBER = re.compile(r"^(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?$")
_WIDE = Context(prec=80)
_SCALES = np.array([10_000, 1_000, 100, 10, 1], dtype=np.int64)


@dataclass(frozen=True)
class AmountColumn:
    """Amounts of a column, one entry per row.

    Parameters
    ----------
    values : ndarray of int64
        Ten-thousandths of the currency's unit; 0 where not ``ok``.
    ok : ndarray of bool
        The cell holds an amount.
    blank : ndarray of bool
        Nothing is written (empty, ``-``, ``n/a``). A row neither ok nor blank
        could not be read.
    reasons : ndarray of int8
        Place in ``AMOUNT_REASONS``; 0 where ok or blank.
    signs : ndarray of int8
        Place in ``sign_names``.
    sign_names : tuple of str
        Currency signs and codes as written, ``""`` (none) first.
    marks : AmountMarks or None
        The marks in force.
    finer : ndarray of int32 or None
        Place in ``finer_values`` of a value written with more than four
        decimals; -1 elsewhere. None if no cell is. Only a product reads it.
    finer_values : tuple of Decimal
        Those values as written, in ten-thousandths.
    """

    values: npt.NDArray[np.int64]
    ok: BoolArray
    blank: BoolArray
    reasons: npt.NDArray[np.int8]
    signs: npt.NDArray[np.int8]
    sign_names: tuple[str, ...] = ("",)
    marks: AmountMarks | None = None
    finer: npt.NDArray[np.int32] | None = None
    finer_values: tuple[Decimal, ...] = ()


def detect_marks(
    column: pa.ChunkedArray | pa.Array, *, typed: bool = False, hint: AmountMarks | None = None
) -> AmountMarks:
    """Decide the decimal and thousands mark over a whole column.

    A value with both marks, with one mark twice, or with other than three
    digits behind its single mark decides; ``15.000`` does not. Where both
    conventions are proven the majority rules, ``mixed`` is set and the evidence
    is doubtful. Where nothing decides, ``hint`` rules; without one, three
    digits behind a mark are taken for thousands, doubtfully.

    Parameters
    ----------
    column : ChunkedArray or Array of string
        Cells as the file has them.
    typed : bool, default False
        The file itself says these are numbers (``Table.kind``): decimal point.
    hint : AmountMarks or None
        Marks proven by other columns of the same file.

    Returns
    -------
    AmountMarks
        With the evidence and the count of values behind it.

    Examples
    --------
    >>> marks = detect_marks(pa.array(["1.234,56 €", "15.000", "7,5"]))
    >>> marks.decimal, marks.thousands, marks.evidence.sentence
    (',', '.', '2 values can only have a decimal comma.')
    >>> detect_marks(pa.array(["15.000"])).evidence.doubtful
    True
    """
    if typed:
        return AmountMarks(".", "")
    uniques, _, counts = _distinct(column)
    return detect_marks_of(take_apart(uniques), counts, hint)


def parse_amounts(
    column: pa.ChunkedArray | pa.Array,
    marks: AmountMarks | None = None,
    *,
    typed: bool = False,
    hint: AmountMarks | None = None,
) -> AmountColumn:
    """Read a column of amounts.

    Signs before or behind, brackets for negatives, currency signs and codes,
    ``k`` and ``m`` for thousands and millions, and exponents are understood.
    Beyond four decimals the value is rounded half-even from its decimal text.

    Parameters
    ----------
    column : ChunkedArray or Array of string
        Cells as the file has them.
    marks : AmountMarks or None
        Overrules detection.
    typed, hint
        As :func:`detect_marks`.

    Returns
    -------
    AmountColumn
        One entry per row, in order. Empty in, empty out.

    Examples
    --------
    >>> found = parse_amounts(pa.array(["(1.234,50)", "7,5 €", "", "abc", "25k"]))
    >>> found.values.tolist(), found.ok.tolist(), found.blank.tolist()
    ([-12345000, 75000, 0, 0, 250000000], [True, True, False, False, True], [False, False, True, False, False])
    """  # noqa: E501
    uniques, places, counts = _distinct(column)
    texts = take_apart(uniques)
    if marks is None:
        marks = AmountMarks(".", "") if typed else detect_marks_of(texts, counts, hint)
    values, reasons, written = _read(texts, marks)
    reasons[texts.blank] = 0
    ok = (reasons == 0) & ~texts.blank
    values[~ok] = 0
    finer = np.full(len(values), -1, dtype=np.int32)
    finer[list(written)] = np.arange(len(written))
    return AmountColumn(
        values=values[places],
        ok=ok[places],
        blank=texts.blank[places],
        reasons=reasons[places],
        signs=texts.signs[places],
        sign_names=texts.sign_names,
        marks=marks,
        finer=finer[places] if written else None,
        finer_values=tuple(written.values()),
    )


def multiply(quantity: AmountColumn, unit_price: AmountColumn) -> AmountColumn:
    """Return quantity × unit price in ten-thousandths, exact, half-even to four decimals.

    Parameters
    ----------
    quantity, unit_price : AmountColumn
        Of the same length. Both count with all the decimals they were written with.

    Returns
    -------
    AmountColumn
        ``ok`` where both are and the product is no larger than
        ``money.LARGEST_AMOUNT``; blank where either is blank and neither is
        unreadable; otherwise the reason of the factor that could not be read.
        The currency is that of the price.

    Examples
    --------
    >>> price = parse_amounts(pa.array(["0.0001", "2.55", "1.5"]), AmountMarks())
    >>> multiply(parse_amounts(pa.array(["0.5", "-6", "x"]), AmountMarks()), price).values.tolist()
    [0, -153000, 0]
    >>> price = parse_amounts(pa.array(["0.00123"]), AmountMarks())
    >>> multiply(parse_amounts(pa.array(["1000"]), AmountMarks()), price).values.tolist()
    [12300]
    """
    left, right = quantity.values, unit_price.values
    reasons = np.where(quantity.reasons > 0, quantity.reasons, unit_price.reasons)
    small = np.abs(left.astype(np.float64)) * np.abs(right.astype(np.float64)) < 2.0**62
    product = divide_half_even(np.where(small, left, 0) * np.where(small, right, 0), UNIT)
    too_large = np.abs(product) > LARGEST_AMOUNT
    odd = np.flatnonzero(~small | _has_finer(quantity) | _has_finer(unit_price))
    for i, a, b in zip(odd, _as_written(quantity, odd), _as_written(unit_price, odd), strict=True):
        exact = _WIDE.divide(_WIDE.multiply(a, b), UNIT)
        too_large[i] = abs(exact) > LARGEST_AMOUNT
        if not too_large[i]:
            product[i] = int(exact.to_integral_value(ROUND_HALF_EVEN))
    reasons = np.where((reasons == 0) & too_large, TOO_LARGE, reasons).astype(np.int8)
    ok = quantity.ok & unit_price.ok & (reasons == 0)
    return AmountColumn(
        values=np.where(ok, product, 0),
        ok=ok,
        blank=(quantity.blank | unit_price.blank) & (reasons == 0),
        reasons=reasons,
        signs=unit_price.signs,
        sign_names=unit_price.sign_names,
        marks=unit_price.marks,
    )


def _has_finer(column: AmountColumn) -> BoolArray:
    """Return which values were written with more than four decimals."""
    if column.finer is None:
        return np.zeros(len(column.values), dtype=bool)
    finer: BoolArray = column.finer >= 0
    return finer


def _as_written(column: AmountColumn, rows: npt.NDArray[np.int64]) -> list[Decimal]:
    """Return the values of some rows in ten-thousandths, with all their decimals."""
    values = [Decimal(value) for value in column.values[rows].tolist()]
    if column.finer is None:
        return values
    places = column.finer[rows].tolist()
    return [
        column.finer_values[place] if place >= 0 else value
        for place, value in zip(places, values, strict=True)
    ]


def divide_half_even(
    numbers: npt.NDArray[np.int64], by: int | npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Divide whole numbers, ties to the even neighbour.

    Examples
    --------
    >>> divide_half_even(np.array([5, 15, -5, -15, 16]), 10).tolist()
    [0, 2, 0, -2, 2]
    """
    floor = numbers // by
    rest = numbers - floor * by
    up = (rest * 2 > by) | ((rest * 2 == by) & (floor % 2 == 1))
    rounded: npt.NDArray[np.int64] = floor + up
    return rounded


def _distinct(
    column: pa.ChunkedArray | pa.Array,
) -> tuple[pa.Array, npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """Return the distinct texts, each row's place among them, and their counts."""
    flat = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(flat, pa.ChunkedArray):  # combining no chunks gives no array
        flat = pa.concat_arrays(flat.chunks) if flat.num_chunks else pa.array([], pa.string())
    encoded = pc.fill_null(flat, "").dictionary_encode()
    places = encoded.indices.to_numpy()
    return encoded.dictionary, places, np.bincount(places, minlength=len(encoded.dictionary))


def _read(
    texts: AmountTexts, marks: AmountMarks
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int8], dict[int, Decimal]]:
    """Return ten-thousandths and reasons for distinct texts, and what has finer decimals."""
    values = np.zeros(len(texts.bodies), dtype=np.int64)
    reasons = np.full(len(values), NOT_AN_AMOUNT, dtype=np.int8)
    written = _canonical(texts.bodies, marks)
    plain = pc.match_substring_regex(written, _PLAIN).to_numpy(zero_copy_only=False)
    plain = plain & (texts.factors == 1)
    values[plain] = _plain_values(written.filter(pa.array(plain)))
    reasons[plain] = 0
    rest = np.flatnonzero(~plain & pc.not_equal(texts.bodies, "").to_numpy(zero_copy_only=False))
    finer: dict[int, Decimal] = {}
    for i, text in zip(rest.tolist(), written.take(pa.array(rest)).to_pylist(), strict=True):
        exact, reasons[i] = _odd_value(text, int(texts.factors[i]))
        values[i] = int(exact.to_integral_value(ROUND_HALF_EVEN))
        if exact != int(values[i]):
            finer[i] = -exact if texts.negative[i] else exact
    _explain_contradictions(texts.bodies, reasons, marks)
    reasons[(reasons == 0) & (values > LARGEST_AMOUNT)] = TOO_LARGE
    values[texts.negative] *= -1
    return values, reasons, finer


def _canonical(bodies: pa.Array, marks: AmountMarks) -> pa.Array:
    """Return numbers with a decimal point and no thousands mark; others do not match ``_PLAIN``."""
    point, comma = r"\.", ","
    decimal = point if marks.decimal == "." else comma
    groups = [rf"^[1-9][0-9]{{0,2}}(?:[ '][0-9]{{3}})+(?:{decimal}[0-9]*)?$"]
    if marks.thousands:
        mark = point if marks.thousands == "." else comma
        groups.append(rf"^[1-9][0-9]{{0,2}}(?:{mark}[0-9]{{3}})+(?:{decimal}[0-9]*)?$")
        groups.append(rf"^[1-9][0-9]?(?:{mark}[0-9]{{2}})+{mark}[0-9]{{3}}(?:{decimal}[0-9]*)?$")
    pattern = "|".join(groups)
    grouped = pc.match_substring_regex(bodies, pattern)
    if pc.any(grouped).as_py():
        spare = "[ ']" if not marks.thousands else rf"[ '{marks.thousands}]"
        bodies = pc.if_else(grouped, pc.replace_substring_regex(bodies, spare, ""), bodies)
    if marks.decimal == ",":
        stray = pc.match_substring(bodies, ".")
        bodies = pc.if_else(stray, "", pc.replace_substring(bodies, ",", "."))
    return bodies


def _plain_values(texts: pa.Array) -> npt.NDArray[np.int64]:
    """Return ten-thousandths of plain numbers with at most four decimals."""
    point: npt.NDArray[np.int32] = pc.find_substring(texts, ".").to_numpy(zero_copy_only=False)
    length: npt.NDArray[np.int32] = pc.binary_length(texts).to_numpy(zero_copy_only=False)
    digits: npt.NDArray[np.int64] = (
        pc.replace_substring(texts, ".", "").cast(pa.int64()).to_numpy(zero_copy_only=False)
    )
    return digits * _SCALES[np.where(point < 0, 0, length - point - 1)]


def _odd_value(text: str, factor: int) -> tuple[Decimal, int]:
    """Read one unsigned number that is long, has an exponent or a factor."""
    if not _NUMBER.match(text):
        return Decimal(0), NOT_AN_AMOUNT
    if len(text) > 60:
        return Decimal(0), TOO_LARGE
    value = _WIDE.multiply(_WIDE.create_decimal(text), Decimal(factor * UNIT))
    if value > LARGEST_AMOUNT:
        return Decimal(0), TOO_LARGE
    return value, 0


def _explain_contradictions(
    bodies: pa.Array, reasons: npt.NDArray[np.int8], marks: AmountMarks
) -> None:
    """Say of unread numbers whether they only break the column's marks."""
    if marks.mixed:
        reasons[two_ways(bodies)] = TWO_WAYS
    if (reasons == NOT_AN_AMOUNT).any():
        other = proof_of("," if marks.decimal == "." else ".")
        broken = pc.match_substring_regex(bodies, other).to_numpy(zero_copy_only=False)
        reasons[(reasons == NOT_AN_AMOUNT) & broken] = CONTRADICTS
