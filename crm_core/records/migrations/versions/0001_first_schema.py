"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make all tables."""
    _house()
    _names()
    _clients()
    _identities()
    _batches()
    _carried()
    _sales()
    _contacts()
    _terms()


def _house() -> None:
    op.create_table(
        "remembered_mappings",
        sa.Column("header_hash", sa.Text(), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("header_hash"),
    )
    op.create_table(
        "settings",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("since", sa.Integer(), nullable=True),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.CheckConstraint("source IN ('default', 'data', 'owner')", name="source_known"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "settings_history",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("old_value", sa.JSON(), nullable=False),
        sa.Column("new_value", sa.JSON(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("since", sa.Integer(), nullable=True),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.CheckConstraint("source IN ('default', 'data', 'owner')", name="source_known"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_settings_history_key", "settings_history", ["key"], unique=False)
    op.create_table(
        "versions",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("database_id", sa.Text(), nullable=False),
        sa.Column("sales_version", BIG, nullable=False),
        sa.Column("sales_id", sa.Text(), nullable=False),
        sa.Column("data_version", BIG, nullable=False),
        sa.Column("data_id", sa.Text(), nullable=False),
        sa.CheckConstraint("id = 1", name="single_row"),
        sa.PrimaryKeyConstraint("id"),
    )


def _names() -> None:
    for name in ("channels", "currencies", "salespeople"):
        op.create_table(
            name,
            sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
            sa.Column("name", sa.Text(), nullable=False),
            sa.CheckConstraint("length(name) <= 300", name="name_short"),
            sa.PrimaryKeyConstraint("id"),
            sa.UniqueConstraint("name", name=f"uq_{name}_name"),
        )
    op.create_table(
        "currency_rates",
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("from_day", sa.Integer(), nullable=False),
        sa.Column("rate", sa.Text(), nullable=False),
        sa.CheckConstraint("length(currency) <= 300", name="currency_short"),
        sa.PrimaryKeyConstraint("currency", "from_day"),
    )
    op.create_table(
        "products",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.CheckConstraint("length(category) <= 300", name="category_short"),
        sa.CheckConstraint("length(name) <= 300", name="name_short"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name", "category", name="uq_products_name_category"),
    )
    op.create_table(
        "sources",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="file", nullable=False),
        sa.CheckConstraint("length(name) <= 300", name="name_short"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name", name="uq_sources_name"),
    )


def _clients() -> None:
    op.create_table(
        "clients",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), server_default="unknown", nullable=False),
        sa.Column("group_name", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("segment", sa.Text(), nullable=True),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("came_from", sa.Text(), nullable=True),
        sa.Column("known_on", sa.Integer(), nullable=True),
        sa.Column("birthday", sa.Integer(), nullable=True),
        sa.Column("shared_card", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("automatic_orders", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("not_client", sa.Text(), nullable=True),
        sa.Column("attributes", sa.JSON(), nullable=True),
        sa.Column("added_by_hand", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("by_hand", sa.JSON(), nullable=True),
        sa.CheckConstraint("kind IN ('person', 'company', 'unknown')", name="kind_known"),
        sa.CheckConstraint(
            "not_client IN ('till', 'marketplace', 'branch')", name="not_client_known"
        ),
        sa.PrimaryKeyConstraint("id"),
    )


def _identities() -> None:
    op.create_table(
        "aliases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("merged_id", BIG, nullable=False),
        sa.Column("into_id", BIG, nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("merged_id <> into_id", name="two_clients"),
        sa.ForeignKeyConstraint(["into_id"], ["clients.id"]),
        sa.ForeignKeyConstraint(["merged_id"], ["clients.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "uq_aliases_in_force",
        "aliases",
        ["merged_id"],
        unique=True,
        sqlite_where=sa.text("undone_at IS NULL"),
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    op.create_table(
        "client_identities",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("client_id", BIG, nullable=False),
        sa.CheckConstraint("(kind = 'email') = (source_id IS NULL)", name="email_everywhere"),
        sa.CheckConstraint("kind IN ('id', 'email', 'name')", name="kind_known"),
        sa.CheckConstraint("length(value) <= 300", name="value_short"),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"]),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "kind", "source_id", "value", name="uq_client_identities_kind_source_id_value"
        ),
    )
    op.create_index(
        "ix_client_identities_client_id", "client_identities", ["client_id"], unique=False
    )
    op.create_index(
        "uq_client_identities_email",
        "client_identities",
        ["value"],
        unique=True,
        sqlite_where=sa.text("kind = 'email'"),
        postgresql_where=sa.text("kind = 'email'"),
    )


def _batches() -> None:
    op.create_table(
        "batches",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("days_missing", sa.Boolean(), nullable=False),
        sa.Column("n_rows", sa.Integer(), nullable=False),
        sa.Column("first_sale_id", BIG, nullable=True),
        sa.Column("last_sale_id", BIG, nullable=True),
        sa.Column("first_day", sa.Integer(), nullable=True),
        sa.Column("last_day", sa.Integer(), nullable=True),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("header_hash", sa.Text(), nullable=False),
        sa.CheckConstraint("live = (undone_at IS NULL)", name="live_unless_undone"),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "uq_batches_live_fingerprint",
        "batches",
        ["fingerprint"],
        unique=True,
        sqlite_where=sa.text("live"),
        postgresql_where=sa.text("live"),
    )


def _carried() -> None:
    op.create_table(
        "batch_clients",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("client_id", BIG, nullable=False),
        sa.Column("known_on", sa.Integer(), nullable=True),
        sa.Column("fields", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"]),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"]),
        sa.PrimaryKeyConstraint("batch_id", "client_id"),
    )
    op.create_table(
        "client_managers",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("client_id", BIG, nullable=False),
        sa.Column("from_day", sa.Integer(), nullable=False),
        sa.Column("manager", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"]),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_client_managers_client_id", "client_managers", ["client_id"], unique=False)
    op.create_table(
        "unused_rows",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("amount", BIG, nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.CheckConstraint("outcome IN ('not_a_sale', 'held_back')", name="outcome_known"),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"]),
        sa.PrimaryKeyConstraint("batch_id", "number"),
    )
    op.create_table(
        "withdrawn_orders",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("key", BIG, nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"]),
        sa.PrimaryKeyConstraint("batch_id", "key"),
    )
    op.create_index("ix_withdrawn_orders_key", "withdrawn_orders", ["key"], unique=False)


def _sales() -> None:
    op.create_table(
        "sales",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("client_id", BIG, nullable=True),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("order_ref", sa.Text(), nullable=True),
        sa.Column("refund_ref", sa.Text(), nullable=True),
        sa.Column("key", BIG, nullable=False),
        sa.Column("refund_key", BIG, nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("amount", BIG, nullable=False),
        sa.Column("currency_id", sa.Integer(), nullable=True),
        sa.Column("quantity", BIG, nullable=True),
        sa.Column("product_id", sa.Integer(), nullable=True),
        sa.Column("channel_id", sa.Integer(), nullable=True),
        sa.Column("salesperson_id", sa.Integer(), nullable=True),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.CheckConstraint("key <> 0", name="key_given"),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"]),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"]),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"]),
        sa.ForeignKeyConstraint(["currency_id"], ["currencies.id"]),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"]),
        sa.ForeignKeyConstraint(["salesperson_id"], ["salespeople.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_sales_key", "sales", ["key"], unique=False)


def _contacts() -> None:
    op.create_table(
        "contacts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", BIG, nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("inbound", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('call', 'visit', 'reply', 'mail', 'other')", name="kind_known"
        ),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_contacts_client_id", "contacts", ["client_id"], unique=False)
    op.create_table(
        "endings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", BIG, nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "reason IN ('better offer', 'dissatisfied', 'no longer needed', 'closed down', 'our decision', 'other')",  # noqa: E501
            name="reason_known",
        ),
        sa.CheckConstraint("who IN ('client', 'us', 'both', 'unknown')", name="who_known"),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_endings_client_id", "endings", ["client_id"], unique=False)


def _terms() -> None:
    op.create_table(
        "contracts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", BIG, nullable=False),
        sa.Column("start_day", sa.Integer(), nullable=False),
        sa.Column("end_day", sa.Integer(), nullable=False),
        sa.Column("trial", sa.Boolean(), nullable=False),
        sa.Column("notice_day", sa.Integer(), nullable=True),
        sa.CheckConstraint("start_day <= end_day", name="starts_before_end"),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_contracts_client_id", "contracts", ["client_id"], unique=False)
    op.create_table(
        "snoozes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", BIG, nullable=False),
        sa.Column("from_day", sa.Integer(), nullable=False),
        sa.Column("until_day", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("from_day <= until_day", name="starts_before_end"),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_snoozes_client_id", "snoozes", ["client_id"], unique=False)
    op.create_table(
        "stage_overrides",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", BIG, nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("set_on", sa.Integer(), nullable=False),
        sa.Column("expires_on", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "stage IN ('awareness', 'exploration', 'expansion', 'commitment', 'termination')",
            name="stage_known",
        ),
        sa.CheckConstraint("trim(reason) <> ''", name="reason_given"),
        sa.CheckConstraint("set_on <= expires_on", name="starts_before_end"),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_stage_overrides_client_id", "stage_overrides", ["client_id"], unique=False)
