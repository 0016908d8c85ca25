"""A database whose every free text is hostile, and what of it a page would let loose."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from google.protobuf.message import Message
from sqlalchemy import Connection, Engine, Text, text
from streamlit.testing.v1 import AppTest

from crm_core.records.audit import write_down
from crm_core.records.models import Base

PICTURE = "![x](https://evil.invalid/p.png)"
PAYLOAD = f"=1+1 {PICTURE} <b onclick=x>b</b> $a^2$ :red[hot] `'); DROP TABLE clients;--"
LOOSE = (PICTURE, "$a^2$", ":red[hot]")
"""What Markdown would turn into a picture, a formula, a colour, were it not escaped."""

LOOSE_IN_CHARTS = ("<b onclick", "<a href")

FIXED_WORDS = {
    "alembic_version": {"version_num"},
    "versions": {"database_id", "sales_id", "data_id"},
    "settings": {"key", "source"},
    "settings_history": {"key", "source"},
    "secret_keys": {"name", "value"},
    "batches": {"fingerprint", "header_hash"},
    "remembered_mappings": {"header_hash"},
    "erased_identities": {"fingerprint", "kind"},
    "client_identities": {"kind"},
    "currencies": {"name"},
    "currency_rates": {"currency", "rate"},
    "unused_rows": {"currency"},
    "audit_events": {"who", "role", "deed"},
    "saved_views": {"page"},
    "visits": {"sales_key"},
    "sources": {"kind"},
}
"""Columns of text that hold keys, codes and words of the program, never what somebody typed."""

INERT = {
    ("ArrowData", "data"),
    ("Text", "body"),
    ("Code", "code_text"),
    ("Json", "body"),
    ("Selectbox", "options"),
    ("Selectbox", "raw_value"),
    ("MultiSelect", "options"),
    ("MultiSelect", "raw_values"),
    ("TextInput", "default"),
    ("TextInput", "value"),
    ("TextInput", "placeholder"),
    ("TextArea", "default"),
    ("TextArea", "value"),
    ("TextArea", "placeholder"),
    ("PageLink", "query_string"),
    ("PlotlyChart", "spec"),
    ("PlotlyChart", "alt"),
    ("Arrow", "columns"),
}
"""Fields the browser shows as text, whatever is in them: tried in Chromium, see streamlit's §5."""


def make_hostile(engine: Engine) -> list[str]:
    """Put the payload into every free text of every table; return the columns filled."""
    filled = []
    with engine.begin() as connection:
        for table in Base.metadata.sorted_tables:
            words = FIXED_WORDS.get(table.name, set()) | _known_words(table)
            for column in table.columns:
                if isinstance(column.type, Text) and column.name not in words:
                    _fill(connection, table.name, column.name)
                    filled.append(f"{table.name}.{column.name}")
        connection.execute(text("UPDATE versions SET sales_id = 'hostile'"))
        # No deed begins so; were there one, no spreadsheet program should run the audit's file.
        write_down(connection, "=1+1 was done")
    return filled


def _known_words(table: Any) -> set[str]:
    """Return the columns whose values the schema lists."""
    rules = [str(rule.sqltext) for rule in table.constraints if hasattr(rule, "sqltext")]
    return {column.name for column in table.columns if any(
        rule.startswith(f"{column.name} IN") for rule in rules)}  # fmt: skip


def _fill(connection: Connection, table: str, column: str) -> None:
    kept = "CASE WHEN {0} IS NULL OR {0} = '' THEN {0} ELSE :payload || ' ' || {0} END"
    connection.execute(
        text(f'UPDATE {table} SET "{column}" = {kept.format(chr(34) + column + chr(34))}'),
        {"payload": PAYLOAD},
    )


def loose_in(app: AppTest) -> list[str]:
    """Return where a page hands hostile text to the browser as Markdown or markup."""
    found = []
    for message, field, value in _strings(app):
        if (message, field) not in INERT:
            found += [f"{message}.{field}: {value[:160]}" for bad in LOOSE if bad in value]
    for chart in app.get("plotly_chart"):
        labels = list(_texts(json.loads(chart.proto.spec)))
        found += [f"chart: {t[:160]}" for t in labels for bad in LOOSE_IN_CHARTS if bad in t]
    return found


def _strings(app: AppTest) -> Iterator[tuple[str, str, str]]:
    for block in (app.main, app.sidebar):
        stack: list[Any] = [block]
        while stack:
            node = stack.pop()
            proto = getattr(node, "proto", None)
            if isinstance(proto, Message):
                yield from _fields(proto)
            stack += list(getattr(node, "children", {}).values())


def _fields(message: Message) -> Iterator[tuple[str, str, str]]:
    for field, value in message.ListFields():
        values = value if isinstance(value, list) or hasattr(value, "append") else [value]
        for one in values:
            if isinstance(one, Message):
                yield from _fields(one)
            elif isinstance(one, str):
                yield message.DESCRIPTOR.name, field.name, one


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict | list):
        for child in node.values() if isinstance(node, dict) else node:
            yield from _texts(child)
