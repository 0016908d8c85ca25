"""What says that two clients are two, whatever they share."""

from __future__ import annotations

from crm_core.intake.people import Person
from crm_core.intake.reach import same_place

_FIRMS = """
    service services holding verwaltung verwaltungs beteiligung beteiligungs immobilien
    international digital consulting solutions logistik logistics export import stiftung verein
    vertrieb vertriebs handel handels produktion sales rental finance
"""
ANOTHER_FIRM = frozenset(_FIRMS.split())
"""Words by which a firm tells its sister at the same number apart."""

GENERATIONS = frozenset({"jun", "jr", "junior", "sen", "sr", "senior", "ii", "iii"})
"""Words by which a family tells two of one name apart."""


def speaks_against(one: Person, other: Person) -> str:
    """Return what says that two clients are two whatever they share, "" for nothing."""
    if one.birthday is not None and other.birthday is not None and one.birthday != other.birthday:
        return "Their birthdays differ."
    if GENERATIONS & (set(one.name.words) ^ set(other.name.words)):
        return "One may be the father or the son."
    if {one.kind, other.kind} == {"person", "company"}:
        return "One is a person, the other a company."
    if one.name.forms and other.name.forms and one.name.forms != other.name.forms:
        return "Their legal forms differ."
    if one.country and other.country and one.country != other.country:
        return "They are in two countries."
    return ""


def differ_in_reach(one: Person, other: Person) -> str:
    """Return where two of one name are reached differently, "" where nothing says so."""
    if one.city and other.city and not same_place(one.city, other.city):
        return "They are in two cities."
    if one.region and other.region and not same_place(one.region, other.region):
        return "They are in two regions."
    same_domain = one.domain and one.domain == other.domain
    if one.email and other.email and one.email != other.email and not same_domain:
        return "Their e-mails differ."
    if one.phone and other.phone and not one.phone.fits(other.phone):
        return "Their phone numbers differ."
    return ""
