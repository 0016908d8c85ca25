"""Days to remember: birthdays of clients and of the people there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, select

from crm_core.records.merges import follow_merge, read_merges
from crm_core.records.models import Client, ContactPerson


@dataclass(frozen=True)
class Birthday:
    """A birthday soon.

    Attributes
    ----------
    day : date
        The next one.
    client_id : int
        The client it counts for.
    person : str
        Who of them; empty for the client.
    """

    day: date
    client_id: int
    person: str = ""


def birthdays_soon(connection: Connection, day: date, *, days: int) -> Sequence[Birthday]:
    """Return the birthdays from a day on, by day.

    Parameters
    ----------
    connection : Connection
        Any connection.
    day : date
        The first day looked at.
    days : int
        How many days are looked at.
    """
    last = day + timedelta(days=days - 1)
    found = [one for one in _birthdays(connection, day) if one.day <= last]
    return sorted(found, key=lambda one: (one.day, one.client_id, one.person))


def _birthdays(connection: Connection, day: date) -> Iterator[Birthday]:
    merges = read_merges(connection)
    clients = select(Client.id, Client.birthday)
    for number, born in connection.execute(clients.where(Client.birthday.is_not(None))):
        if born is not None:
            yield Birthday(next_birthday(born, day), follow_merge(merges, number))
    people = select(ContactPerson.client_id, ContactPerson.name, ContactPerson.birthday)
    for number, name, born in connection.execute(people.where(ContactPerson.birthday.is_not(None))):
        if born is not None:
            yield Birthday(next_birthday(born, day), follow_merge(merges, number), name)


def next_birthday(born: date, day: date) -> date:
    """Return the first birthday on or after a day; 29 February falls on 1 March without one.

    Examples
    --------
    >>> next_birthday(date(1980, 2, 29), date(2023, 1, 1))
    datetime.date(2023, 3, 1)
    >>> next_birthday(date(1980, 5, 3), date(2023, 5, 4))
    datetime.date(2024, 5, 3)
    """
    for year in (day.year, day.year + 1):
        try:
            found = born.replace(year=year)
        except ValueError:
            found = date(year, 3, 1)
        if found >= day:
            return found
    return found
