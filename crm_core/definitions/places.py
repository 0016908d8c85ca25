"""Definitions of what a person's own pages show: own clients, changing hands, the last visit."""

from __future__ import annotations

from crm_core.definitions.definition import HISTORY, NOTHING, OWN, TRAILING, VOID, Definition

_CARE = (
    "latest record of who looks after the client up to the day, else who made the latest sale "
    "up to the day, else whom a file named first"
)
_SINCE = "From the last sale day of your visit before to the last sale day now."

PLACES: tuple[Definition, ...] = (
    Definition(
        "my.clients",
        "Own clients",
        "The clients somebody looks after on the as-of day who bought and are not gone.",
        f"count of active clients; whose: {_CARE}",
        HISTORY,
        "Clients without a purchase; gone clients, unless they are asked for.",
        OWN,
    ),
    Definition(
        "my.sales",
        "Brought in 12 months",
        "What these clients brought in the last twelve months.",
        "sum of net sales of the clients",
        TRAILING,
        "Clients who are gone.",
        "trailing sales",
    ),
    Definition(
        "client.last_contact",
        "Last contact",
        "The last day on which somebody noted a call, visit, reply or letter.",
        "latest day of a noted contact, from either side",
        HISTORY,
        NOTHING,
        OWN,
    ),
    Definition(
        "my.coming_up",
        "Coming up",
        "Birthdays in the next 30 days and contracts whose last day is in the next 60.",
        "birthday or last day covered, as noted",
        "The days after the as-of day; under the latest day those after today.",
        "Trials; contracts under notice; clients who are gone.",
        OWN,
    ),
    Definition(
        "handing.clients",
        "Clients handed over",
        "The clients that change hands, those that come back after a cover by somebody else too.",
        f"count of clients whose person on a day from the first on is the giver; whose: {_CARE}",
        "From the first day on, to the last day where there is one.",
        "Clients the receiver has already.",
        OWN,
    ),
    Definition(
        "handing.sales",
        "A year's sales handed over",
        "What the clients that change hands brought in the last twelve months.",
        "sum of their net sales",
        TRAILING,
        NOTHING,
        "trailing sales",
    ),
    Definition(
        "visit.sales",
        "New sales",
        "Rows of sales that came in since your last visit and count now.",
        "rows of sales of clients now - those at the end of your visit before",
        "All days stored, then and now; by day where what you may see has changed.",
        "Sales without a client.",
        OWN,
    ),
    Definition(
        "visit.came_back",
        "Came back",
        "Clients who were gone on the last sale day you saw and are not gone now.",
        "gone then and not gone now, by today's records and settings",
        _SINCE,
        VOID,
        OWN,
    ),
    Definition(
        "visit.went_late",
        "Went late",
        "Clients who are late now and were not late on the last sale day you saw.",
        "late now and not late then, by today's records and settings",
        _SINCE,
        VOID,
        OWN,
    ),
    Definition(
        "visit.went",
        "Gone since",
        "Clients who are gone now and were not gone on the last sale day you saw.",
        "gone now and not gone then, by today's records and settings",
        _SINCE,
        VOID,
        OWN,
    ),
    Definition(
        "visit.imports",
        "Imports",
        "Imports since your last visit that count now.",
        "count of live imports written after the end of your visit before",
        "Since the end of your visit before.",
        "Imports undone.",
        OWN,
    ),
)
