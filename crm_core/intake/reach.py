"""Where a client lives or works, in one form: country, region, city."""

from __future__ import annotations

from crm_core.intake.likeness import plain_name

_COUNTRIES = """
    de deutschland germany allemagne tyskland|at osterreich austria autriche|ch schweiz
    switzerland suisse svizzera|fr frankreich france|it italien italy italia italie|es spanien
    spain espana espagne|pt portugal|nl niederlande netherlands nederland holland|be belgien
    belgium belgie belgique|lu luxemburg luxembourg|dk danemark denmark danmark|se schweden sweden
    sverige|no norwegen norway norge|fi finnland finland suomi|pl polen poland polska|cz tschechien
    czechia cesko|sk slowakei slovakia slovensko|hu ungarn hungary magyarorszag|ie irland ireland|
    gb uk grossbritannien britain england|us usa amerika america|ca kanada canada|au australien
    australia|br brasilien brazil brasil|ru russland russia россия|tr turkei turkey turkiye|gr
    griechenland greece|ro rumanien romania|bg bulgarien bulgaria|hr kroatien croatia hrvatska|si
    slowenien slovenia slovenija|ee estland estonia eesti|lv lettland latvia|lt litauen lithuania
"""
_COUNTRY = {word: row.split()[0] for row in _COUNTRIES.split("|") for word in row.split()}
_LONG_COUNTRIES = {
    "united states": "us", "united states america": "us", "united kingdom": "gb",
    "great britain": "gb", "czech republic": "cz", "russian federation": "ru",
}  # fmt: skip


def plain_country(text: str | None) -> str:
    """Return a country's two letters where they are known, else its folded name.

    Examples
    --------
    >>> plain_country("Deutschland"), plain_country("DE"), plain_country("United States")
    ('de', 'de', 'us')
    """
    plain = plain_name(text)
    return _COUNTRY.get(plain) or _LONG_COUNTRIES.get(plain, plain)


def plain_place(text: str | None) -> str:
    """Return a city or region in one form.

    Examples
    --------
    >>> plain_place("KÖLN"), plain_place("Koeln"), plain_place("Frankfurt (Main)")
    ('koln', 'koln', 'frankfurt main')
    """
    return plain_name(text)


def same_place(one: str, other: str) -> bool:
    """Return whether two plain places are one: equal, or one begins with the other's words.

    Examples
    --------
    >>> same_place("frankfurt", "frankfurt main"), same_place("bonn", "bonndorf")
    (True, False)
    """
    return one == other or f"{one} ".startswith(f"{other} ") or f"{other} ".startswith(f"{one} ")
