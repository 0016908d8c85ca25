"""Which column of a file means what, and why."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Map
from dataclasses import dataclass, field, replace
from typing import Any

from crm_core.errors import MappingError
from crm_core.intake.table import Evidence
from crm_core.intake.words import fold

FIELDS = (
    "client",
    "name",
    "email",
    "phone",
    "country",
    "region",
    "city",
    "segment",
    "department",
    "manager",
    "source",
    "known_on",
    "birthday",
    "order",
    "day",
    "amount",
    "quantity",
    "unit_price",
    "currency",
    "status",
    "product",
    "category",
    "channel",
    "refund_of",
)
"""What a column may mean; the names ``--map FIELD=COLUMN`` takes."""

IDENTITY_FIELDS = ("client", "email", "name")
REMEMBERED = "Remembered from an earlier file with the same columns."
"""The reason of every column of a remembered mapping."""

NO_COLUMN = "-"
"""Given instead of a column, it says that the file has none for the field."""


@dataclass(frozen=True)
class Mapping:
    """How the columns of one file are to be read.

    Attributes
    ----------
    columns : mapping of str to str
        Field to column, both by name.
    reasons : mapping of str to str
        Field to one sentence saying why that column was taken.
    doubtful : tuple of str
        Fields a person should look at before importing.
    format : str or None
        Key of the recognised export format, None for any other file.
    name_parts : tuple of str
        Two columns (first and last name) that make up ``name`` where no column holds both.
    refunds : str
        Column of money given back that is taken off the amount; empty where there is none.
    identity : tuple of str
        Which of ``client, email, name`` names a client, first filled one wins.
    declined : tuple of str
        Fields the owner said have no column, so none is guessed.
    day_order, amount_marks : str
        ``dmy``, ``mdy`` or ``ymd``; ``","`` or ``"."`` as decimal mark; empty: decided from
        the file.
    evidence : tuple of Evidence
        What recognising concluded.

    Examples
    --------
    >>> mapping = Mapping(columns={"client": "Kunde", "amount": "Betrag"})
    >>> mapping.missing(), mapping.days_missing
    ((), True)
    """

    columns: Map[str, str]
    reasons: Map[str, str] = field(default_factory=dict)
    doubtful: tuple[str, ...] = ()
    format: str | None = None
    name_parts: tuple[str, ...] = ()
    refunds: str = ""
    identity: tuple[str, ...] = IDENTITY_FIELDS
    declined: tuple[str, ...] = ()
    day_order: str = ""
    amount_marks: str = ""
    evidence: tuple[Evidence, ...] = ()

    @property
    def has_amount(self) -> bool:
        """Whether money can be read: an amount, or quantity and unit price."""
        return "amount" in self.columns or {"quantity", "unit_price"} <= set(self.columns)

    @property
    def has_client(self) -> bool:
        """Whether anything in the file names a client."""
        return bool(self.name_parts) or any(f in self.columns for f in IDENTITY_FIELDS)

    @property
    def days_missing(self) -> bool:
        """Whether the file has clients and money but no day: Pareto alone."""
        return self.has_amount and "day" not in self.columns

    @property
    def leads_only(self) -> bool:
        """Whether the file lists clients without any sale."""
        sales = {"day", "order"} & set(self.columns)
        return self.has_client and not self.has_amount and not sales

    def missing(self) -> tuple[str, ...]:
        """Return the fields an import still needs, in the order of :data:`FIELDS`."""
        lacking = []
        if not self.has_client and "client" not in self.declined and self.format is None:
            lacking.append("client")
        if not self.has_amount and not self.leads_only:
            lacking.append("amount")
        return tuple(lacking)

    def check(self, names: Sequence[str]) -> None:
        """Refuse a mapping that lacks what an import needs or names a column twice or wrongly.

        Raises
        ------
        MappingError
            Naming the missing fields, the columns there are, and the option to give.
        """
        for name, column in self.columns.items():
            if column not in names:
                raise MappingError(_wanted_column(name, column, names))
        lacking = self.missing()
        if lacking:
            wanted = " and ".join(_NEEDS[name] for name in lacking)
            remedy = " ".join(f"--map {name}=COLUMN" for name in lacking)
            raise MappingError(
                f"Wanted a column for {wanted}, found the columns {_listed(names)}; "
                f"say which one it is: {remedy}."
            )

    def choose(self, choices: Map[str, str], names: Sequence[str]) -> Mapping:
        """Return the mapping with what a person chose; a choice beats every guess.

        Parameters
        ----------
        choices : mapping of str to str
            Field to column: its name, its place (1-based), or ``-`` for "no such column".
        names : sequence of str
            The columns of the file.

        Raises
        ------
        MappingError
            If a field or a column does not exist.

        Examples
        --------
        >>> guess = Mapping({"client": "A", "day": "B", "amount": "C"})
        >>> dict(guess.choose({"day": "4", "client": "-"}, ["A", "B", "C", "D"]).columns)
        {'amount': 'C', 'day': 'D'}
        """
        chosen = {check_field(name): find_column(col, names) for name, col in choices.items()}
        taken = {column for column in chosen.values() if column}
        columns = {
            name: column
            for name, column in self.columns.items()
            if name not in chosen and column not in taken
        }
        columns |= {name: column for name, column in chosen.items() if column}
        if "amount" not in chosen and {"quantity", "unit_price"} <= chosen.keys():
            columns.pop("amount", None)
        reasons = {name: self.reasons.get(name, "") for name in columns}
        reasons |= {name: "You chose this column." for name in columns if name in chosen}
        # Who names the amount means that column alone.
        refunds = "" if "amount" in chosen or self.refunds in taken else self.refunds
        parts = () if set(self.name_parts) & taken or "name" in chosen else self.name_parts
        declined = {name for name, column in chosen.items() if not column}
        identity = self.identity
        if chosen.get("client"):
            identity = ("client", *(name for name in identity if name != "client"))
        return replace(
            self,
            columns=columns,
            reasons=reasons,
            doubtful=tuple(
                name for name in self.doubtful if name in columns and name not in chosen
            ),
            name_parts=parts,
            refunds=refunds,
            identity=identity,
            declined=tuple(sorted(declined.union(self.declined) - set(columns))),
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the mapping as plain values, to be stored and given back to :meth:`from_dict`."""
        return {
            "columns": dict(self.columns),
            "format": self.format,
            "name_parts": list(self.name_parts),
            "refunds": self.refunds,
            "identity": list(self.identity),
            "declined": list(self.declined),
            "day_order": self.day_order,
            "amount_marks": self.amount_marks,
        }

    @classmethod
    def from_dict(cls, stored: Map[str, Any]) -> Mapping:
        """Return a mapping stored by :meth:`as_dict`; every reason says it was remembered.

        Examples
        --------
        >>> stored = Mapping({"client": "Kunde", "amount": "Betrag"}).as_dict()
        >>> Mapping.from_dict(stored).reasons["client"]
        'Remembered from an earlier file with the same columns.'
        """
        columns = {name: str(column) for name, column in stored.get("columns", {}).items()}
        return cls(
            columns=columns,
            reasons=dict.fromkeys(columns, REMEMBERED),
            format=stored.get("format"),
            name_parts=tuple(stored.get("name_parts", ())),
            refunds=stored.get("refunds", ""),
            identity=tuple(stored.get("identity", IDENTITY_FIELDS)),
            declined=tuple(stored.get("declined", ())),
            day_order=stored.get("day_order", ""),
            amount_marks=stored.get("amount_marks", ""),
        )


_NEEDS = {
    "client": "the client (a number, an e-mail or a name)",
    "day": "the day of the sale",
    "amount": "the amount (or quantity and unit price)",
}


def check_field(name: str) -> str:
    """Return a field's name in lower case, or raise ``MappingError`` naming the fields there are.

    Examples
    --------
    >>> check_field(" Day ")
    'day'
    """
    plain = name.strip().lower()
    if plain not in FIELDS:
        raise MappingError(
            f"Wanted one of the fields {', '.join(FIELDS)}; found “{name}”; "
            "choose one of these, as in --map day=COLUMN."
        )
    return plain


def find_column(column: str, names: Sequence[str]) -> str | None:
    """Return the column meant by a name or a place (1-based), None for ``-``.

    An exact name wins, then one that differs only in case, spaces and signs, then the place.

    Raises
    ------
    MappingError
        If nothing or more than one column fits.

    Examples
    --------
    >>> find_column("order date", ["Order ID", "Order Date"]), find_column("1", ["Order ID"])
    ('Order Date', 'Order ID')
    """
    if column in names:
        return column
    if column.strip() == NO_COLUMN:
        return None
    alike = [name for name in names if fold(name) == fold(column) and fold(name)]
    if len(alike) == 1:
        return alike[0]
    place = int(column) if column.strip().isdecimal() else 0
    if 1 <= place <= len(names):
        return names[place - 1]
    raise MappingError(_wanted_column("", column, names))


def header_fingerprint(names: Iterable[str]) -> str:
    """Return a fingerprint of column names, the same whatever their order, case and spaces.

    Examples
    --------
    >>> header_fingerprint(["Date", "Amount"]) == header_fingerprint([" amount ", "DATE"])
    True
    """
    plain = sorted(fold(name) for name in names)
    return hashlib.sha256("\n".join(plain).encode()).hexdigest()


def _wanted_column(name: str, column: str, names: Sequence[str]) -> str:
    purpose = f" for {name}" if name else ""
    return (
        f"Wanted a column named “{column}”{purpose}, found the columns {_listed(names)}; "
        "name one of these, or give its place, as in --map day=3."
    )


def _listed(names: Sequence[str], most: int = 20) -> str:
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
