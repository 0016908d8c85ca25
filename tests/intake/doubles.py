"""Made-up clients, some of them written down twice, as shops and offices do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crm_core.intake.people import People

_FIRST = """
    Anna Peter Maria Hans Julia Thomas Sabine Michael Petra Andreas Monika Stefan Claudia Klaus
    Ursula Martin Karin Wolfgang Helga Frank Susanne Christian Renate Markus Birgit Daniel Nicole
    Alexander Katrin Tobias Lea Jonas Mia Felix Emma Paul Lena Lukas Marie Tim Erin Erica Joan John
    Olga Ivan Chloe Zoe Mats Pia
"""
_PARTS = "Berg Feld Hof Mann Meier Stein Wald Bach Haus Brand Kamp Born Lind Rosen Winter"
_COMMON = "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann"
_TRADES = "Bäckerei Apotheke Gasthof Elektro Autohaus Malerei Blumen Café Druckerei Schreinerei"
_CITIES = """
    Berlin Hamburg München Köln Frankfurt Bonn Kiel Ulm Trier Gera Jena Halle Essen Mainz Fulda
    Celle Emden Aalen Plauen Passau
"""
FIRST, PARTS, COMMON, TRADES, CITIES = (
    text.split() for text in (_FIRST, _PARTS, _COMMON, _TRADES, _CITIES)
)


@dataclass(frozen=True)
class Doubles:
    """Clients, and who each of them is in truth (equal numbers are one)."""

    people: People
    truth: np.ndarray


def make_doubles(count: int, *, seed: int = 1, share: float = 0.1) -> Doubles:
    """Invent clients with common and rare names, a share of them written down again."""
    rng = np.random.default_rng(seed)
    rows = [_invent(rng, number) for number in range(count)]
    truth = list(range(count))
    for number in rng.choice(count, int(count * share), replace=False).tolist():
        rows.append(_write_again(rng, rows[number]))
        truth.append(number)
    order = rng.permutation(len(rows))
    names, emails, phones, cities, kinds = zip(*(rows[place] for place in order), strict=True)
    people = People(names, emails, phones, cities=cities, kinds=kinds)
    return Doubles(people, np.array(truth)[order])


Row = tuple[str, str | None, str | None, str | None, str]


def _invent(rng: np.random.Generator, number: int) -> Row:
    surname = COMMON[int(min(rng.zipf(1.6) - 1, 9))] if rng.random() < 0.35 else _surname(rng)
    city = CITIES[int(min(rng.zipf(1.5) - 1, len(CITIES) - 1))] if rng.random() < 0.8 else None
    if rng.random() < 0.3:
        trade = TRADES[int(rng.integers(10))]
        name, kind = f"{trade} {surname} {('GmbH', 'KG', 'e.K.')[number % 3]}", "company"
        email = f"info@{trade[:4].lower()}-{number}.example.de" if rng.random() < 0.7 else None
    else:
        name, kind = f"{FIRST[int(rng.integers(len(FIRST)))]} {surname}", "unknown"
        email = f"{name.split()[0].lower()}{number}@web.de" if rng.random() < 0.6 else None
    phone = f"+49 {int(rng.integers(150, 990))} {7_000_000 + number * 37}"
    return name, email, phone if rng.random() < 0.5 else None, city, kind


def _surname(rng: np.random.Generator) -> str:
    letters = "bdfgklmnprstw"
    first = "".join(letters[int(rng.integers(13))] + "aeiou"[int(rng.integers(5))] for _ in "12")
    return (first + PARTS[int(rng.integers(len(PARTS)))].lower()).capitalize()


def _write_again(rng: np.random.Generator, row: Row) -> Row:
    """Return the same client as another clerk writes them: some things differently, some not."""
    name, email, phone, city, kind = row
    ways = (
        lambda text: text,
        lambda text: text.upper(),
        lambda text: ", ".join(reversed(text.split(" ", 1))),
        lambda text: text.replace(" GmbH", "").replace("ü", "ue").replace(" KG", ""),
        lambda text: _slip(rng, text),
    )
    name = ways[int(rng.integers(len(ways)))](name)
    keeps = rng.random(3)
    email = email.upper() if email and keeps[0] < 0.6 else None
    phone = phone.replace("+49 ", "0").replace(" ", "-") if phone and keeps[1] < 0.6 else None
    return name, email, phone, city if keeps[2] < 0.8 else None, kind


def _slip(rng: np.random.Generator, text: str) -> str:
    """Return a name with two letters of its longest word swapped."""
    word = max(text.split(), key=len)
    at = int(rng.integers(1, len(word) - 1))
    return text.replace(word, word[:at] + word[at : at + 2][::-1] + word[at + 2 :])
