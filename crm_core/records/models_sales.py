"""Tables about sales: where they come from, what each import carried, and what is live."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_core.records.base import BIG, LONGEST_NAME, Base, BigKey, OwnKey, SmallKey, one_of
from crm_core.records.staged import UNUSED_ENDS


def _short(column: str) -> CheckConstraint:
    return CheckConstraint(f"length({column}) <= {LONGEST_NAME}", name=f"{column}_short")


class Source(Base):
    """A shop, till or list that files come from; client ids and names hold within it."""

    __tablename__ = "sources"
    __table_args__ = (_short("name"),)

    id: Mapped[OwnKey]
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(server_default="file")


class Batch(Base):
    """One import and all it carried; undoing only switches it off.

    Its sales have the ids ``first_sale_id`` to ``last_sale_id`` (null without sales) and the
    ``digest`` of :mod:`crm_core.records.row_digests` (null for imports from before there was one).
    """

    __tablename__ = "batches"
    __table_args__ = (
        Index(
            "uq_batches_live_fingerprint",
            "fingerprint",
            unique=True,
            sqlite_where=text("live"),
            postgresql_where=text("live"),
        ),
        CheckConstraint("live = (undone_at IS NULL)", name="live_unless_undone"),
    )

    id: Mapped[SmallKey]
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id"))
    file_name: Mapped[str]
    fingerprint: Mapped[str]
    imported_at: Mapped[datetime]
    live: Mapped[bool]
    undone_at: Mapped[datetime | None]
    days_missing: Mapped[bool]
    n_rows: Mapped[int]
    first_sale_id: Mapped[int | None] = mapped_column(BIG)
    last_sale_id: Mapped[int | None] = mapped_column(BIG)
    first_day: Mapped[date | None]
    last_day: Mapped[date | None]
    report: Mapped[dict[str, Any]] = mapped_column(JSON)
    mapping: Mapped[dict[str, Any]] = mapped_column(JSON)
    columns: Mapped[list[str]] = mapped_column(JSON)
    header_hash: Mapped[str]
    digest: Mapped[int | None] = mapped_column(BIG)


class BatchClient(Base):
    """What one import said about one client: undo can take it back.

    ``known_on`` is the created date of the file; for a lead without one, the
    last sale day at the import.
    """

    __tablename__ = "batch_clients"

    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"), primary_key=True)
    client_id: Mapped[int] = mapped_column(BIG, ForeignKey("clients.id"), primary_key=True)
    known_on: Mapped[date | None]
    fields: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class Product(Base):
    """A product as files name it, with its category ("" where none)."""

    __tablename__ = "products"
    __table_args__ = (_short("name"), _short("category"), UniqueConstraint("name", "category"))

    id: Mapped[SmallKey]
    name: Mapped[str]
    category: Mapped[str]


class Channel(Base):
    """Where a sale was made: shop, web, market."""

    __tablename__ = "channels"
    __table_args__ = (_short("name"),)

    id: Mapped[SmallKey]
    name: Mapped[str] = mapped_column(unique=True)


class Salesperson(Base):
    """Who made a sale, as the file names them."""

    __tablename__ = "salespeople"
    __table_args__ = (_short("name"),)

    id: Mapped[SmallKey]
    name: Mapped[str] = mapped_column(unique=True)


class Currency(Base):
    """A currency other than the reporting one, by its ISO code."""

    __tablename__ = "currencies"
    __table_args__ = (_short("name"),)

    id: Mapped[SmallKey]
    name: Mapped[str] = mapped_column(unique=True)


class Sale(Base):
    """One line of an order with its item; negative lines are refunds.

    ``key`` names the order (source, reference, client) or, for a line without a
    reference, the line itself and its copy number; ``refund_key`` the key of the
    order a refund names, else 0. ``amount`` and ``quantity`` are ten-thousandths;
    ``currency_id`` null is the reporting currency.
    """

    __tablename__ = "sales"
    __table_args__ = (CheckConstraint("key <> 0", name="key_given"),)

    id: Mapped[BigKey]
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"))
    # No index: whoever reads sales of one client scans them all, 0.06 to 0.09 s of processor
    # time a million rows on SQLite, 0.05 s on PostgreSQL. Erasing scans three times among 1.2 s;
    # an index would make the file 15 % larger and every import maintain it.
    client_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("clients.id"))
    line: Mapped[int]
    order_ref: Mapped[str | None]
    refund_ref: Mapped[str | None]
    key: Mapped[int] = mapped_column(BIG, index=True)
    refund_key: Mapped[int] = mapped_column(BIG)
    day: Mapped[date]
    amount: Mapped[int] = mapped_column(BIG)
    currency_id: Mapped[int | None] = mapped_column(ForeignKey("currencies.id"))
    quantity: Mapped[int | None] = mapped_column(BIG)
    product_id: Mapped[int | None] = mapped_column(ForeignKey("products.id"))
    channel_id: Mapped[int | None] = mapped_column(ForeignKey("channels.id"))
    salesperson_id: Mapped[int | None] = mapped_column(ForeignKey("salespeople.id"))
    live: Mapped[bool]


class WithdrawnOrder(Base):
    """An order that an import carried as no sale only: its older sales stop counting.

    ``key`` is that of :class:`Sale`.
    """

    __tablename__ = "withdrawn_orders"

    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"), primary_key=True)
    key: Mapped[int] = mapped_column(BIG, primary_key=True, index=True)


class UnusedRow(Base):
    """A row of a file that became no sale, with the reason and its original cells."""

    __tablename__ = "unused_rows"
    __table_args__ = (one_of("outcome", UNUSED_ENDS),)

    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    line: Mapped[int]
    outcome: Mapped[str]
    reason: Mapped[str]
    detail: Mapped[str]
    amount: Mapped[int | None] = mapped_column(BIG)
    currency: Mapped[str | None]
    cells: Mapped[list[str]] = mapped_column(JSON)


class CurrencyRate(Base):
    """Units of the reporting currency for one unit of ``currency``, from a day on.

    ``rate`` is the exact decimal text a person typed.
    """

    __tablename__ = "currency_rates"
    __table_args__ = (_short("currency"),)

    currency: Mapped[str] = mapped_column(primary_key=True)
    from_day: Mapped[date] = mapped_column(primary_key=True)
    rate: Mapped[str]
