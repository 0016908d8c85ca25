"""The people of the demo and every order they placed, as rows of two files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from crm_core.demo.goods import (
    USUAL_CENTS,
    Line,
    Product,
    choose_favourites,
    find_product,
    make_lines,
)
from crm_core.demo.names import invent_company, invent_email, invent_person, invent_surnames
from crm_core.demo.stories import CAST, DEMO_DAYS, Cast, Draw, every
from crm_core.money import UNIT
from crm_core.tables import to_date

REGIONS = ("City", "Coast", "Hills", "North")
MANAGERS = ("Ina Quist", "Per Lindau", "Mara Vesper")
CAME_FROM = ("Recommendation", "Trade fair", "Web search", "Walk-in", "Newspaper")
KEY_ACCOUNT = "Nordlicht"
KEY_SHARE = 0.14
"""Part of the last year's named sales that the key account brings."""

TILL = "Market stall till"
OFFICE, SHOP = "office", "web shop"
"""The two sources."""

WEB_SHOP_DOWN = range(-820, -755)
"""Days, counted to the last, in which the web shop sold nothing: the import doctor finds them."""


@dataclass
class Person:
    """A client of the demo: number, story, attributes, and the first day known."""

    number: str
    story: str
    attributes: dict[str, str]
    source: str = OFFICE
    known_on: int | None = None

    @property
    def name(self) -> str:
        """The name."""
        return self.attributes["name"]


@dataclass(frozen=True)
class Row:
    """A row of the sales file; ``person`` None is a walk-in."""

    person: Person | None
    day: int
    amount: int
    order: str | None
    product: Product | None = None
    pieces: int | None = None
    refund_of: str | None = None
    channel: str | None = None
    manager: str | None = None
    currency: str | None = None


@dataclass
class Business:
    """Everything the demo invents about clients and sales.

    Attributes
    ----------
    last : int
        Last day with sales.
    people : list of Person
        In the order of their numbers.
    rows : list of Row
        Orders and refunds, in no order.
    """

    rng: Draw
    last: int
    people: list[Person] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    _orders: int = 20_000

    def of(self, story: str) -> list[Person]:
        """Return the people who live a story."""
        return [person for person in self.people if person.story == story]

    def last_day_of(self, person: Person) -> int:
        """Return the last day on which a client bought."""
        return max(row.day for row in self.rows if row.person is person)

    def add_order(self, person: Person | None, day: int, lines: list[Line], *, channel: str) -> str:
        """Add an order, never on a Sunday, and return its reference."""
        self._orders += 1
        day = day - 1 if to_date(day).weekday() == 6 else day
        manager = person.attributes.get("manager") if person else None
        prefix = "W" if person and person.source == SHOP else "A"
        for line in lines:
            self.rows.append(
                Row(
                    person,
                    day,
                    line.amount,
                    f"{prefix}{self._orders}",
                    line.product,
                    line.pieces,
                    channel=channel,
                    manager=manager,
                )
            )
        return f"{prefix}{self._orders}"


def make_business(rng: Draw, last: int) -> Business:
    """Invent the business: its people, their orders, refunds, walk-ins and the till.

    Parameters
    ----------
    rng : numpy.random.Generator
        The only source of chance.
    last : int
        Last day with sales.
    """
    business, surnames = Business(rng, last), invent_surnames(rng)
    for cast in CAST:
        for _ in range(cast.count):
            _add_client(business, cast, surnames)
    _add_leads(business, surnames)
    _add_contract_clients(business, surnames)
    _add_group(business)
    _add_twins(business)
    _add_refunds(business)
    _add_walk_ins(business)
    _add_key_account(business)
    return business


def _add_client(business: Business, cast: Cast, surnames: Iterator[str]) -> None:
    rng = business.rng
    segment = (
        str(rng.choice(["Restaurants", "Shops", "Offices"], p=[0.45, 0.3, 0.25]))
        if rng.random() < cast.business
        else "Private"
    )
    visits = cast.story(rng, business.last)
    person = add_person(business, cast.name, segment, next(surnames))
    person.source = SHOP if segment == "Private" and rng.random() < 0.4 else OFFICE
    favourites = _favourites(rng, cast, segment)
    usual = USUAL_CENTS[segment] * cast.size * rng.lognormal(0, 0.75)
    for day, size in visits:
        if person.source == SHOP and day - business.last in WEB_SHOP_DOWN:
            continue
        cents = usual * size * rng.lognormal(0, 0.25)
        lines = make_lines(rng, favourites, cents)
        business.add_order(person, day, lines, channel=_channel(rng, person, segment))


def add_person(business: Business, story: str, segment: str, surname: str) -> Person:
    """Add a client of a segment and return it."""
    rng = business.rng
    private = segment == "Private"
    name = invent_person(rng, surname) if private else invent_company(rng, surname, segment)
    region = str(rng.choice(REGIONS, p=[0.4, 0.25, 0.2, 0.15]))
    department = "Interior" if segment in ("Offices", "Restaurants") else "Garden"
    number = f"{1001 + len(business.people)}"
    attributes = {
        "name": name,
        "kind": "person" if private else "company",
        "segment": segment,
        "region": region,
        "department": department,
        "came_from": str(rng.choice(CAME_FROM, p=[0.35, 0.1, 0.25, 0.2, 0.1])),
        "country": "Denmark" if region == "North" else "Germany",
    }
    if not private:
        attributes["manager"] = MANAGERS[REGIONS.index(region) % len(MANAGERS)]
    if rng.random() < 0.75:
        attributes["email"] = invent_email(name)
    if rng.random() < 0.6:
        attributes["phone"] = f"+00 555 {2000 + 7 * len(business.people)}"
    person = Person(number, story, attributes)
    business.people.append(person)
    return person


def _favourites(rng: Draw, cast: Cast, segment: str) -> list[Product]:
    if cast.name == "yearly":
        return [find_product("Christmas tree")]
    if cast.name == "garden":
        names = ("Bedding plants, tray", "Potting soil 40 l", "Slow fertiliser", "Pruning shears")
        return [find_product(name) for name in names]
    return choose_favourites(rng, segment)


def _channel(rng: Draw, person: Person, segment: str) -> str:
    if person.source == SHOP:
        return "Web"
    chances = [0.75, 0.1, 0.15] if segment == "Private" else [0.25, 0.65, 0.1]
    return str(rng.choice(["Shop", "Phone", "Market"], p=chances))


def _add_leads(business: Business, surnames: Iterator[str]) -> None:
    """People who asked and have not bought: some lately, some long ago."""
    for number in range(26):
        segment = "Offices" if number % 3 else "Private"
        lead = add_person(business, "lead", segment, next(surnames))
        ago = int(business.rng.uniform(3, 170 if number < 15 else 900))
        lead.known_on = business.last - ago


def _add_contract_clients(business: Business, surnames: Iterator[str]) -> None:
    """Offices with plant care by contract; the contracts themselves are kept by hand."""
    care = find_product("Plant care, monthly")
    for number, months in enumerate((0, 6, 16, 25, 30, 8)):
        story = f"contract {number}"
        person = add_person(business, story, "Offices", next(surnames))
        person.known_on = business.last - 30 * months - 20
        ends = 14 if number == 4 else 0
        for month in range(ends, months):
            line = Line(care, 1, care.cents * UNIT // 100)
            day = business.last - 30 * month - 4
            business.add_order(person, day, [line], channel="Phone")


def _add_group(business: Business) -> None:
    """Two sister houses of the key account, in one group with it."""
    rng = business.rng
    for name, gap, cents in (
        (f"{KEY_ACCOUNT} Harbour", 33, 24_000),
        (f"{KEY_ACCOUNT} Café", 24, 19_000),
    ):
        person = add_person(business, "sister", "Restaurants", KEY_ACCOUNT)
        person.attributes |= {"name": name, "group_name": f"{KEY_ACCOUNT} group", "region": "Coast"}
        person.attributes["email"] = invent_email(name)
        favourites = choose_favourites(rng, "Restaurants")
        for day in every(rng, business.last - 900, business.last - 6, gap):
            lines = make_lines(rng, favourites, cents * rng.lognormal(0, 0.2))
            business.add_order(person, day, lines, channel="Phone")


def _add_twins(business: Business) -> None:
    """Let some buy in the office and under another number in the web shop."""
    known = [p for p in business.of("twice") + business.of("regular") if p.source == OFFICE]
    for original in known[:6]:
        twin = Person(
            f"{1001 + len(business.people)}",
            "twin",
            {
                "name": original.name.upper() if len(business.people) % 2 else original.name,
                "kind": original.attributes["kind"],
                "email": original.attributes.setdefault("email", invent_email(original.name)),
                "country": original.attributes["country"],
            },
            SHOP,
        )
        business.people.append(twin)
        favourites = choose_favourites(business.rng, "Private")
        day = business.last - int(business.rng.integers(20, 500))
        business.add_order(twin, day, make_lines(business.rng, favourites, 4000), channel="Web")


def _add_refunds(business: Business) -> None:
    """Give some money back: naming the line's order, whole orders, and without a name."""
    rng, refunds = business.rng, list[Row]()
    sold = [row for row in business.rows if row.day < business.last - 12]
    for place in rng.choice(len(sold), size=len(sold) // 70, replace=False).tolist():
        row = sold[place]
        refunds.append(_refund(rng, row, len(refunds), named=rng.random() < 0.75))
    for person in business.of("once")[:3]:
        own = [row for row in sold if row.person is person]
        refunds += [_refund(rng, row, len(refunds) + i, named=True) for i, row in enumerate(own)]
    business.rows += refunds


def _refund(rng: Draw, row: Row, number: int, *, named: bool) -> Row:
    return Row(
        row.person,
        row.day + int(rng.integers(2, 12)),
        -row.amount,
        f"R{3000 + number}" if named else None,
        row.product,
        refund_of=row.order if named else None,
        channel=row.channel,
        manager=row.manager,
    )


def _add_walk_ins(business: Business) -> None:
    """Sell over the counter to nobody in particular, and at the market stall's till."""
    rng = business.rng
    goods = choose_favourites(rng, "Private")
    for day in range(business.last - DEMO_DAYS, business.last + 1):
        if to_date(day).weekday() != 6 and rng.random() < 0.45:
            lines = make_lines(rng, goods, 3800 * rng.lognormal(0, 0.5))
            business.add_order(None, day, lines[:2], channel="Shop")
    till = Person(f"{1001 + len(business.people)}", "till", {"name": TILL})
    business.people.append(till)
    for day in range(business.last - 420, business.last + 1):
        if to_date(day).weekday() != 6 and rng.random() < 0.93:
            lines = make_lines(rng, goods, 5500 * rng.lognormal(0, 0.3))
            business.add_order(till, day, lines, channel="Market")


def _add_key_account(business: Business) -> None:
    """Add the client everything hangs on: late by now, and 14 % of the last year's sales."""
    rng, last = business.rng, business.last
    person = add_person(business, "key", "Restaurants", KEY_ACCOUNT)
    person.attributes |= {
        "name": KEY_ACCOUNT,
        "group_name": f"{KEY_ACCOUNT} group",
        "manager": MANAGERS[0],
        "email": "kitchen@nordlicht.example",
        "region": "Coast",
        "came_from": "Recommendation",
        "country": "Germany",
    }
    days = every(rng, last - DEMO_DAYS + 5, last - 52, 21, spread=0.08)
    named = sum(
        row.amount
        for row in business.rows
        if row.person and row.person.story != "till" and row.day > last - 365
    )
    lately = sum(day > last - 365 for day in days)
    cents = named * KEY_SHARE / (1 - KEY_SHARE) / lately * 100 / UNIT
    favourites = [
        find_product(n)
        for n in (
            "Herb pot",
            "Mint tea 500 g",
            "House blend tea 1 kg",
            "Table flowers, weekly",
            "Terracotta pot 20 cm",
        )
    ]
    for day in days:
        lines = make_lines(rng, favourites, cents * rng.lognormal(0, 0.05))
        business.add_order(person, day, lines, channel="Phone")
