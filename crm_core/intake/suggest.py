"""A first guess at what the columns of a file mean, each with its reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from collections.abc import Mapping as Map
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from crm_core.intake.column_meanings import guess_meanings, looks_like_ids, name_score
from crm_core.intake.content import ColumnProfile, profile_columns
from crm_core.intake.mapping import FIELDS, Mapping
from crm_core.intake.recognise import map_format, recognise
from crm_core.intake.refund_columns import MoneyBack, find_money_back
from crm_core.intake.shapes import ShapedTable, straighten
from crm_core.intake.synonyms import NOT_THE_AMOUNT, NOT_THE_DAY, SYNONYMS
from crm_core.intake.table import Evidence, Table
from crm_core.intake.words import fold

_WEAK = 55.0
"""Below this score a name alone is doubtful."""

_UNNAMED = re.compile(r"^column \d+$")
_FEW = 5
_MOST_COLUMNS = 100
_GROUPED_FORMATS = ("quickbooks-sales",)


@dataclass
class _Choice:
    """What has been settled so far."""

    columns: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    doubtful: list[str] = field(default_factory=list)

    def take(self, name: str, column: str, reason: str, *, doubtful: bool = False) -> None:
        self.columns[name] = column
        self.reasons[name] = reason
        if doubtful:
            self.doubtful.append(name)


def suggest_mapping(table: Table | ShapedTable, remembered: Map[str, Any] | None = None) -> Mapping:
    """Return the most plausible mapping of a file's columns.

    What was remembered for the same columns comes first, then a recognised
    export format, then the columns' names in eight languages where their
    content agrees, then content alone (always doubtful).

    Parameters
    ----------
    table : Table or ShapedTable
        As read or straightened.
    remembered : mapping or None
        What :meth:`~crm_core.intake.mapping.Mapping.as_dict` gave for an earlier
        file with the same header fingerprint.

    Returns
    -------
    Mapping
        It may lack what an import needs: ``Mapping.missing`` says what.

    Notes
    -----
    A bare word such as "Customer" over names is the client's ``name`` (spaces and case do not
    matter then), over numbers or codes their id. A row's own amount is preferred to an order's
    total, and any amount to quantity × price.

    Examples
    --------
    >>> from crm_core.intake.table import make_table
    >>> rows = [["Ann Lee", "24.12.2024", "3,50"], ["Bob Ray", "27.12.2024", "4,00"]]
    >>> dict(suggest_mapping(make_table(["Kunde", "Datum", "Betrag"], rows)).columns)
    {'name': 'Kunde', 'day': 'Datum', 'amount': 'Betrag'}
    """
    shaped = table if isinstance(table, ShapedTable) else None
    plain = shaped.table if shaped else table
    assert isinstance(plain, Table)
    if remembered is not None:
        kept = Mapping.from_dict(remembered)
        if set(kept.columns.values()) <= set(plain.names):
            return kept
    known = recognise(plain.names)
    if known is not None:
        mapping = map_format(known.format, plain.names)
        return replace(mapping, evidence=(known.evidence,))
    return _suggest(plain, shaped)


def understand(
    table: Table,
    *,
    choices: Map[str, str] | None = None,
    remembered: Map[str, Any] | None = None,
) -> tuple[ShapedTable, Mapping]:
    """Recognise, straighten and map a table: what ``staging.stage`` needs.

    Parameters
    ----------
    table : Table
        As read.
    choices : mapping of str to str or None
        Field to column (name, place or ``-``), as a person chose; they beat every guess.
    remembered : mapping or None
        The mapping kept from an earlier file with the same header fingerprint.

    Returns
    -------
    ShapedTable, Mapping
        The mapping may still lack something; ``stage`` then refuses with what to do.

    Raises
    ------
    MappingError
        If a chosen field or column does not exist.
    """
    known = recognise(table.names)
    if known is not None and known.format.key not in _GROUPED_FORMATS:
        shaped = ShapedTable(table, np.zeros(table.n_rows, dtype=np.int8))
    else:
        # A grouped report names the client alone, in a first column without a name.
        lead = table.names[0] if known and _UNNAMED.match(table.names[0]) else None
        shaped = straighten(table, lead=lead, unpivot=known is None)
    mapping = suggest_mapping(shaped, remembered)
    if known is not None and mapping.format and shaped.client_column:
        columns = dict(mapping.columns) | {"name": shaped.client_column}
        mapping = replace(mapping, columns=columns)
    if choices:
        mapping = mapping.choose(choices, shaped.table.names)
    return shaped, mapping


def _suggest(table: Table, shaped: ShapedTable | None) -> Mapping:
    table = _worth_a_look(table, shaped)
    profiles = {profile.name: profile for profile in profile_columns(table)}
    choice = _Choice()
    if shaped is not None:
        _from_shape(choice, shaped, profiles)
    guesses = [
        guess
        for name in table.names
        for guess in guess_meanings(name, profiles[name], table.n_rows)
    ]
    for guess in sorted(guesses, key=lambda g: -g.score):
        taken = guess.column in choice.columns.values()
        if guess.field not in choice.columns and not taken:
            weak = guess.score < _WEAK
            choice.take(
                guess.field, guess.column, f"The name “{guess.column}” says so.", doubtful=weak
            )
    parts = _name_parts(choice, table.names)
    back = _settle_refunds(choice, table, profiles)
    _settle_money(choice)
    _from_content(choice, table.names, profiles, has_parts=bool(parts))
    evidence = _settle_totals(choice, profiles) or _what_is_missing(choice, profiles)
    ordered = {name: choice.columns[name] for name in FIELDS if name in choice.columns}
    return Mapping(
        columns=ordered,
        reasons={name: choice.reasons[name] for name in ordered},
        doubtful=tuple(name for name in ordered if name in choice.doubtful),
        name_parts=parts,
        refunds=back.refunds,
        evidence=(*back.evidence, *evidence),
    )


def _worth_a_look(table: Table, shaped: ShapedTable | None) -> Table:
    """Leave out columns beyond the first hundred whose names say nothing: each look takes time."""
    if table.n_columns <= _MOST_COLUMNS:
        return table
    made = {shaped.client_column, shaped.day_column, shaped.amount_column} if shaped else set()
    chosen = [
        place
        for place, name in enumerate(table.names)
        if place < _MOST_COLUMNS
        or name in made
        or any(name_score(fold(name), meaning) for meaning in SYNONYMS)
    ]
    return replace(
        table,
        names=tuple(table.names[place] for place in chosen),
        columns=tuple(table.columns[place] for place in chosen),
        kinds=tuple(table.kinds[place] for place in chosen) if table.kinds else (),
    )


def _from_shape(choice: _Choice, shaped: ShapedTable, profiles: Map[str, ColumnProfile]) -> None:
    if shaped.day_column and shaped.amount_column:
        choice.take("day", shaped.day_column, "The months stood across the columns.")
        choice.take("amount", shaped.amount_column, "The months stood across the columns.")
    if shaped.client_column:
        target = "client" if looks_like_ids(profiles[shaped.client_column]) else "name"
        choice.take(target, shaped.client_column, "It stands once above each block of rows.")


def _name_parts(choice: _Choice, names: Sequence[str]) -> tuple[str, ...]:
    folded = {fold(name): name for name in reversed(names)}
    first = next((folded[word] for word in SYNONYMS["first"] if word in folded), None)
    last = next((folded[word] for word in SYNONYMS["last"] if word in folded), None)
    if first is None or last is None:
        return ()
    for name in [n for n, column in choice.columns.items() if column in (first, last)]:
        del choice.columns[name]
    return () if "name" in choice.columns else (first, last)


def _has_money(choice: _Choice) -> bool:
    return "amount" in choice.columns or {"quantity", "unit_price"} <= choice.columns.keys()


def _settle_money(choice: _Choice) -> None:
    """Take a lone price as the amount, and days of creation for what the file calls for."""
    columns = choice.columns
    if not _has_money(choice) and "unit_price" in columns:
        column = columns.pop("unit_price")
        choice.take("amount", column, f"“{column}” is the only money in the file.", doubtful=True)
    if _has_money(choice) and "day" not in columns and "known_on" in columns:
        column = columns.pop("known_on")
        choice.take("day", column, f"“{column}” is the only day in the file.", doubtful=True)
    if not (_has_money(choice) or {"order", "known_on"} & columns.keys()) and "day" in columns:
        column = columns.pop("day")
        choice.take("known_on", column, "The file has no amounts: it lists clients.")


def _settle_refunds(choice: _Choice, table: Table, profiles: Map[str, ColumnProfile]) -> MoneyBack:
    """Find the column of money given back, and the side of a ledger that was sold."""
    amount = choice.columns.get("amount")
    if amount is None and _has_money(choice):
        return MoneyBack()
    back = find_money_back(table, profiles, amount)
    if back.refunds in choice.columns.values() and back.refunds != amount:
        return MoneyBack()
    if back.amount and back.amount != amount:
        reason = f"“{back.amount}” is the larger side of a ledger."
        choice.take("amount", back.amount, reason, doubtful=True)
    return back


def _settle_totals(choice: _Choice, profiles: Map[str, ColumnProfile]) -> tuple[Evidence, ...]:
    """Leave the day out of a list with each client once: its amounts are totals, not sales."""
    who = choice.columns.get("client") or choice.columns.get("name")
    day = choice.columns.get("day")
    if who is None or day is None or "order" in choice.columns or fold(day) in SYNONYMS["day"]:
        return ()
    profile = profiles[who]
    if profile.n_filled < _FEW or profile.n_distinct < profile.n_filled:
        return ()
    del choice.columns["day"]
    sentence = (
        "Every client stands in one row: these are totals of clients, so only who brings how much "
        f"can be shown, nothing about time; “{day}” is not the day of a sale, --map day={day} if "
        "it is."
    )
    return (Evidence("day", sentence, doubtful=True, alternatives=(day,)),)


def _from_content(
    choice: _Choice, names: Sequence[str], profiles: Map[str, ColumnProfile], *, has_parts: bool
) -> None:
    """Fill what no name told by what the cells look like; a person should look."""

    def free(test: Callable[[ColumnProfile], bool]) -> list[str]:
        used = set(choice.columns.values())
        return [name for name in names if name not in used and test(profiles[name])]

    if "email" not in choice.columns and (mails := free(lambda p: p.email > 0.8)):
        choice.take("email", mails[0], f"“{mails[0]}” holds e-mail addresses.")
    days = [name for name in free(_holds_days) if not set(fold(name).split()) & NOT_THE_DAY]
    if not _has_money(choice) and (days or "day" in choice.columns):
        _guess_amount(choice, free(_holds_money), profiles)
    if _has_money(choice) and "day" not in choice.columns and days:
        choice.take("day", days[0], f"“{days[0]}” holds days.", doubtful=True)
    named = any(name in choice.columns for name in ("client", "name", "email")) or has_parts
    if not named and (clients := free(_may_be_client)):
        target = "client" if looks_like_ids(profiles[clients[0]]) else "name"
        choice.take(target, clients[0], f"“{clients[0]}” repeats as clients do.", doubtful=True)


def _guess_amount(choice: _Choice, numbers: list[str], profiles: Map[str, ColumnProfile]) -> None:
    """Take the last column with decimals, else a lone number, as the amount."""
    written = [name for name in numbers if profiles[name].decimals > 0.5]
    bare = [name for name in numbers if _UNNAMED.match(name)]
    chosen = written[-1:] or (bare if len(bare) == 1 else [])
    for name in chosen:
        choice.take("amount", name, f"“{name}” holds amounts.", doubtful=True)


def _holds_days(profile: ColumnProfile) -> bool:
    return profile.day > 0.9


def _holds_money(profile: ColumnProfile) -> bool:
    other = set(fold(profile.name).split()) & NOT_THE_AMOUNT
    return profile.amount > 0.9 and profile.day < 0.1 and not other


def _may_be_client(profile: ColumnProfile) -> bool:
    repeats = 1 < profile.n_distinct < profile.n_filled
    unnamed = bool(_UNNAMED.match(profile.name)) and profile.id_like > 0.8
    return repeats and profile.decimals < 0.1 and (unnamed or profile.name_like > 0.8)


def _what_is_missing(choice: _Choice, profiles: Map[str, ColumnProfile]) -> tuple[Evidence, ...]:
    if _has_money(choice):
        if "day" in choice.columns:
            return ()
        sentence = (
            "No column holds days: only who brings how much can be shown, nothing about time; "
            "--map day=COLUMN if there is one."
        )
        return (Evidence("day", sentence, doubtful=True),)
    unread = [
        name
        for name, profile in profiles.items()
        if name not in choice.columns.values() and _may_be_money(name, profile)
    ]
    if not unread:
        return ()
    shown = ", ".join(f"“{name}”" for name in unread[:5])
    sentence = f"No amount is read, but {shown} may hold one; --map amount=COLUMN if so."
    return (Evidence("amount", sentence, doubtful=True, alternatives=tuple(unread)),)


def _may_be_money(name: str, profile: ColumnProfile) -> bool:
    words = set(fold(name).split())
    if words & NOT_THE_AMOUNT or profile.amount < 0.5 or profile.day > 0.5:
        return False
    return profile.decimals > 0.3 or bool(words & SYNONYMS["amount"].keys())
