"""The team and its privacy: members, audit, views, notices, arrivals, consent, erasure, rules."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables and columns, and hold the audit to append-only."""
    op.create_table(
        "audit_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("deed", sa.Text(), nullable=False),
        sa.Column("client_id", BIG, nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_audit_events_at", "audit_events", ["at"], unique=False)
    op.create_index("ix_audit_events_client_id", "audit_events", ["client_id"], unique=False)
    op.create_index("ix_audit_events_deed", "audit_events", ["deed"], unique=False)

    op.create_table(
        "members",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("manager", sa.Text(), nullable=True),
        sa.Column("invited_at", MOMENT, nullable=False),
        sa.Column("invited_by", sa.Integer(), nullable=True),
        sa.Column("joined_at", MOMENT, nullable=True),
        sa.Column("removed_at", MOMENT, nullable=True),
        sa.CheckConstraint("role IN ('owner', 'manager', 'analyst', 'viewer')", name="role_known"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("email"),
    )
    op.create_table(
        "merge_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("pairs", sa.Integer(), nullable=False),
        sa.Column("effect", sa.JSON(), nullable=False),
        sa.Column("undone_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("by_member", sa.Integer(), nullable=True),
        sa.Column("for_member", sa.Integer(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('setting', 'import failed', 'import waiting', 'import repeats', 'handover')",
            name="kind_known",
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "secret_keys",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "consents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", BIG, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "basis IN ('consent', 'contract', 'legitimate interest', 'legal obligation')",
            name="basis_known",
        ),
        sa.CheckConstraint(
            "channel IN ('email', 'phone', 'post', 'message', 'visit')", name="channel_known"
        ),
        sa.CheckConstraint(
            "state IN ('given', 'refused', 'withdrawn', 'not needed')", name="state_known"
        ),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_consents_client_id", "consents", ["client_id"], unique=False)

    op.create_table(
        "erased_identities",
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("client_id", BIG, nullable=False),
        sa.CheckConstraint("kind IN ('id', 'email', 'name', 'phone')", name="kind_known"),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"]),
        sa.PrimaryKeyConstraint("fingerprint"),
    )
    op.create_index(
        "ix_erased_identities_client_id", "erased_identities", ["client_id"], unique=False
    )

    op.create_table(
        "erasures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", BIG, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("receipt", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_erasures_client_id", "erasures", ["client_id"], unique=False)

    op.create_table(
        "notices_seen",
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"]),
        sa.PrimaryKeyConstraint("notice_id", "member_id"),
    )
    op.create_table(
        "presence",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("client_id", BIG, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"]),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"]),
        sa.PrimaryKeyConstraint("member_id", "client_id"),
    )
    op.create_table(
        "saved_views",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.Column("shared", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("member_id", "name"),
    )
    op.create_table(
        "visits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("sales_key", sa.Text(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_visits_member_id", "visits", ["member_id"], unique=False)

    op.create_table(
        "arrivals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'taken', 'refused', 'failed')", name="state_known"
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    # Plain SQL: SQLite adds such a column in place, without copying the table.
    op.execute(
        "ALTER TABLE aliases ADD COLUMN run_id INTEGER"
        " CONSTRAINT fk_aliases_run_id_merge_runs REFERENCES merge_runs (id)"
    )
    op.create_index("ix_aliases_run_id", "aliases", ["run_id"], unique=False)
    op.add_column("batches", sa.Column("digest", BIG, nullable=True))
    _append_only()


def _append_only() -> None:
    guards = _ON_SQLITE if op.get_bind().dialect.name == "sqlite" else _ON_SERVER
    for statement in guards:
        op.execute(statement)


_REFUSED = "BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"

# REPLACE removes a line without asking the triggers of DELETE, so it is met before it does; what
# number a line gets where none is named, is known only after.
_ON_SQLITE = (
    f"CREATE TRIGGER audit_events_no_update BEFORE UPDATE ON audit_events {_REFUSED}",
    f"CREATE TRIGGER audit_events_no_delete BEFORE DELETE ON audit_events {_REFUSED}",
    "CREATE TRIGGER audit_events_no_replace BEFORE INSERT ON audit_events WHEN EXISTS "
    f"(SELECT 1 FROM audit_events WHERE id = NEW.id) {_REFUSED}",
    "CREATE TRIGGER audit_events_at_the_end AFTER INSERT ON audit_events WHEN NEW.id < 1 OR "
    f"NEW.id < (SELECT max(id) FROM audit_events) {_REFUSED}",
)

# Of two who write at once, the lower number may come in last: the counter gave it just now.
_ON_SERVER = (
    """
    CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE newest bigint;
    BEGIN
        IF TG_OP = 'INSERT' THEN
            EXECUTE 'SELECT max(id) FROM ' || TG_RELID::regclass INTO newest;
            IF NEW.id > coalesce(newest, 0) THEN
                RETURN NEW;
            END IF;
            BEGIN
                IF NEW.id = currval(pg_get_serial_sequence(TG_RELID::regclass::text, 'id')) THEN
                    RETURN NEW;
                END IF;
            EXCEPTION WHEN object_not_in_prerequisite_state THEN NULL;
            END;
        END IF;
        RAISE EXCEPTION 'the audit is append-only';
    END $$
    """,
    "CREATE TRIGGER audit_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
    "ON audit_events FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()",
    "CREATE TRIGGER audit_events_at_the_end BEFORE INSERT "
    "ON audit_events FOR EACH ROW EXECUTE FUNCTION audit_is_append_only()",
)
