"""Tables about privacy: consent, erasure, and merging by rule."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.records.base import BIG, Base, OwnKey, one_of

CONSENT_CHANNELS = ("email", "phone", "post", "message", "visit")
CONSENT_STATES = ("given", "refused", "withdrawn", "not needed")
LAWFUL_BASES = ("consent", "contract", "legitimate interest", "legal obligation")
ERASED_KINDS = ("id", "email", "name", "phone")


class Consent(Base):
    """What a client allowed for a channel, from which day, on which ground; the latest counts."""

    __tablename__ = "consents"
    __table_args__ = (
        one_of("channel", CONSENT_CHANNELS),
        one_of("state", CONSENT_STATES),
        one_of("basis", LAWFUL_BASES),
    )

    id: Mapped[OwnKey]
    client_id: Mapped[int] = mapped_column(BIG, ForeignKey("clients.id"), index=True)
    channel: Mapped[str]
    state: Mapped[str]
    basis: Mapped[str]
    day: Mapped[date]
    source: Mapped[str]
    by: Mapped[str]
    created_at: Mapped[datetime]


class Erasure(Base):
    """A client whose person was erased; ``receipt`` holds what was removed, by kind and count."""

    __tablename__ = "erasures"

    id: Mapped[OwnKey]
    client_id: Mapped[int] = mapped_column(BIG, ForeignKey("clients.id"), index=True)
    at: Mapped[datetime]
    reason: Mapped[str]
    receipt: Mapped[dict[str, Any]] = mapped_column(JSON)


class ErasedIdentity(Base):
    """A keyed fingerprint of how files named an erased person, and whom its rows belong to."""

    __tablename__ = "erased_identities"
    __table_args__ = (one_of("kind", ERASED_KINDS),)

    fingerprint: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    client_id: Mapped[int] = mapped_column(BIG, ForeignKey("clients.id"), index=True)


class SecretKey(Base):
    """A random key of this database: for fingerprints of the erased, and for pseudonyms."""

    __tablename__ = "secret_keys"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
    made_at: Mapped[datetime]


class MergeRun(Base):
    """One merging by rule: all its aliases name it, so that it can be taken back as one."""

    __tablename__ = "merge_runs"

    id: Mapped[OwnKey]
    at: Mapped[datetime]
    by: Mapped[str]
    rules: Mapped[list[str]] = mapped_column(JSON)
    pairs: Mapped[int]
    effect: Mapped[dict[str, Any]] = mapped_column(JSON)
    undone_at: Mapped[datetime | None]
