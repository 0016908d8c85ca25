"""Run by Alembic: migrates on the connection :mod:`crm_core.records.migrate` hands over."""

from __future__ import annotations

from alembic import context

from crm_core.records.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
)
context.run_migrations()
