"""Numbers, money, days and names as people read them; the only place where text is made safe.

Money comes in ten-thousandths, days as days since 1970-01-01. What cannot be
said is a dash, never a zero.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from html import escape

from crm_core.money import UNIT, to_decimal_text
from crm_core.tables import NEVER, to_date

DASH = "—"
NBSP = "\u00a0"
GROUPING = ","
"""Marks thousands, in sentences, tables and charts alike."""

SHORT_NAME = 40
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LINKED = re.compile(r"@|www(?=\.)|https?(?=:)|mailto(?=:)|xmpp(?=:)", re.IGNORECASE)
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:^=&@/])")
_FIRST_STRONG, _END_ISOLATE = "\u2068", "\u2069"


def format_count(count: int | float) -> str:
    """Return a whole number with thousands marked.

    Examples
    --------
    >>> format_count(9214)
    '9,214'
    """
    return f"{int(count):,}".replace(",", GROUPING)


def plural(count: int, word: str, many: str | None = None) -> str:
    """Return a count with its word.

    Examples
    --------
    >>> plural(1, "client"), plural(1400, "client"), plural(0, "day")
    ('1 client', '1,400 clients', '0 days')
    """
    return f"{format_count(count)} {word if count == 1 else many or word + 's'}"


def format_money(
    amount: int, currency: str | None = None, *, places: int | None = None, signed: bool = False
) -> str:
    r"""Return an amount for reading: whole units from 100 on, else two decimals.

    Parameters
    ----------
    amount : int
        Ten-thousandths.
    currency : str, optional
        Code set behind the number; without one the figure bears no sign.
    places : int, optional
        Decimals, when the rule above does not fit.
    signed : bool, default False
        Show a plus too.

    Examples
    --------
    >>> format_money(18423105500, places=2), format_money(-20000)
    ('1,842,310.55', '−2.00')
    >>> format_money(960000000, "EUR", signed=True)
    '+96,000\xa0EUR'
    """
    if places is None:
        places = 2 if 0 < abs(amount) < 100 * UNIT else 0
    text = to_decimal_text(abs(int(amount)), places=places)
    whole, _, rest = text.partition(".")
    text = format_count(int(whole)) + (f".{rest}" if rest else "")
    sign = "−" if amount < 0 else "+" if signed and amount > 0 else ""
    return f"{sign}{text}{NBSP}{currency}" if currency else f"{sign}{text}"


def format_share(share: float | None) -> str:
    r"""Return a share as a percentage: no decimals from 10 % on, one below.

    Examples
    --------
    >>> format_share(0.634), format_share(0.0712), format_share(0), format_share(None)
    ('63\xa0%', '7.1\xa0%', '0\xa0%', '—')
    """
    return DASH if share is None else f"{_percent(share)}{NBSP}%"


def format_range(interval: tuple[float, float] | None) -> str:
    r"""Return a 95 % interval.

    Examples
    --------
    >>> format_range((0.0072, 0.0603))
    '0.7–6\xa0%'
    """
    if interval is None:
        return DASH
    low, high = (_percent(bound) for bound in interval)
    return f"{low}–{high}{NBSP}%"


def format_rate(
    numerator: int, denominator: int, interval: tuple[float, float] | None = None
) -> str:
    r"""Return the proof of a rate: its counts and its range.

    Examples
    --------
    >>> format_rate(3, 142, (0.0072, 0.0603))
    '3 of 142, 0.7–6\xa0%'
    """
    counts = f"{format_count(numerator)} of {format_count(denominator)}"
    return f"{counts}, {format_range(interval)}" if interval else counts


def _percent(share: float) -> str:
    percent = 100 * share
    if abs(percent) >= 9.95 or percent == 0:
        return f"{percent:.0f}"
    rounded = f"{percent:.1f}" if abs(percent) >= 0.05 else "under 0.1"
    return rounded.removesuffix(".0")


def format_day(day: int | date) -> str:
    """Return a day as ``3 May 2026``; a dash for ``NEVER``.

    Examples
    --------
    >>> format_day(date(2026, 5, 3)), format_day(NEVER)
    ('3 May 2026', '—')
    """
    if not isinstance(day, date):
        if abs(int(day)) >= NEVER:
            return DASH
        day = to_date(int(day))
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def format_month(label: str) -> str:
    """Return ``1997-02`` as ``Feb 1997``; quarters and years stay as they are.

    Examples
    --------
    >>> format_month("1997-02"), format_month("1997 Q1")
    ('Feb 1997', '1997 Q1')
    """
    year, dash, month = label.partition("-")
    return f"{MONTHS[int(month) - 1]} {year}" if dash else label


def join_words(words: Sequence[str]) -> str:
    """Return ``a``, ``a and b`` or ``a, b and c``.

    Examples
    --------
    >>> join_words(["gone", "shrinking", "new"])
    'gone, shrinking and new'
    """
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def one_line(text: str, width: int = SHORT_NAME) -> str:
    r"""Return a text on one line, cut with an ellipsis, without control characters.

    Examples
    --------
    >>> one_line("  Nord\nlicht " + 50 * "x", 12)
    'Nord licht…'
    """
    text = str(text)
    if len(text) <= width and text.isprintable() and "  " not in text and text == text.strip():
        return text
    spaced = " ".join(text.split())
    clean = spaced
    if not spaced.isprintable():
        clean = "".join(c for c in spaced if unicodedata.category(c)[0] != "C")
    return clean if len(clean) <= width else clean[: width - 1].rstrip() + "…"


def md_escape(text: str) -> str:
    r"""Return a text that Markdown shows as it stands: no markup, link, colour or formula.

    Examples
    --------
    >>> md_escape("![x](http://e)")
    '\\!\\[x\\]\\(http\u200b\\:\\/\\/e\\)'
    """
    # Browsers' Markdown links bare addresses even where their marks are escaped.
    unlinked = _LINKED.sub("\\g<0>\u200b", text)
    return _MARKDOWN.sub(r"\\\1", unlinked)


def say_name(name: str, width: int = SHORT_NAME) -> str:
    r"""Return a name for a Markdown sentence: one line, cut, escaped, its direction kept apart.

    Examples
    --------
    >>> say_name("Nordlicht"), say_name("*A*")
    ('Nordlicht', '\\*A\\*')
    """
    return md_escape(_isolate(one_line(name, width)))


def plotly_escape(text: str, width: int = SHORT_NAME) -> str:
    """Return a text for a chart label: one line, cut, its tags shown and not obeyed.

    Examples
    --------
    >>> plotly_escape("<b>A & B</b>")
    '&lt;b&gt;A &amp; B&lt;/b&gt;'
    """
    cut = _isolate(one_line(text, width))
    # Templates of hover texts read %{…}; the zero-width space keeps typed ones from being read.
    escaped = cut.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace("%{", "%\u200b{")


def html_escape(text: str, width: int | None = None) -> str:
    """Return a text for an HTML page or drawing: its tags shown and not obeyed.

    Parameters
    ----------
    text : str
        As typed.
    width : int, optional
        Put on one line and cut there; as long as it is when missing.

    Examples
    --------
    >>> html_escape('<b title="x">A & B</b>', 12)
    '&lt;b title=&quot;x…'
    """
    shown = _isolate(text if width is None else one_line(text, width))
    # Mail programs link bare addresses; the zero-width space keeps typed ones from that.
    return escape(_LINKED.sub("\\g<0>\u200b", shown), quote=True)


def _isolate(text: str) -> str:
    """Keep right-to-left text from reordering the sentence around it."""
    if any(unicodedata.bidirectional(character) in ("R", "AL", "RLE", "RLO") for character in text):
        return f"{_FIRST_STRONG}{text}{_END_ISOLATE}"
    return text
