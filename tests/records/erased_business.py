"""A small business with one person in every table, and looking for what is left of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, insert, select

from crm_core.records.clients import merge
from crm_core.records.engine import reading, writing
from crm_core.records.importing import write_import
from crm_core.records.key_accounts import add_contact_person, mark_key, note_care
from crm_core.records.models import (
    Arrival,
    Base,
    Client,
    Consent,
    Member,
    Notice,
    Presence,
    SavedView,
)
from crm_core.records.people import (
    add_contract,
    end_relationship,
    log_contact,
    override_stage,
    snooze,
)
from crm_core.records.staged import StagedImport, UnusedRows
from tests.builders import make_staged

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
DAY = date(2024, 6, 1)

NAME, OTHER_NAME = "Zaphira Quillwort", "Zaphïra Q. Quillwort-Ødegård"
EMAIL, OTHER_EMAIL = "zaphira@quillwort.example", "zq.private@elsewhere.example"
PHONE = "+47 555 019 8877"
NUMBER = "C-70017"
FRIEND = "Umbriel Vantongeren"
SECRETS = (
    "Zaphira", "Zaphïra", "Quillwort", "zaphira@quillwort.example", "zq.private", "0198877",
    "019 8877", NUMBER, "Tulip Lane", "1971-03-09", "Umbriel", "likes orchids", "Hamletville",
)  # fmt: skip
"""Strings that belong to the person alone."""

ROWS: list[dict[str, Any]] = [
    {"client": NUMBER, "day": "2023-01-05", "amount": "100", "order": "2001 Zaphira", "product":
     f"Portrait {NAME}"},
    {"client": NUMBER, "day": "2023-03-05", "amount": "80", "order": "2002", "product": "tea"},
    {"client": NUMBER, "day": "2023-03-09", "amount": "-10", "refund_of": "2002"},
    {"client": "C-2", "day": "2023-04-01", "amount": "30", "order": "2003", "product": "tea"},
    {"client": "C-3", "day": "2023-05-01", "amount": "60", "product": "cup"},
    {"client": None, "day": "2023-05-02", "amount": "5"},
]  # fmt: skip
ABOUT: dict[str, dict[str, Any]] = {
    NUMBER: {
        "name": NAME, "email": EMAIL, "phone": PHONE, "city": "Hamletville", "country": "NO",
        "segment": "retail", "department": "north", "manager": "Mo", "kind": "person",
        "street": "Tulip Lane 4", "birthday": "1971-03-09",
    },
    "C-2": {"name": "Bert Stone", "email": "bert@stone.example", "segment": "retail",
            "referred": f"a friend of {NAME}"},
    "C-3": {"name": "Cleo Marsh", "segment": "wholesale", "country": "SE"},
}  # fmt: skip
UNUSED = UnusedRows(
    line=(8, 9, 10),
    end=("held_back", "held_back", "not_a_sale"),
    reason=("no day", "no day", "fee"),
    detail=(f"Wanted a day, found nothing for {NAME}.", "", ""),
    amount=(70_000, 50_000, -2_500),
    currency=(None, None, None),
    cells=((NUMBER, "", "7"), ("C-2", "", "5"), ("fee", EMAIL.upper(), "-0.25")),
)
OFFICE = [
    {"client": OTHER_NAME.casefold(), "day": "2023-06-01", "amount": "45", "order": "9"},
    {"client": "dora wells", "day": "2023-06-02", "amount": "20", "order": "10"},
]


def shop_file(**more: Any) -> StagedImport:
    """Return the shop's file, in which the person has a number."""
    return make_staged(ROWS, clients=ABOUT, unused=UNUSED, source="shop",
                       file_name=f"export {NAME}.csv", **more)  # fmt: skip


def office_file() -> StagedImport:
    """Return the office's list, which knows the person by another name."""
    return make_staged(OFFICE, kind="name", source="office", file_name="office.csv")


def fill(engine: Engine) -> int:
    """Fill a database and return the client that counts as the person."""
    with writing(engine) as connection:
        write_import(connection, shop_file(), imported_at=NOW)
        write_import(connection, office_file(), imported_at=NOW)
        person, other = (_find(connection, name) for name in (NUMBER, OTHER_NAME.casefold()))
        merge(connection, other, person, merged_at=NOW, by="alone", evidence=f"{NAME}, same phone")
        _write_notes(connection, person, other)
    return person


def _find(connection: Connection, number: str) -> int:
    return int(
        connection.execute(select(Client.id).where(Client.external_id == number)).scalar_one()
    )


def _write_notes(connection: Connection, person: int, other: int) -> None:
    neighbour = _find(connection, "C-2")
    for who, note in ((person, "likes orchids"), (neighbour, f"asked about {NAME} and {EMAIL}")):
        log_contact(connection, who, day=DAY, kind="call", inbound=True, created_at=NOW, note=note)
    log_contact(connection, other, day=DAY, kind="call", inbound=False, created_at=NOW, note="Ze")
    add_contract(connection, person, start=DAY, end=date(2024, 12, 31))
    end_relationship(connection, other, day=DAY, who="us", reason="other", note="likes orchids")
    snooze(connection, person, from_day=DAY, until=DAY, note="likes orchids")
    override_stage(connection, neighbour, stage="commitment", reason="knows Zaphira Quillwort",
                   author="Mo", set_on=DAY)  # fmt: skip
    override_stage(connection, other, stage="commitment", reason="likes orchids", author="Mo",
                   set_on=date(2020, 1, 1), expires_on=date(2020, 1, 2))  # fmt: skip
    mark_key(connection, person, reason="fame", from_day=DAY, note="likes orchids", by=NAME)
    mark_key(connection, neighbour, reason="fame", from_day=DAY, by=f"{NAME} and Mo")
    add_contact_person(connection, person, name=FRIEND, phone="+47 555 019 0000", birthday=DAY)
    note_care(connection, person, kind="risk", day=DAY, note="likes orchids")
    told = {"channel": "email", "state": "refused", "basis": "consent", "day": DAY, "by": "Mo"}
    connection.execute(
        insert(Consent).values(client_id=person, source=f"mail of {NAME}", created_at=NOW, **told)
    )
    member = {"email": "mo@firm.example", "name": "Mo", "role": "manager", "invited_at": NOW}
    connection.execute(insert(Member).values(id=1, **member))
    connection.execute(insert(Presence).values(member_id=1, client_id=person, seen_at=NOW))
    connection.execute(
        insert(SavedView).values(
            member_id=1, name=f"Around {NAME}", page="late", state={"search": NAME}, made_at=NOW
        )
    )
    connection.execute(insert(Notice).values(at=NOW, kind="handover", detail={"of": [NAME]}))
    came = {"file_name": f"{NAME}.csv", "state": "failed", "message": f"no column for {EMAIL}"}
    connection.execute(insert(Arrival).values(at=NOW, detail={"who": OTHER_NAME}, **came))


def left_in_tables(engine: Engine, secrets: Sequence[str] = SECRETS) -> list[str]:
    """Return ``table.column: text`` for every text that still holds one of the secrets."""
    with reading(engine) as connection:
        return left_behind(connection, secrets)


def left_behind(connection: Connection, secrets: Sequence[str]) -> list[str]:
    """Return what a connection still sees of the secrets, in all tables."""
    found, wanted = [], [one.casefold() for one in secrets]
    for table in Base.metadata.sorted_tables:
        for row in connection.execute(select(table)):
            for name, value in row._mapping.items():
                text = value
                if not isinstance(value, str):
                    text = json.dumps(value, default=str, ensure_ascii=False)
                if any(one in text.casefold() for one in wanted):
                    found.append(f"{table.name}.{name}: {text}")
    return found


def left_in_bytes(folder: Path, secrets: tuple[str, ...] = SECRETS) -> list[str]:
    """Return ``file: secret`` for every file under a folder whose bytes still hold one."""
    spelt = [
        (one, code)
        for one in secrets
        for code in {one, one.casefold(), one.upper(), json.dumps(one)[1:-1]}
    ]
    found = []
    for file in folder.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            found += [f"{file.name}: {one}" for one, code in spelt if code.encode() in content]
    return found
