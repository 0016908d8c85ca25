"""All tables of the records, in one place to import from.

Settings, remembered mappings and the versions are defined here; clients and
what people record about them in :mod:`crm_core.records.models_people` and
:mod:`crm_core.records.models_key_accounts`, imports and sales in
:mod:`crm_core.records.models_sales`.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import JSON, CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.records.base import BIG, Base, OwnKey, SmallKey, one_of
from crm_core.records.models_key_accounts import ContactPerson, KeyCare, KeyReason
from crm_core.records.models_people import (
    Alias,
    Client,
    ClientIdentity,
    ClientManager,
    Contact,
    Contract,
    Ending,
    Snooze,
    StageOverride,
)
from crm_core.records.models_privacy import (
    Consent,
    ErasedIdentity,
    Erasure,
    MergeRun,
    SecretKey,
)
from crm_core.records.models_sales import (
    Batch,
    BatchClient,
    Channel,
    Currency,
    CurrencyRate,
    Product,
    Sale,
    Salesperson,
    Source,
    UnusedRow,
    WithdrawnOrder,
)
from crm_core.records.models_team import (
    Arrival,
    AuditEvent,
    Member,
    Notice,
    NoticeSeen,
    Presence,
    SavedView,
    Visit,
)

SETTING_SOURCES = ("default", "data", "owner")


class Setting(Base):
    """A setting in force, where it came from and since when."""

    __tablename__ = "settings"
    __table_args__ = (one_of("source", SETTING_SOURCES),)

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)
    source: Mapped[str]
    since: Mapped[date | None]
    set_by: Mapped[str]


class SettingChange(Base):
    """One change of a setting; ``old_value`` is JSON null for the first."""

    __tablename__ = "settings_history"
    __table_args__ = (one_of("source", SETTING_SOURCES),)

    id: Mapped[OwnKey]
    key: Mapped[str] = mapped_column(index=True)
    old_value: Mapped[Any] = mapped_column(JSON)
    new_value: Mapped[Any] = mapped_column(JSON)
    source: Mapped[str]
    since: Mapped[date | None]
    set_by: Mapped[str]


class RememberedMapping(Base):
    """How the last file with this header was read."""

    __tablename__ = "remembered_mappings"

    header_hash: Mapped[str] = mapped_column(primary_key=True)
    mapping: Mapped[dict[str, Any]] = mapped_column(JSON)


class Version(Base):
    """The single row every writer locks first: two counters, each with a random id."""

    __tablename__ = "versions"
    __table_args__ = (CheckConstraint("id = 1", name="single_row"),)

    id: Mapped[SmallKey]
    database_id: Mapped[str]
    sales_version: Mapped[int] = mapped_column(BIG)
    sales_id: Mapped[str]
    data_version: Mapped[int] = mapped_column(BIG)
    data_id: Mapped[str]


__all__ = [
    "Alias",
    "Arrival",
    "AuditEvent",
    "Base",
    "Batch",
    "BatchClient",
    "Channel",
    "Client",
    "ClientIdentity",
    "ClientManager",
    "Consent",
    "Contact",
    "ContactPerson",
    "Contract",
    "Currency",
    "CurrencyRate",
    "Ending",
    "ErasedIdentity",
    "Erasure",
    "KeyCare",
    "KeyReason",
    "Member",
    "MergeRun",
    "Notice",
    "NoticeSeen",
    "Presence",
    "Product",
    "RememberedMapping",
    "Sale",
    "Salesperson",
    "SavedView",
    "SecretKey",
    "Setting",
    "SettingChange",
    "Snooze",
    "Source",
    "StageOverride",
    "UnusedRow",
    "Version",
    "Visit",
    "WithdrawnOrder",
]
