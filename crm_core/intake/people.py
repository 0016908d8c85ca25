"""Clients as matching looks at them, and what of each is compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from crm_core.addresses import Phone, own_domain, plain_email, plain_phone
from crm_core.intake.likeness import FoldedName, fold_client_name
from crm_core.intake.reach import plain_country, plain_place

Texts = Sequence[str | None]


@dataclass(frozen=True)
class People:
    """Clients, one row each; what is not known may be left out altogether.

    Attributes
    ----------
    names : sequence of (str or None)
        As files write them.
    emails, phones, countries, regions, cities : sequence of (str or None)
        As long as ``names``, or empty.
    birthdays : sequence of (int or None)
        Days since 1970-01-01.
    kinds : sequence of (str or None)
        ``person``, ``company`` or ``unknown``.
    numbers : sequence of (str or None)
        The id files know the client by, None where that is the name itself.
    roots : sequence of int
        Place of the client each row counts as; empty: each stands alone. Rows of one
        client tell together who it is.
    """

    names: Texts
    emails: Texts = ()
    phones: Texts = ()
    countries: Texts = ()
    regions: Texts = ()
    cities: Texts = ()
    birthdays: Sequence[int | None] = ()
    kinds: Texts = ()
    numbers: Texts = ()
    roots: Sequence[int] = field(default=())

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.names)


@dataclass(frozen=True)
class Person:
    """What of one client is compared, each in one form and "" where unknown."""

    name: FoldedName
    email: str
    domain: str
    phone: Phone | None
    country: str
    region: str
    city: str
    birthday: int | None
    kind: str
    number: str

    @property
    def is_company(self) -> bool:
        """Whether files say so, or the name bears a legal form."""
        return self.kind == "company" or bool(self.name.forms)


MOST_AT_DOMAIN = 20
"""A domain with addresses of more clients than this belongs to a provider."""


def look_at(people: People) -> list[Person]:
    """Return what is compared of each client.

    Examples
    --------
    >>> look_at(People(["Ann Lee"], emails=["A@web.de"], cities=["Bonn "]))[0].city
    'bonn'
    """
    n = len(people)
    emails = [plain_email(text) for text in people.emails or [None] * n]
    domains = [own_domain(email) for email in emails]
    at_domain = Counter(domains)
    places: dict[str | None, str] = {}
    countries: dict[str | None, str] = {}

    def place(text: str | None) -> str:
        if text not in places:
            places[text] = plain_place(text)
        return places[text]

    def country(text: str | None) -> str:
        if text not in countries:
            countries[text] = plain_country(text)
        return countries[text]

    nothing: Texts = [None] * n
    rows = zip(
        people.names,
        emails,
        domains,
        people.phones or nothing,
        people.countries or nothing,
        people.regions or nothing,
        people.cities or nothing,
        people.birthdays or [None] * n,
        people.kinds or nothing,
        people.numbers or nothing,
        strict=True,
    )
    return [
        Person(
            name=fold_client_name(name),
            email=email,
            domain=domain if at_domain[domain] <= MOST_AT_DOMAIN else "",
            phone=plain_phone(phone) if phone else None,
            country=country(land),
            region=place(region),
            city=place(city),
            birthday=birthday,
            kind=kind or "unknown",
            number=(number or "").strip().casefold(),
        )
        for name, email, domain, phone, land, region, city, birthday, kind, number in rows
    ]
