"""Tables about clients: who they are, and what people recorded about them by hand."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.records.base import BIG, LONGEST_NAME, Base, BigKey, OwnKey, one_of
from crm_core.tables import END_REASONS, STAGES, WHO_ENDED

CLIENT_KINDS = ("person", "company", "unknown")
NOT_CLIENT_KINDS = ("till", "marketplace", "branch")
CONTACT_KINDS = ("call", "visit", "reply", "mail", "other")


def _client(*, index: bool = False) -> Any:
    return mapped_column(BIG, ForeignKey("clients.id"), index=index)


class Client(Base):
    """One client: today's attributes, from files and by hand.

    ``by_hand`` names the fields a person typed, which no import overwrites;
    ``added_by_hand`` marks clients that no file brought.
    """

    __tablename__ = "clients"
    __table_args__ = (one_of("kind", CLIENT_KINDS), one_of("not_client", NOT_CLIENT_KINDS))

    id: Mapped[BigKey]
    external_id: Mapped[str]
    name: Mapped[str | None]
    kind: Mapped[str] = mapped_column(server_default="unknown")
    group_name: Mapped[str | None]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    country: Mapped[str | None]
    region: Mapped[str | None]
    city: Mapped[str | None]
    segment: Mapped[str | None]
    department: Mapped[str | None]
    came_from: Mapped[str | None]
    known_on: Mapped[date | None]
    birthday: Mapped[date | None]
    shared_card: Mapped[bool] = mapped_column(server_default=false())
    automatic_orders: Mapped[bool] = mapped_column(server_default=false())
    not_client: Mapped[str | None]
    attributes: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    added_by_hand: Mapped[bool] = mapped_column(server_default=false())
    by_hand: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))


class ClientManager(Base):
    """Who looks after a client, from which day.

    What an import said counts while that import is live; ``batch_id`` is null
    for what a person said. The latest day counts, then the latest row.
    """

    __tablename__ = "client_managers"

    id: Mapped[BigKey]
    client_id: Mapped[int] = _client(index=True)
    from_day: Mapped[date]
    manager: Mapped[str]
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("batches.id"))


class ClientIdentity(Base):
    """How files name a client; ids and names hold within a source, e-mails everywhere."""

    __tablename__ = "client_identities"
    __table_args__ = (
        one_of("kind", ("id", "email", "name")),
        CheckConstraint("(kind = 'email') = (source_id IS NULL)", name="email_everywhere"),
        CheckConstraint(f"length(value) <= {LONGEST_NAME}", name="value_short"),
        UniqueConstraint("kind", "source_id", "value"),
        Index(
            "uq_client_identities_email",
            "value",
            unique=True,
            sqlite_where=text("kind = 'email'"),
            postgresql_where=text("kind = 'email'"),
        ),
    )

    id: Mapped[BigKey]
    kind: Mapped[str]
    source_id: Mapped[int | None] = mapped_column(ForeignKey("sources.id"))
    value: Mapped[str]
    label: Mapped[str]
    client_id: Mapped[int] = _client(index=True)


class Alias(Base):
    """A reversible merge: the rows of ``merged_id`` count as those of ``into_id``.

    ``run_id`` names the merging by rule it came from; null when made by hand.
    """

    __tablename__ = "aliases"
    __table_args__ = (
        CheckConstraint("merged_id <> into_id", name="two_clients"),
        Index(
            "uq_aliases_in_force",
            "merged_id",
            unique=True,
            sqlite_where=text("undone_at IS NULL"),
            postgresql_where=text("undone_at IS NULL"),
        ),
    )

    id: Mapped[OwnKey]
    merged_id: Mapped[int] = _client()
    into_id: Mapped[int] = _client()
    merged_at: Mapped[datetime]
    by: Mapped[str]
    evidence: Mapped[str]
    undone_at: Mapped[datetime | None]
    run_id: Mapped[int | None] = mapped_column(ForeignKey("merge_runs.id"), index=True)


class Contact(Base):
    """A call, visit, reply or letter; inbound ones are the client's own signals."""

    __tablename__ = "contacts"
    __table_args__ = (one_of("kind", CONTACT_KINDS),)

    id: Mapped[OwnKey]
    client_id: Mapped[int] = _client(index=True)
    day: Mapped[date]
    kind: Mapped[str]
    inbound: Mapped[bool]
    note: Mapped[str]
    by: Mapped[str]
    created_at: Mapped[datetime]


class Ending(Base):
    """Somebody ended the relationship: when, who and why."""

    __tablename__ = "endings"
    __table_args__ = (one_of("who", WHO_ENDED), one_of("reason", END_REASONS))

    id: Mapped[OwnKey]
    client_id: Mapped[int] = _client(index=True)
    day: Mapped[date]
    who: Mapped[str]
    reason: Mapped[str]
    note: Mapped[str]


class Contract(Base):
    """A contract or trial; ``end_day`` is the last day covered."""

    __tablename__ = "contracts"
    __table_args__ = (CheckConstraint("start_day <= end_day", name="starts_before_end"),)

    id: Mapped[OwnKey]
    client_id: Mapped[int] = _client(index=True)
    start_day: Mapped[date]
    end_day: Mapped[date]
    trial: Mapped[bool]
    notice_day: Mapped[date | None]


class Snooze(Base):
    """Leave this client off the list of late ones for a while."""

    __tablename__ = "snoozes"
    __table_args__ = (CheckConstraint("from_day <= until_day", name="starts_before_end"),)

    id: Mapped[OwnKey]
    client_id: Mapped[int] = _client(index=True)
    from_day: Mapped[date]
    until_day: Mapped[date]
    note: Mapped[str]


class StageOverride(Base):
    """A stage set by hand, with the reason, its author and the days it holds."""

    __tablename__ = "stage_overrides"
    __table_args__ = (
        one_of("stage", STAGES[1:]),
        CheckConstraint("trim(reason) <> ''", name="reason_given"),
        CheckConstraint("set_on <= expires_on", name="starts_before_end"),
    )

    id: Mapped[OwnKey]
    client_id: Mapped[int] = _client(index=True)
    stage: Mapped[str]
    reason: Mapped[str]
    author: Mapped[str]
    set_on: Mapped[date]
    expires_on: Mapped[date]
