"""Invented names: nobody in the demo exists."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

FIRST_NAMES = (
    "Ada", "Bo", "Clara", "Dario", "Edda", "Finn", "Greta", "Hanno", "Ida", "Jona", "Kaia",
    "Levin", "Mila", "Nils", "Oda", "Piet", "Rieke", "Sami", "Tilda", "Umut", "Vera", "Wim",
    "Yara", "Zeno", "Anouk", "Bruno", "Dina", "Emil", "Frida", "Imre",
)  # fmt: skip
NAME_STARTS = (
    "Cresp", "Dornek", "Zaphol", "Skovar", "Vobis", "Grams", "Ivok", "Hexam", "Ulmiz", "Jopl",
    "Wyst", "Edelt", "Tovsk", "Vindr", "Askel", "Mips", "Hagun", "Fenn", "Yarb", "Quint",
    "Petr", "Upfal", "Olbrek", "Rogat", "Gyb", "Iseng", "Ludw", "Calvi", "Nyqu",
)  # fmt: skip
"""Three letters and more apart, so that the search for duplicates tells them from another."""

NAME_ENDS = (
    "acker", "bro", "dal", "hausen", "ing", "lund", "mere", "stede", "wick", "ovar", "toft",
    "eksen", "ulmi", "ritz",
)  # fmt: skip
TRADES = {
    "Restaurants": ("Café", "Bistro", "Kitchen", "Tearoom", "Inn"),
    "Shops": ("Flowers", "Bakery", "Farm shop", "Bookshop", "Deli"),
    "Offices": ("Studio", "Law office", "Dental practice", "Workshop", "School"),
}


def invent_surnames(rng: np.random.Generator) -> Iterator[str]:
    """Yield invented surnames in a random order, each once; four hundred of them."""
    every = [f"{start}{end}" for start in NAME_STARTS for end in NAME_ENDS]
    return iter([every[place] for place in rng.permutation(len(every))])


def invent_person(rng: np.random.Generator, surname: str) -> str:
    """Return a person's name."""
    return f"{FIRST_NAMES[int(rng.integers(len(FIRST_NAMES)))]} {surname}"


def invent_company(rng: np.random.Generator, surname: str, segment: str) -> str:
    """Return a company's name that says its trade."""
    trades = TRADES[segment]
    return f"{surname} {trades[int(rng.integers(len(trades)))]}"


def invent_email(name: str) -> str:
    """Return an address that can never receive mail (``.example`` is reserved).

    Examples
    --------
    >>> invent_email("Ada Pelbrook")
    'ada.pelbrook@mail.example'
    """
    plain = name.casefold().replace("é", "e").replace(" ", ".")
    return f"{plain}@mail.example"
