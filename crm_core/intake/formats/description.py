"""How an export format is described: which columns mean what, and what is no sale.

A description names columns as the export spells them; case, spaces, asterisks
and accents do not matter when a file is compared with it.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as Map
from dataclasses import dataclass, field

import pyarrow as pa

from crm_core.intake.amounts import AmountColumn
from crm_core.intake.columns import Cells
from crm_core.intake.mapping import IDENTITY_FIELDS

SALE = "sale"
REFUND = "refund"
REFUNDED = "refunded"
"""Status of an order paid back in full: a sale and, on the same day, its refund."""


@dataclass(frozen=True)
class Outcome:
    """What the values of one column say about a row.

    Attributes
    ----------
    columns : tuple of str
        Possible names of the column; the first one present counts.
    values : mapping of str to str
        Folded value to ``sale``, ``refund``, ``refunded`` or a kind of row that is no sale.
    phrases : tuple of (str, str)
        Folded phrase to the same, tried in order where no value fits.
    otherwise : str
        For a value neither knows; empty: the words every status column may use.
    filled : str
        What any filled cell means (a column like "Cancelled at").
    """

    columns: tuple[str, ...]
    values: Map[str, str] = field(default_factory=dict)
    phrases: tuple[tuple[str, str], ...] = ()
    otherwise: str = ""
    filled: str = ""


@dataclass(frozen=True)
class Format:
    """One export as its maker writes it.

    Attributes
    ----------
    key, title : str
        Short key, stored with a mapping, and the name people see.
    required : tuple of str
        Columns that prove the format; ``a|b`` where one of several will do.
    fields : mapping of str to tuple of str
        Field to possible columns, the first one present counts.
    amount_is : str
        One sentence: what the amount holds.
    outcomes : tuple of Outcome
        Columns that say which rows are sales; the first that says "no sale" decides.
    name_parts : tuple of str
        First-name and last-name columns.
    identity : tuple of str
        Which of ``client, email, name`` names a client, first filled one wins.
    less : tuple of str
        Columns taken off a positive amount (tax, shipping).
    order_level : bool
        The amount is the order's: counted once and spread over its lines.
    line_discounts, order_discounts : tuple of str
        Discounts of a line (they weigh the spreading) and of a whole order (taken off its lines).
    filled_once : tuple of str
        Fields and columns written on an order's first row only.
    refunds : tuple of str
        Columns with money given back for the order, without a day of its own.
    negative : str
        What a negative amount is that no column calls a refund; empty: a refund.
    day_order : str
        Order of day, month and year where the file itself does not decide.
    utc : bool
        Days are UTC moments.
    leads : bool
        Rows are clients without sales.
    refusal : str
        Why a file of this kind is not imported; empty for all others.
    derive : mapping of str to callable
        Field to a function of the cells giving its texts, where no column holds it as such.
    derive_amount : callable or None
        Gives the amounts where no column holds them as such.
    notes : tuple of str
        What else an owner should know.
    """

    key: str
    title: str
    required: tuple[str, ...]
    fields: Map[str, tuple[str, ...]]
    amount_is: str
    outcomes: tuple[Outcome, ...] = ()
    name_parts: tuple[str, ...] = ()
    identity: tuple[str, ...] = IDENTITY_FIELDS
    less: tuple[str, ...] = ()
    order_level: bool = False
    line_discounts: tuple[str, ...] = ()
    order_discounts: tuple[str, ...] = ()
    filled_once: tuple[str, ...] = ()
    refunds: tuple[str, ...] = ()
    negative: str = ""
    day_order: str = ""
    utc: bool = False
    leads: bool = False
    refusal: str = ""
    derive: Map[str, Callable[[Cells], pa.ChunkedArray]] = field(default_factory=dict)
    derive_amount: Callable[[Cells], AmountColumn] | None = None
    notes: tuple[str, ...] = ()


def words(kind: str, *values: str) -> dict[str, str]:
    """Return the values, folded already, each meaning ``kind``.

    Examples
    --------
    >>> words("pending", "pending", "on hold")
    {'pending': 'pending', 'on hold': 'pending'}
    """
    return dict.fromkeys(values, kind)
