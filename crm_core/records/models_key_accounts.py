"""Tables about key accounts: why a client is key, who works there, and what was done for it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.records.base import BIG, Base, OwnKey, one_of

KEY_REASONS = ("potential", "fame", "innovative", "demanding")
"""Why a client can be key besides the sales it brings; volume is computed, these are said."""

ROLES = ("owner", "head", "buyer", "accountant", "staff", "other")
"""What somebody is at the client's."""

CARE_KINDS = ("head visit", "new offered", "risk")
"""The head of our house was there; something new was offered; something threatens it."""


class KeyReason(Base):
    """Somebody says a client is key, why, and from which day; ``until_day`` when no longer."""

    __tablename__ = "key_reasons"
    __table_args__ = (
        one_of("reason", KEY_REASONS),
        CheckConstraint("from_day <= until_day", name="starts_before_end"),
    )

    id: Mapped[OwnKey]
    client_id: Mapped[int] = mapped_column(BIG, ForeignKey("clients.id"), index=True)
    reason: Mapped[str]
    from_day: Mapped[date]
    until_day: Mapped[date | None]
    note: Mapped[str]
    by: Mapped[str]


class ContactPerson(Base):
    """Somebody who works at a client's: how to reach them and what they like."""

    __tablename__ = "contact_people"
    __table_args__ = (
        one_of("role", ROLES),
        CheckConstraint("trim(name) <> ''", name="name_given"),
    )

    id: Mapped[OwnKey]
    client_id: Mapped[int] = mapped_column(BIG, ForeignKey("clients.id"), index=True)
    name: Mapped[str]
    role: Mapped[str]
    phone: Mapped[str]
    birthday: Mapped[date | None]
    cuisine: Mapped[str]
    hobbies: Mapped[str]
    note: Mapped[str]


class KeyCare(Base):
    """What was done for a client, or happened to it, on a day."""

    __tablename__ = "key_care"
    __table_args__ = (one_of("kind", CARE_KINDS),)

    id: Mapped[OwnKey]
    client_id: Mapped[int] = mapped_column(BIG, ForeignKey("clients.id"), index=True)
    day: Mapped[date]
    kind: Mapped[str]
    note: Mapped[str]
    by: Mapped[str]
