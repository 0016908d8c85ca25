"""How an erased person is known again without being stored: keyed fingerprints of identities.

A fingerprint is an HMAC-SHA256 of what a file calls somebody. It cannot be turned
back, only compared: the next file's identity is folded, marked with the same key and
looked up.
"""

from __future__ import annotations

import hmac
import re
import unicodedata

from sqlalchemy import Connection, select

from crm_core.addresses import is_placeholder, plain_email
from crm_core.records.lookups import fit
from crm_core.records.models import ErasedIdentity
from crm_core.records.secret_keys import FINGERPRINTS, secret_key

PHONE_DIGITS = 8
"""Last digits of a phone number that tell it apart: whole numbers of small countries have eight."""

LEAST_PHONE_DIGITS = 7
_PHONE = re.compile(r"[\d\s()+./\-\u00a0]+")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_WHOLE = re.compile(r"(-?[0-9]+)\.0+")
_WORD = re.compile(r"\w+")
_SPELLINGS = (("ae", "a"), ("oe", "o"), ("ue", "u"), ("ø", "o"), ("ł", "l"), ("đ", "d"), ("ı", "i"))

EVERYWHERE = ("email", "phone")
"""Kinds of identities that hold in every source; ids and names hold within one."""


def fold_identity(kind: str, text: str) -> str:
    """Return an identity as it is compared, empty where the text names nobody.

    Parameters
    ----------
    kind : {"id", "email", "name", "phone"}
        What the text is.
    text : str
        As somebody typed it, or as intake normalised it.

    Examples
    --------
    >>> fold_identity("email", " Ann+shop@X.org"), fold_identity("name", "LEE, Änn")
    ('ann@x.org', 'ann lee')
    >>> fold_identity("phone", "+44 20 7946-0018") == fold_identity("phone", "020 7946 0018")
    True
    >>> fold_identity("id", "17.0"), fold_identity("phone", "12"), fold_identity("email", "none")
    ('17', '', '')
    >>> fold_identity("phone", "000 000 00"), fold_identity("phone", "987 654 321")
    ('', '')
    """
    text = text.strip()
    if kind == "phone":
        return _fold_phone(text)
    if kind == "email":
        return plain_email(text) or (text.lower() if _EMAIL.fullmatch(text) else "")
    if kind == "name":
        return fold_words(text)
    whole = _WHOLE.fullmatch(text)
    return fit(whole[1] if whole else text)


def _fold_phone(text: str) -> str:
    digits = "".join(char for char in text if char.isdecimal())
    if not _PHONE.fullmatch(text) or len(digits) < LEAST_PHONE_DIGITS:
        return ""
    # Remembered, it would make everybody who typed the same an erased person.
    return "" if is_placeholder(digits) else digits[-PHONE_DIGITS:]


def plain_letters(text: str) -> str:
    """Return a text in small letters without accents, umlauts however they are spelt.

    Examples
    --------
    >>> plain_letters("JOSÉ Müller"), plain_letters("Jose Mueller")
    ('jose muller', 'jose muller')
    """
    text = text.casefold()
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text)
        text = "".join(char for char in text if not unicodedata.combining(char))
    for written, plain in _SPELLINGS:
        text = text.replace(written, plain)
    return text


def fold_words(text: str) -> str:
    """Return a name's words in one order, without accents, case and signs.

    Examples
    --------
    >>> fold_words("Zarquón-Ibáñez, José") == fold_words("JOSE ZARQUON IBANEZ")
    True
    >>> fold_words("Table 2 1"), fold_words("★★")
    ('table 2 1', '★★')
    """
    plain = plain_letters(text)
    words = _WORD.findall(plain)
    if not words:
        return " ".join(plain.split())
    # Numbers in a name mean something else in another order.
    return " ".join(words if any(char.isdecimal() for char in plain) else sorted(words))


class Marker:
    """Makes fingerprints with the key of one database.

    Parameters
    ----------
    key : bytes
        From :func:`crm_core.records.secret_keys.secret_key`.

    Examples
    --------
    >>> mark = Marker(b"k")
    >>> mark("email", 3, "Ann@x.org") == mark("email", None, "ann@x.org")
    True
    >>> mark("id", 3, "17") == mark("id", 4, "17")
    False
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __call__(self, kind: str, source_id: int | None, text: str) -> str:
        """Return the fingerprint of an identity, empty where the text names nobody."""
        folded = fold_identity(kind, text)
        if not folded:
            return ""
        where = "" if kind in EVERYWHERE or source_id is None else str(source_id)
        message = f"{kind}\0{where}\0{folded}".encode("utf-8", "surrogatepass")
        return hmac.digest(self._key, message, "sha256").hex()


def marker_of(connection: Connection) -> Marker:
    """Return the marker of a database; makes its key where there is none yet."""
    return Marker(secret_key(connection, FINGERPRINTS))


def read_fingerprints(connection: Connection) -> dict[str, int]:
    """Return whose each fingerprint is: the id of the pseudonymised client."""
    table = ErasedIdentity.__table__.c
    rows = connection.execute(select(table.fingerprint, table.client_id))
    return {row[0]: row[1] for row in rows}
