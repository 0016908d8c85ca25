"""E-mail addresses and phone numbers in one form, however they are written."""

from __future__ import annotations

import re
from dataclasses import dataclass

SHORTEST_PHONE, LONGEST_PHONE = 7, 13
"""Digits of a phone number without country code; others tell nothing."""

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_NOBODY = re.compile(
    r"(no-?reply|do-?not-?reply|none|nobody|noemail|no-?mail|keine?|test|example|unknown|anonym\w*)"
)
_NO_DOMAINS = frozenset({"example.com", "example.org", "example.net", "test.com", "none.com"})
_PUBLIC = """
    gmail hotmail outlook live msn yahoo ymail rocketmail icloud me mac aol gmx web t-online
    freenet arcor posteo mailbox proton protonmail pm tutanota mail yandex rambler bk list inbox
    qq 163 126 sina naver orange wanadoo free laposte sfr neuf libero virgilio tiscali alice
    seznam centrum wp o2 onet interia op bluewin sunrise telenet skynet ziggo kpnmail xs4all
    home planet telia online comcast verizon att sbcglobal bellsouth cox charter btinternet sky
    talktalk virginmedia ntlworld rogers shaw telus bigpond optusnet uol bol terra hotmail
    email zoho fastmail
"""
_PUBLIC_DOMAINS = frozenset(_PUBLIC.split())
"""First part of the domains where anybody may have an address."""

_SHARED_BOX = re.compile(
    r"(info|office|b[uü]ro|buero|kontakt|contacto?|sales|mail|e-?mail|hello|hallo|admin|shop|orders?|"
    r"bestell\w*|einkauf|verkauf|vertrieb|buchhaltung|rechnung\w*|accounts?|accounting|billing|"
    r"invoices?|service|support|team|post|zentrale|empfang|reception|verwaltung|purchasing|"
    r"compras|ventas|achats?|ventes|acquisti|amministrazione|secretariat|sekretariat)"
)
"""Mailboxes that a firm's people read together."""

_EXTENSION = re.compile(r"(?:ext\.?|extension|durchwahl|dw|доб\.?|x)\s*\d+\s*$", re.IGNORECASE)
_DIGITS = re.compile(r"\D+")
_TWO_DIGITS = """
    20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64
    65 66 81 82 84 86 90 91 92 93 94 95 98
"""
_TWO_DIGIT_CODES = frozenset(_TWO_DIGITS.split())


@dataclass(frozen=True)
class Phone:
    """A phone number.

    Attributes
    ----------
    number : str
        Digits without country code and trunk zero.
    country : str
        Calling code, "" where the number does not say it.
    """

    number: str
    country: str = ""

    def fits(self, other: Phone) -> bool:
        """Return whether both may be one number: the same digits, no two country codes."""
        same = self.number == other.number
        return same and (self.country == other.country or not (self.country and other.country))


def plain_email(text: str | None) -> str:
    """Return an e-mail address in one form, "" for what is none or nobody's.

    Case, ``+tags`` and the dots of Gmail's addresses make no other mailbox.

    Examples
    --------
    >>> (
    ...     plain_email(" A.Lee+shop@GMail.com"),
    ...     plain_email("info@x.org"),
    ...     plain_email("noreply@x.org"),
    ... )
    ('alee@gmail.com', 'info@x.org', '')
    """
    plain = (text or "").strip().casefold().removeprefix("mailto:")
    if not _EMAIL.fullmatch(plain):
        return ""
    mailbox, _, domain = plain.partition("@")
    mailbox = mailbox.partition("+")[0] or mailbox
    if domain in ("gmail.com", "googlemail.com"):
        mailbox, domain = mailbox.replace(".", ""), "gmail.com"
    if _NOBODY.fullmatch(mailbox) or domain in _NO_DOMAINS:
        return ""
    return f"{mailbox}@{domain}"


def is_shared_mailbox(email: str) -> bool:
    """Return whether a mailbox is named for a firm or a desk, not for a person.

    Examples
    --------
    >>> is_shared_mailbox("info@linden.org"), is_shared_mailbox("ann@linden.org")
    (True, False)
    """
    return _SHARED_BOX.fullmatch(email.strip().casefold().partition("@")[0]) is not None


def own_domain(email: str) -> str:
    """Return the domain of a plain e-mail, "" where anybody may have an address there.

    Examples
    --------
    >>> own_domain("ann@linden.org"), own_domain("ann@web.de"), own_domain("")
    ('linden.org', '', '')
    """
    domain = email.partition("@")[2]
    labels = domain.split(".")
    return "" if not domain or set(labels[:-1]) & _PUBLIC_DOMAINS else domain


def plain_phone(text: str | None) -> Phone | None:
    """Return a phone number in one form, None where it tells nothing.

    An international prefix (``+49``, ``0049``) or a bare trunk zero is taken off, ``(0)``
    and an extension too. Numbers of fewer than 7 or more than 13 digits, of two different
    digits at most, and plain sequences are placeholders.

    Examples
    --------
    >>> plain_phone("+358 40 123 4567"), plain_phone("(040) 1234567")
    (Phone(number='401234567', country='358'), Phone(number='401234567', country=''))
    >>> plain_phone("12"), plain_phone("0000000000"), plain_phone("12345678")
    (None, None, None)
    """
    written = _EXTENSION.sub("", (text or "").strip()).replace("(0)", "")
    digits = _DIGITS.sub("", written)
    country = ""
    if written.lstrip("( ").startswith("+") or digits.startswith("00"):
        digits = digits.lstrip("0")
        country = _calling_code(digits)
        digits = digits[len(country) :]
    elif len(digits) == 11 and digits[0] == "1":
        country, digits = "1", digits[1:]
    digits = digits.removeprefix("0")
    if not SHORTEST_PHONE <= len(digits) <= LONGEST_PHONE or is_placeholder(digits):
        return None
    return Phone(digits, country)


def _calling_code(digits: str) -> str:
    if digits[:1] in ("1", "7"):
        return digits[:1]
    return digits[:2] if digits[:2] in _TWO_DIGIT_CODES else digits[:3]


def is_placeholder(digits: str) -> bool:
    """Return whether digits are what people type where a form wants a number.

    Examples
    --------
    >>> [is_placeholder(digits) for digits in ("0000000", "1234567", "9876543", "7946001")]
    [True, True, True, False]
    """
    return len(set(digits)) <= 2 or digits in "01234567890123456789" or digits in "9876543210"
