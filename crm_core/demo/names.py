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
    "Bral", "Fen", "Hol", "Kest", "Lun", "Mard", "Nel", "Ost", "Pel", "Quin", "Ros", "Selm",
    "Tor", "Ulm", "Vers", "Wil", "Yar", "Zel", "Dorn", "Gram", "Ask", "Brim", "Calv", "Edel",
    "Frost", "Hag", "Isen", "Jor", "Lind", "Mors", "Norr", "Rav", "Skov", "Thal", "Vind",
)  # fmt: skip
NAME_ENDS = (
    "acker", "bro", "dal", "ekker", "hausen", "ing", "lund", "mere", "stede", "wick", "ovar",
    "toft",
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
