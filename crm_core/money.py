"""Money as whole ten-thousandths of a currency's unit.

One integer type for every amount keeps sums exact and order-independent; text
is made only at the edge, half-even to two decimals.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

UNIT = 10_000
"""Stored integers per unit of currency."""

LARGEST_AMOUNT = 10**15
"""Largest amount of one sale, in ten-thousandths (a hundred thousand million units).

Nine thousand such sales still fit a 64-bit sum; a larger figure in a file is
a mistake in the file.
"""


def to_ten_thousandths(text: str | Decimal | int) -> int:
    """Turn a plain decimal text into ten-thousandths, half-even beyond four decimals.

    Parameters
    ----------
    text : str, Decimal or int
        A decimal number with a point as decimal mark, in units of currency.

    Returns
    -------
    int
        The amount in ten-thousandths.

    Raises
    ------
    ValueError
        If the text is not a finite decimal number.

    Examples
    --------
    >>> to_ten_thousandths("2.55"), to_ten_thousandths("0.00005"), to_ten_thousandths("0.00015")
    (25500, 0, 2)
    """
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"not a decimal number: {text!r}") from error
    if not value.is_finite():
        raise ValueError(f"not a finite number: {text!r}")
    return int((value * UNIT).to_integral_value(rounding=ROUND_HALF_EVEN))


def to_decimal_text(amount: int, *, places: int = 2) -> str:
    """Return an amount in units of currency as text, half-even to ``places``.

    Parameters
    ----------
    amount : int
        Ten-thousandths.
    places : int, default 2
        Decimals shown, 0 to 4.

    Returns
    -------
    str
        The amount without thousands marks, e.g. ``"8911407.90"``.

    Examples
    --------
    >>> to_decimal_text(89114079040), to_decimal_text(-50), to_decimal_text(150)
    ('8911407.90', '0.00', '0.02')
    """
    step = Decimal(1).scaleb(-places)
    value = (Decimal(int(amount)) / UNIT).quantize(step, rounding=ROUND_HALF_EVEN)
    return str(abs(value) if value == 0 else value)
