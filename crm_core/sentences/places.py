"""What a person's own pages say: own clients, changing hands, what is new since the last visit."""

from __future__ import annotations

from datetime import date

from crm_core.formatting import (
    format_count,
    format_day,
    format_money,
    join_words,
    md_escape,
    plural,
    say_name,
)
from crm_core.tables import NEVER


def own_clients_sentence(
    n: int,
    late: int,
    at_stake: int,
    *,
    whose: str = "your",
    first: str | None = None,
    next_late: tuple[str, int] | None = None,
    currency: str | None = None,
) -> str:
    """Say how many of somebody's clients are late, what they are worth, and whom to call.

    Parameters
    ----------
    n : int
        Active clients.
    late, at_stake : int
        How many of them are late and not put off, and their sales of twelve months.
    whose : str
        ``your`` or, as Markdown, somebody's name with the s behind it.
    first : str, optional
        The late client with most at stake.
    next_late : tuple of (str, int), optional
        Who becomes late next, and when; said where nobody is late.
    currency : str, optional
        Set behind the money.

    Examples
    --------
    >>> own_clients_sentence(42, 5, 310_000_000, first="Nordlicht").replace(chr(160), " ")
    'Of your 42 clients **5 are late**, worth **31,000** a year; call Nordlicht first.'
    >>> own_clients_sentence(1, 0, 0)
    'Your one client is not late.'
    """
    big = f"{whose[0].upper()}{whose[1:]}"
    if not n:
        return f"{big} list is empty: no active client on this day."
    if not late:
        none = f"{big} one client is" if n == 1 else f"None of {whose} {plural(n, 'client')} is"
        none += " not late" if n == 1 else " late"
        if next_late is None or next_late[1] >= NEVER:
            return f"{none}."
        return f"{none}; next is {say_name(next_late[0])}, from {format_day(next_late[1])} on."
    money = md_escape(format_money(at_stake, currency))
    call = f"; call {say_name(first)} first" if first else ""
    if n == 1:
        return f"{big} one client **is late**, worth **{money}** a year{call}."
    are = "is" if late == 1 else "are"
    of = f"Of {whose} {plural(n, 'client')}"
    return f"{of} **{format_count(late)} {are} late**, worth **{money}** a year{call}."


def handing_sentence(
    n: int,
    sales: int,
    to: str,
    from_day: date,
    until: date | None,
    *,
    giver: str | None = None,
    currency: str | None = None,
) -> str:
    """Say who goes where from when until when, before it is done (plain text).

    Examples
    --------
    >>> handing_sentence(
    ...     12, 840_000_000, "Ben", date(2024, 6, 1), date(2024, 6, 14), giver="Anna"
    ... ).replace(chr(160), " ")
    '12 clients, 84,000 a year, go from Anna to Ben from 1 Jun 2024 until 14 Jun 2024, then back.'
    """
    goes = "goes" if n == 1 else "go"
    source = f" from {giver}" if giver else ""
    days = f"from {format_day(from_day)}"
    days += f" until {format_day(until)}, then back" if until else " on"
    money = format_money(sales, currency)
    return f"{plural(n, 'client')}, {money} a year, {goes}{source} to {to} {days}."


def since_sentence(
    when: str,
    *,
    sales: int = 0,
    came_back: int = 0,
    went_late: int = 0,
    went: int = 0,
    imports: tuple[str, ...] = (),
    gone: str = "probably gone",
) -> str:
    """Say what is new since the last visit; empty where nothing is (plain text).

    Parameters
    ----------
    when : str
        ``on Monday``.
    sales : int
        New sales, negative where some stopped counting.
    came_back, went_late, went : int
        Clients.
    imports : tuple of str
        Who imported, one name an import; empty where nobody signed in.
    gone : str
        The words for gone.

    Examples
    --------
    >>> since_sentence("on Monday", sales=214, went_late=1, imports=("Ann",))
    'Since your last visit on Monday: 214 new sales, 1 client went late, 1 import by Ann'
    """
    parts = []
    if sales:
        what = "new sales" if sales > 1 else "new sale" if sales == 1 else "fewer sales"
        parts.append(f"{format_count(abs(sales))} {what}")
    counts = (
        (came_back, "came back"),
        (went_late, "went late"),
        (went, f"{'is' if went == 1 else 'are'} {gone} now"),
    )
    for count, words in counts:
        if count:
            named = format_count(count) if any("client" in p for p in parts) else None
            parts.append(f"{named or plural(count, 'client')} {words}")
    if imports:
        names = list(dict.fromkeys(name for name in imports if name))
        by = f" by {join_words(names)}" if names else ""
        parts.append(f"{plural(len(imports), 'import')}{by}")
    return f"Since your last visit {when}: {', '.join(parts)}" if parts else ""
