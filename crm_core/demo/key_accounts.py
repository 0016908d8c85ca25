"""Who is key in the demo business, who works there, and how well they are looked after."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from crm_core.demo.business import Business, Person
from crm_core.records.key_accounts import add_contact_person, mark_key, note_care
from crm_core.tables import to_date

Fact = tuple[Callable[..., object], Person, dict[str, Any]]
"""What a person does on a page, for which client, and what they enter."""

OWNER = "Ina Quist"
REASONS = (
    ("key", 0, "demanding", 400, "Every complaint of theirs made our deliveries better."),
    ("key", 0, "fame", 400, "Other hotels ask who does their terrace."),
    ("growing", 1, "potential", 150, "Two more branches open next year."),
    ("regular", 3, "fame", 220, "Named us in the local paper."),
    ("newcomer", 2, "innovative", 60, "Wanted the tea subscription before it had a name."),
)
"""Story, place in it, reason, days ago, and why."""

PEOPLE: tuple[tuple[str, int, dict[str, Any]], ...] = (
    (
        "key",
        0,
        {
            "name": "Tilda Norrby",
            "role": "owner",
            "phone": "+00 555 9001",
            "birthday": date(1971, 11, 26),
            "cuisine": "Fish, nothing fried",
            "hobbies": "Sailing",
        },
    ),
    ("key", 0, {"name": "Jon Ask", "role": "buyer", "phone": "+00 555 9002"}),
    ("key", 0, {"name": "Frau Weller", "role": "accountant", "note": "Pays on Thursdays."}),
    ("growing", 1, {"name": "Bea Holm", "role": "head", "hobbies": "Roses, has sixty"}),
)
CARE = (
    ("key", 0, "head visit", 230, "Coffee on the new terrace."),
    ("key", 0, "new offered", 75, "The summer list, first of all clients."),
    ("key", 0, "risk", 30, "A new head of purchasing starts in autumn."),
    ("growing", 1, "head visit", 40, "Saw the plans of the branches."),
    ("growing", 1, "new offered", 40, "Large pots."),
)


def list_key_facts(business: Business) -> Iterator[Fact]:
    """Yield what is noted about the key clients, in no order."""
    for story, place, reason, ago, note in REASONS:
        entries = {"reason": reason, "from_day": _day(business, ago), "note": note, "by": OWNER}
        yield mark_key, business.of(story)[place], entries
    for story, place, about in PEOPLE:
        yield add_contact_person, business.of(story)[place], about
    for story, place, kind, ago, note in CARE:
        entries = {"kind": kind, "day": _day(business, ago), "note": note, "by": OWNER}
        yield note_care, business.of(story)[place], entries


def _day(business: Business, ago: int) -> date:
    return to_date(business.last - ago)
