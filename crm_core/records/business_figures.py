"""Figures of the business that no sales file holds: margin, fixed costs, supplier discount.

The owner enters them; nothing is assumed in their place.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from sqlalchemy import Connection

from crm_core.access import Right
from crm_core.errors import RecordError
from crm_core.money import LARGEST_AMOUNT, to_ten_thousandths
from crm_core.records.deeds import deed
from crm_core.records.notices import announcing
from crm_core.records.settings import read_settings, reset_setting, write_setting

MARGIN = "margin_percent"
FIXED_COSTS = "fixed_costs_a_year"
SUPPLIER_DISCOUNT = "supplier_discount_a_year"

FIGURES = (MARGIN, FIXED_COSTS, SUPPLIER_DISCOUNT)
"""Keys of the settings that hold them."""

HUNDRED_PERCENT = 10_000
"""Margins are whole hundredths of a percent."""


@dataclass(frozen=True)
class BusinessFigures:
    """What the owner entered; None where nothing was.

    Attributes
    ----------
    margin : int or None
        What is left of sales after the goods, in hundredths of a percent (3,250 is 32.5 %).
    fixed_costs : int or None
        Costs a year that stay whoever buys, ten-thousandths.
    supplier_discount : int or None
        What buying would cost more a year if volume went, ten-thousandths.
    since : dict of str to date
        From which day each figure holds, by key.
    """

    margin: int | None
    fixed_costs: int | None
    supplier_discount: int | None
    since: dict[str, date]


def read_figures(connection: Connection) -> BusinessFigures:
    """Return the figures in force."""
    held = {key: one for key, one in read_settings(connection).items() if key in FIGURES}
    whole = {key: _parse(key, str(one.value)) for key, one in held.items()}
    since = {key: one.since for key, one in held.items() if one.since is not None}
    return BusinessFigures(
        whole.get(MARGIN), whole.get(FIXED_COSTS), whole.get(SUPPLIER_DISCOUNT), since
    )


@deed(Right.SETTINGS, "figure of the business changed", keep=("key",))
def write_figure(
    connection: Connection, key: str, value: str | None, *, since: date, set_by: str = ""
) -> None:
    """Store a figure; None takes it away.

    Parameters
    ----------
    connection : Connection
        Inside a write transaction; ``writing(engine, sales=False)`` will do.
    key : str
        One of :data:`FIGURES`.
    value : str or None
        Plain decimal text: a percentage from 0 to 100 for the margin, else an amount a
        year in units of the currency.
    since : date
        From which day it holds.
    set_by : str
        Who set it.

    Raises
    ------
    RecordError
        If the figure is not known, is no number, or out of range.
    """
    if key not in FIGURES:
        raise RecordError(f"Wanted one of {', '.join(FIGURES)}; found {key!r}.")
    with announcing(connection, key):
        if value is None:
            reset_setting(connection, key, since=since, set_by=set_by)
            return
        _parse(key, value)
        write_setting(connection, key, value.strip(), source="owner", since=since, set_by=set_by)


def _parse(key: str, text: str) -> int:
    """Return a figure as a whole number, after checking it."""
    try:
        number = Decimal(text.strip())
    except InvalidOperation as error:
        raise RecordError(f"Wanted a number for {key}, found {text!r}.") from error
    if key == MARGIN:
        if not (number.is_finite() and 0 <= number <= 100):
            raise RecordError(f"Wanted a margin from 0 to 100 percent, found {text}.")
        return int((number * 100).to_integral_value())
    if not (number.is_finite() and 0 <= number * 10_000 <= LARGEST_AMOUNT):
        raise RecordError(f"Wanted an amount of 0 or more for {key}, found {text}.")
    return to_ten_thousandths(number)
