"""Tables about the team: who may come in, what they did, what they keep, what they have seen."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.records.base import BIG, Base, OwnKey, one_of

MEMBER_ROLES = ("owner", "manager", "analyst", "viewer")
NOTICE_KINDS = ("setting", "import failed", "import waiting", "import repeats", "handover")
ARRIVAL_STATES = ("waiting", "taken", "refused", "failed")


class Member(Base):
    """Somebody invited by e-mail address (lower case); ``removed_at`` takes the access away.

    ``department`` and ``manager`` say whose clients a manager sees.
    """

    __tablename__ = "members"
    __table_args__ = (one_of("role", MEMBER_ROLES),)

    id: Mapped[OwnKey]
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str]
    department: Mapped[str | None]
    manager: Mapped[str | None]
    invited_at: Mapped[datetime]
    invited_by: Mapped[int | None]
    joined_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]


class AuditEvent(Base):
    """Somebody did something: append-only, held to that by triggers. No personal data.

    Lines are neither changed, removed nor replaced, and a new one takes a number above all.

    ``who`` is :attr:`crm_core.access.Actor.label`; ``detail`` holds numbers, keys and
    record ids, never names, addresses or notes of clients.
    """

    __tablename__ = "audit_events"

    id: Mapped[OwnKey]
    at: Mapped[datetime] = mapped_column(index=True)
    who: Mapped[str]
    role: Mapped[str]
    deed: Mapped[str] = mapped_column(index=True)
    client_id: Mapped[int | None] = mapped_column(BIG, index=True)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)


class SavedView(Base):
    """Filters, period and page kept under a name; ``member_id`` null for the owner alone."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("member_id", "name"),)

    id: Mapped[OwnKey]
    member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    name: Mapped[str]
    page: Mapped[str]
    state: Mapped[dict[str, Any]] = mapped_column(JSON)
    shared: Mapped[bool] = mapped_column(server_default=false())
    made_at: Mapped[datetime]


class Visit(Base):
    """When somebody was here, and the figures they saw then; ``member_id`` null alone."""

    __tablename__ = "visits"

    id: Mapped[OwnKey]
    member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"), index=True)
    began_at: Mapped[datetime]
    last_at: Mapped[datetime]
    sales_key: Mapped[str]
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)


class Notice(Base):
    """Something everybody it concerns should see once: a setting moved numbers, a file failed."""

    __tablename__ = "notices"
    __table_args__ = (one_of("kind", NOTICE_KINDS),)

    id: Mapped[OwnKey]
    at: Mapped[datetime]
    kind: Mapped[str]
    by_member: Mapped[int | None]
    for_member: Mapped[int | None]
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)


class NoticeSeen(Base):
    """Somebody has read a notice; ``member_id`` 0 for the owner alone."""

    __tablename__ = "notices_seen"

    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"), primary_key=True)
    member_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seen_at: Mapped[datetime]


class Presence(Base):
    """Somebody has a client's card open; old rows count for nothing."""

    __tablename__ = "presence"

    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), primary_key=True)
    client_id: Mapped[int] = mapped_column(BIG, ForeignKey("clients.id"), primary_key=True)
    seen_at: Mapped[datetime]


class Arrival(Base):
    """A file that came by itself (a watched folder, a scheduled import) and what became of it.

    A file that waits for approval is imported and switched off in one transaction:
    ``batch_id`` names it, and approving it is :func:`crm_core.records.undoing.redo`.
    """

    __tablename__ = "arrivals"
    __table_args__ = (one_of("state", ARRIVAL_STATES),)

    id: Mapped[OwnKey]
    at: Mapped[datetime]
    file_name: Mapped[str]
    state: Mapped[str]
    message: Mapped[str]
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("batches.id"))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    settled_at: Mapped[datetime | None]
