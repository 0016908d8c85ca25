"""What a child needs, imported and used once, so that every fork of it finds it ready."""

from __future__ import annotations

import alembic.command
import psycopg

import benchmarks.faults.__main__
import crm_core.self_check
from benchmarks.faults import child, works
from crm_core.records.engine import open_database

# The tables of a database in memory: Alembic and SQLAlchemy prepare themselves on first use.
open_database("sqlite://").dispose()

__all__ = ["alembic", "benchmarks", "child", "crm_core", "psycopg", "works"]
