"""Who is key and how well they are looked after: facts of the view and the notes, put together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from crm_core.formatting import DASH, format_count, format_day, format_money, format_share, plural
from crm_core.metrics.dependency import find_dependencies
from crm_core.metrics.key_accounts import KeyLevel, find_keys, innovative_rate
from crm_core.metrics.key_care import DOSSIER_FACTS, KeyClient, KnownPerson
from crm_core.metrics.months import same_day_years_before
from crm_core.metrics.pareto import ParetoResult
from crm_core.metrics.stage_moves import moves_between
from crm_core.metrics.what_if import TwoYears, two_years
from crm_core.records.business_figures import BusinessFigures, read_figures
from crm_core.records.engine import reading
from crm_core.records.key_accounts import KeyNotes, read_key_notes
from crm_core.sentences.key_accounts import say_reasons
from crm_core.small_groups import is_few, is_few_of
from crm_core.tables import NEVER, IntArray, to_day
from crm_core.ui.card import last_noted_day
from crm_core.ui.concentration import LEVELS
from crm_core.ui.consents import refusal_columns
from crm_core.ui.definitions import Shown
from crm_core.ui.filters import codes_of
from crm_core.ui.lists import Column
from crm_core.ui.numbers import rate_shown
from crm_core.ui.shared_columns import money_column, share_column, stage_column
from crm_core.ui.view import View

Base = tuple[NDArray[np.int32], tuple[str, ...]]
"""Code of every client and what the codes stand for."""

RISK_DAYS = 365


@dataclass(frozen=True)
class KeyBook:
    """The key clients of a view and everything noted about them.

    Attributes
    ----------
    view : View
        What the page looks at.
    notes : KeyNotes
        All notes, those about other clients too.
    figures : BusinessFigures
        Margin, fixed costs and supplier discount as entered.
    noted_until : int
        Last day whose notes count.
    clients : tuple of KeyClient
        Key by sales or by hand: largest sales first.
    """

    view: View
    notes: KeyNotes
    figures: BusinessFigures
    noted_until: int
    clients: tuple[KeyClient, ...]

    @property
    def result(self) -> ParetoResult:
        """The base of shares: the period of the sidebar."""
        return self.view.pareto

    @property
    def positions(self) -> IntArray:
        """Places of the key clients in the client table."""
        return np.array([client.position for client in self.clients], dtype=np.int64)

    @property
    def net(self) -> int:
        """What the key clients bring, those with sales above zero."""
        return int(np.maximum(self.result.by_client[self.positions], 0).sum())

    @property
    def largest(self) -> str:
        """Name of the largest client, empty without sales."""
        return self.view.name(int(self.result.order[0])) if self.result.n else ""

    @cached_property
    def volume(self) -> KeyLevel:
        """The clients key by sales of the company."""
        return find_keys(self.result)

    @property
    def by_hand(self) -> list[int]:
        """Places of the clients named key by hand."""
        return [client.position for client in self.clients if client.reasons]

    @property
    def year_ago(self) -> int:
        """The same date a year before."""
        return int(same_day_years_before(self.view.as_of))

    @property
    def years(self) -> TwoYears:
        """Sales of the last twelve months and of the twelve before."""
        view = self.view
        return view.remember("two_years", lambda: two_years(view.ledger, view.as_of))

    def bases(self, name: str) -> Base | None:
        """Return department or manager of every client, as the filters count it."""
        return bases_of(self.view, name)

    def level(self, name: str) -> KeyLevel | None:
        """Return the key clients by department or manager, None where none is recorded."""
        base, view = self.bases(name), self.view
        if base is None:
            return None
        return view.remember("key_level", lambda: find_keys(view.pareto, *base), name, view.period)


def bases_of(view: View, name: str) -> Base | None:
    """Return department or manager of every client, None where none is recorded."""
    return view.remember("bases", lambda: codes_of(view.ledger, name, view.as_of), name)


def read_key_book(view: View) -> KeyBook:
    """Return the key clients of a view with everything noted about them up to its day."""
    with reading(view.engine) as connection:
        notes, figures = read_key_notes(connection), read_figures(connection)
    until = to_day(last_noted_day(view))
    facts = _client_facts(view, notes, until)
    volume = find_keys(view.pareto).position.tolist()
    by_hand = [position for position, client in facts.items() if client.reasons]
    net = view.pareto.by_client
    ordered = sorted({*volume, *by_hand}, key=lambda position: (-int(net[position]), position))
    clients = tuple(facts.get(p) or _bare(view, p) for p in ordered)
    return KeyBook(view, notes, figures, until, clients)


def key_client(view: View, position: int, notes: KeyNotes) -> KeyClient:
    """Return the facts about one client, whether key or not."""
    until = to_day(last_noted_day(view))
    return _client_facts(view, notes, until).get(position) or _bare(view, position)


def _bare(view: View, position: int) -> KeyClient:
    base = bases_of(view, "manager")
    return KeyClient(position, manager=-1 if base is None else int(base[0][position]))


def _client_facts(view: View, notes: KeyNotes, until: int) -> dict[int, KeyClient]:
    """Return the facts about every client of the view with a note, by position."""
    ids = {number for rows in (notes.reasons, notes.people, notes.care) for number, _ in rows}
    records = view.ledger.clients.record_id
    noted = np.flatnonzero(np.isin(records, list(ids)))
    base = bases_of(view, "manager")
    return {
        int(position): _judge(
            notes.of(int(records[position])),
            until,
            position=int(position),
            manager=-1 if base is None else int(base[0][position]),
        )
        for position in noted
    }


def _judge(notes: KeyNotes, until: int, *, position: int, manager: int) -> KeyClient:
    held = [
        row.reason
        for _, row in notes.reasons
        if to_day(row.from_day) <= until
        and (row.until_day is None or until < to_day(row.until_day))
    ]
    care = [(row.kind, to_day(row.day)) for _, row in notes.care if to_day(row.day) <= until]
    people = tuple(
        KnownPerson(
            row.role,
            phone=bool(row.phone),
            birthday=row.birthday is not None,
            cuisine=bool(row.cuisine),
            hobby=bool(row.hobbies),
        )
        for _, row in notes.people
    )
    return KeyClient(
        position,
        reasons=tuple(dict.fromkeys(held)),
        manager=manager,
        people=people,
        head_visit=max((day for kind, day in care if kind == "head visit"), default=None),
        offered=max((day for kind, day in care if kind == "new offered"), default=None),
        risks=sum(kind == "risk" and day > until - RISK_DAYS for kind, day in care),
    )


def shown_keys(book: KeyBook) -> list[Shown]:
    """Return how many are key and what they bring."""
    n, result = len(book.clients), book.result
    period, other = _other_period(book.view)
    base = f"{plural(result.n, 'buying client')}, {format_money(result.total, book.view.currency)}"
    return [
        Shown(
            "key.clients",
            format_count(n),
            f"{format_count(len(book.volume))} by sales, {format_count(len(book.by_hand))} by "
            f"hand; base: {base}",
            lambda: list(_other_marks(book)),
            is_few(n, len(book.volume), len(book.by_hand)),
        ),
        Shown(
            "key.share",
            format_share(book.net / result.total) if result.n else DASH,
            f"{format_money(book.net, book.view.currency)} of named sales",
            lambda: [(f"the {count} largest", _first(result, count)) for count in (3, 5, 10)],
            is_few_of(n, result.n),
        ),
        Shown(
            "pareto.largest",
            _first(result, 1),
            book.largest or "nobody buys",
            lambda: [(other, _first(book.view.pareto_of(period), 1))],
        ),
    ]


def _first(result: ParetoResult, count: int) -> str:
    return format_share(result.share_of_first(count))


def _other_marks(book: KeyBook) -> Iterator[tuple[str, str]]:
    for percent in (5, 20):
        yield f"mark at {percent} %", f"{len(find_keys(book.result, percent=percent))} by sales"
    period, name = _other_period(book.view)
    yield name, f"{len(find_keys(book.view.pareto_of(period)))} by sales"


def _other_period(view: View) -> tuple[str, str]:
    return ("all", "all time") if view.period == "12m" else ("12m", "last 12 months")


def shown_care(book: KeyBook) -> list[Shown]:
    """Return overdue visits, single contacts, the dossiers and offers of the key clients."""
    clients, until = book.clients, book.noted_until
    n_overdue = sum(client.is_overdue(until) for client in clients)
    alone = sum(client.hangs_on_one for client in clients)
    of_all = f"of {plural(len(clients), 'key client')}"
    known = sum(sum(client.dossier()) for client in clients)
    asked = len(DOSSIER_FACTS) * len(clients)

    def overdue(days: int) -> str:
        return format_count(sum(client.is_overdue(until, days=days) for client in clients))

    return [
        Shown(
            "key.visits",
            format_count(n_overdue),
            of_all,
            lambda: [(f"after {days} days", overdue(days)) for days in (90, 365)],
            is_few_of(n_overdue, len(clients)),
        ),
        Shown(
            "key.one_contact",
            format_count(alone),
            of_all,
            lambda: [("knowing nobody", _count(not client.people for client in clients))],
            is_few_of(alone, len(clients)),
        ),
        Shown(
            "key.dossier",
            format_share(known / asked) if asked else DASH,
            f"{format_count(known)} of {format_count(asked)} facts",
            lambda: [
                (fact, _count(client.dossier()[at] for client in clients))
                for at, fact in enumerate(DOSSIER_FACTS)
            ],
            is_few(len(clients)),
        ),
    ]


def _count(flags: Iterator[bool]) -> str:
    return plural(sum(flags), "client")


def shown_innovative(book: KeyBook) -> Shown:
    """Return the share of innovative clients, to stand beside the usual 2.5 %."""
    n = sum("innovative" in client.reasons for client in book.clients)
    known = int(np.count_nonzero(book.view.ledger.known_at(book.view.as_of)))
    rate = innovative_rate(n, known)
    expected = format_count(round(known * 0.025))
    return rate_shown(
        "key.innovative", rate, elsewhere=[("usual 2.5 % of your clients", f"about {expected}")]
    )


def key_columns(book: KeyBook, clients: Sequence[KeyClient]) -> list[Column]:
    """Return what the list of key clients shows."""
    view = book.view
    at = np.array([client.position for client in clients], dtype=np.int64)
    manager, department = book.bases("manager"), book.bases("department")
    return [
        *refusal_columns(view, at),
        money_column("Sales", book.result.by_client[at], "client.sales"),
        share_column(view, at),
        Column("Key because", _why(book, clients)),
        *([_named("Manager", manager, at)] if manager else []),
        stage_column(view, at),
        stage_column(view, at, day=book.year_ago, title="A year ago"),
        _number("People known", [len(client.people) for client in clients], "key.one_contact"),
        _number("Dossier, of 7", [sum(c.dossier()) for c in clients], "key.dossier"),
        _day("Head was there", [client.head_visit for client in clients], "key.visits"),
        _day("Offered new", [client.offered for client in clients], "key.offers"),
        _number("Risks", [client.risks for client in clients], "key.risks"),
        *([_named("Department", department, at)] if department else []),
        Column("Dependency", _levels(book, at), definition="pareto.dependency"),
    ]


def _why(book: KeyBook, clients: Sequence[KeyClient]) -> list[str]:
    shares = dict(zip(book.volume.position.tolist(), book.volume.share.tolist(), strict=True))
    return [say_reasons(shares.get(client.position), client.reasons) for client in clients]


def _levels(book: KeyBook, at: IntArray) -> list[str]:
    found = {one.position: LEVELS[one.level][0] for one in find_dependencies(book.result)}
    return [found.get(position, "") for position in at.tolist()]


def _named(title: str, base: Base, at: IntArray) -> Column:
    return Column(title, base[0][at].astype(np.int64), labels=base[1])


def _number(title: str, values: Sequence[int], definition: str) -> Column:
    return Column(title, np.array(values, dtype=np.int64), "count", definition=definition)


def _day(title: str, days: Sequence[int | None], definition: str) -> Column:
    filled = np.array([NEVER if day is None else day for day in days], dtype=np.int64)
    return Column(title, filled, "day", definition=definition)


def shown_moves(book: KeyBook) -> Shown:
    """Return whose relationship grew and whose weakened since a year ago: not only money."""
    at, view = book.positions, book.view

    def moved(day: int) -> str:
        moves = view.remember(
            "stage_moves", lambda: moves_between(view.stages_on(day), view.stages), str(day)
        )
        return f"{format_count(moves.up[at].sum())} up, {format_count(moves.down[at].sum())} down"

    half = view.as_of - 182
    return Shown(
        "key.moves",
        moved(book.year_ago),
        f"{plural(len(at), 'key client')} since {format_day(book.year_ago)}",
        lambda: [(f"since {format_day(half)}", moved(half))],
        _few_moved(book),
    )


def _few_moved(book: KeyBook) -> bool:
    """Return whether a few key clients grew, or weakened, or there are but a few."""
    before, now = (book.view.stages_on(day) for day in (book.year_ago, book.view.as_of))
    moves, at = moves_between(before, now), book.positions
    return is_few(len(at), int(moves.up[at].sum()), int(moves.down[at].sum()))
