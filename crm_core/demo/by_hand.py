"""What people of the demo business wrote down: contacts, endings, contracts, and a few more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from crm_core.demo.business import MANAGERS, Business, Person
from crm_core.demo.key_accounts import Fact, list_key_facts
from crm_core.records.clients import mark_not_client
from crm_core.records.models import ClientIdentity
from crm_core.records.people import (
    add_contract,
    end_relationship,
    log_contact,
    override_stage,
    set_manager,
    snooze,
)
from crm_core.tables import to_date

AUTHOR = "Ina"

ENDINGS = (
    ("client", "better offer", "The garden centre by the motorway is cheaper."),
    ("client", "dissatisfied", "Two late deliveries in spring."),
    ("client", "no longer needed", "Moved into a flat without a balcony."),
    ("unknown", "closed down", "The kitchen is dark, the sign is gone."),
    ("us", "our decision", "Never paid without three reminders."),
    ("client", "better offer", "Buys from the wholesaler now."),
    ("both", "other", "Parted as friends after the rebuild."),
)


def list_facts(business: Business) -> list[Fact]:
    """Return everything written down by hand, in no order."""
    return [
        *_contacts(business),
        *_endings(business),
        *_contracts(business),
        *_exceptions(business),
        *list_key_facts(business),
    ]


def write_by_hand(connection: Connection, business: Business, *, now: datetime) -> None:
    """Write what was written down by hand, and mark the till as no client.

    Parameters
    ----------
    connection : Connection
        Inside a write transaction that has the clients already.
    business : Business
        From :func:`crm_core.demo.business.make_business`.
    now : datetime
        The moment, with its time zone.
    """
    labels = select(ClientIdentity.label, ClientIdentity.client_id)
    ids = dict(connection.execute(labels).all())
    for note, person, entries in list_facts(business):
        more = {"by": AUTHOR, "created_at": now} if note is log_contact else {}
        note(connection, ids[person.number], **entries, **more)
    for till in business.of("till"):
        mark_not_client(connection, ids[till.number], "till")


def _contacts(business: Business) -> Iterator[Fact]:
    last = business.last
    for number, lead in enumerate(business.of("lead")):
        if number % 2 == 0 and lead.known_on is not None:
            yield _contact(lead, min(lead.known_on + 9, last), "call", True, "Asked for prices.")
    for number, person in enumerate(business.of("regular")[:14]):
        note = "Asked about delivery days." if number % 2 else "Talked through the season."
        yield _contact(person, last - 17 * (number + 1), "visit", bool(number % 2), note)
    for person in business.of("late")[:3]:
        yield _contact(person, last - 12, "call", False, "Nobody picked up.")
    for person in business.of("key"):
        yield _contact(person, last - 75, "mail", False, "Sent the summer list.")
        yield _contact(person, last - 200, "reply", True, "Liked the new tea.")


def _contact(person: Person, day: int, kind: str, inbound: bool, note: str) -> Fact:
    entries = {"day": to_date(day), "kind": kind, "inbound": inbound, "note": note}
    return log_contact, person, entries


def _endings(business: Business) -> Iterator[Fact]:
    for place, (who, reason, note) in enumerate(ENDINGS):
        person = business.of("leaving")[place]
        day = to_date(business.last_day_of(person) + 20 + 5 * place)
        yield end_relationship, person, {"day": day, "who": who, "reason": reason, "note": note}
    for person in business.of("just gone")[:1]:
        ending = {"who": "client", "reason": "better offer", "note": "Said so on the phone."}
        yield end_relationship, person, {"day": to_date(business.last - 15), **ending}


def _contracts(business: Business) -> Iterator[Fact]:
    """One contract a kind: trial, first term, renewed, notice given, over, about to end."""
    terms = (
        ((-20, 40, True, None),),
        ((-180, 185, False, None),),
        ((-480, -116, False, None), (-115, 250, False, None)),
        ((-730, -366, False, None), (-365, 70, False, -21)),
        ((-900, -400, False, None),),
        ((-320, 45, False, None),),
    )
    for number, contracts in enumerate(terms):
        for person in business.of(f"contract {number}"):
            for start, end, trial, notice in contracts:
                yield (
                    add_contract,
                    person,
                    {
                        "start": to_date(business.last + start),
                        "end": to_date(business.last + end),
                        "trial": trial,
                        "notice_day": None if notice is None else to_date(business.last + notice),
                    },
                )


def _exceptions(business: Business) -> Iterator[Fact]:
    """Yield a snooze of somebody late, a new manager, and a stage set by hand."""
    today = to_date(business.last)
    for person in business.of("late")[3:4]:
        until = today + timedelta(days=21)
        note = "On holiday, told us so."
        yield snooze, person, {"from_day": today, "until": until, "note": note}
    for person in business.of("growing")[:2]:
        yield set_manager, person, {"manager": MANAGERS[0], "from_day": today}
    for person in business.of("newcomer")[:1]:
        set_on = today - timedelta(days=10)
        yield (
            override_stage,
            person,
            {
                "stage": "commitment",
                "reason": "Signed up for weekly deliveries; the owner is an old friend.",
                "author": AUTHOR,
                "set_on": set_on,
            },
        )
