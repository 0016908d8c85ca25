"""However somebody is spelt later: the erased stay erased, and nobody else goes missing."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine, select

from crm_core.errors import RecordError
from crm_core.records.clients import add_client, edit_client
from crm_core.records.engine import reading, writing
from crm_core.records.erasing import erase
from crm_core.records.importing import write_import
from crm_core.records.models import Client, Contact, ErasedIdentity
from crm_core.records.people import log_contact
from crm_core.records.staged import UnusedRows
from tests.builders import make_staged
from tests.records.erased_business import DAY, NOW

NAME = "José Zarquón-Ibáñez"
ABOUT = {"name": NAME, "email": "jose.zarquon@ibanezmail.es", "phone": "+45 61 23 45 98"}


def take(database: Engine, client: str, about: dict[str, Any], **more: Any) -> int:
    """Import one sale and return how many clients it brought."""
    rows = [{"client": client, "day": "2024-05-01", "amount": 7, "order": client}]
    staged = make_staged(rows, clients={client: about} if about else None, **more)
    with writing(database) as connection:
        return write_import(connection, staged, imported_at=NOW).n_new_clients


def number_of(database: Engine, client: str) -> int:
    with reading(database) as connection:
        query = select(Client.id).where(Client.external_id == client)
        return int(connection.execute(query).scalar_one())


def erase_(database: Engine, client: str) -> int:
    number = number_of(database, client)
    with writing(database) as connection:
        erase(connection, number, at=NOW, reason="letter")
    return number


@pytest.mark.parametrize(
    "about",
    [
        {"email": "Jose.Zarquon+shop@IbanezMail.es"},
        {"phone": "0045 61234598"},
        {"phone": "61 23 45 98"},
        {"phone": "4561234598"},
    ],
    ids=lambda about: next(iter(about.values())),
)
def test_an_address_written_differently_brings_nobody_back(
    database: Engine, about: dict[str, str]
) -> None:
    take(database, "C-9001", ABOUT, source="shop")
    erase_(database, "C-9001")
    assert take(database, "W-1", {"name": "J. Z.", **about}, source="web") == 0


@pytest.mark.parametrize("number", ["+45 61 23 45 98", "JOSE.ZARQUON@ibanezmail.es"])
def test_a_list_that_has_addresses_for_numbers_brings_nobody_back(
    database: Engine, number: str
) -> None:
    take(database, "C-9001", ABOUT, source="shop")
    erase_(database, "C-9001")
    assert take(database, number, {}, source="calls") == 0


@pytest.mark.parametrize(
    "later",
    ["jose zarquon-ibanez", "zarquón-ibáñez, josé", "jose\u0301 zarquo\u0301n iban\u0303ez"],
)
def test_a_name_with_other_accents_or_order_brings_nobody_back(
    database: Engine, later: str
) -> None:
    first = "josé zarquón ibañez" if "iban\u0303ez" in later else "josé zarquón-ibáñez"
    take(database, first, {}, kind="name", source="office")
    erase_(database, first)
    assert take(database, later, {}, kind="name", source="office") == 0


def test_a_number_that_is_no_phone_number_is_nobodys(database: Engine) -> None:
    take(database, "C-1", {"name": "Ann Lee", "phone": "0000000000"})
    erase_(database, "C-1")
    assert take(database, "C-2", {"name": "Bo Lund", "phone": "0000000000"}, source="web") == 1


def test_a_colleague_with_the_mailbox_of_the_firm_is_somebody_else(database: Engine) -> None:
    take(database, "C-1", {"name": "Cleo Marsh", "email": "info@marsh.de"}, source="shop")
    erase_(database, "C-1")
    later = {"name": "Dora Tell", "email": "info@marsh.de"}
    assert take(database, "C-2", later, source="shop") == 1
    again = {"name": "MARSH Cleo", "email": "info@marsh.de"}
    assert take(database, "W-1", again, source="web") == 0, "the same name is the same person"


def test_notes_lose_the_person_however_they_spell_them(database: Engine) -> None:
    take(database, "C-9001", {**ABOUT, "phone": "+34 612 345 987"})
    take(database, "C-2", {"name": "Bert Stone"}, source="b")
    with writing(database) as connection:
        log_contact(
            connection, number_of_in(connection, "C-2"), day=DAY, kind="call", inbound=True,
            created_at=NOW, note="JOSE ZARQUON-IBANEZ, Zarquón-Ibáñez (José), Jose\u0301 "
            "Zarquo\u0301n-Iba\u0301n\u0303ez; 0034612345987 or 61 23 45 987, not 2024-01-05",
        )  # fmt: skip
    number = erase_(database, "C-9001")
    called = f"Erased client {number}"
    with reading(database) as connection:
        (note,) = connection.execute(select(Contact.note)).scalars()
    assert note == f"{called}, {called}), {called}; {called} or {called}, not 2024-01-05"


def number_of_in(connection: Any, client: str) -> int:
    return int(
        connection.execute(select(Client.id).where(Client.external_id == client)).scalar_one()
    )


def test_rows_held_back_of_another_source_lose_the_name(database: Engine) -> None:
    take(database, "C-9001", ABOUT, source="shop")
    erase_(database, "C-9001")
    unused = UnusedRows((2,), ("held_back",), ("no day",), ("",), (70_000,), (None,),
                        (("K-1", NAME, "7"),))  # fmt: skip
    take(database, "W-9", {}, source="web", unused=unused)
    with reading(database) as connection:
        cells = connection.exec_driver_sql("SELECT cells FROM unused_rows").scalar()
    assert "Zarqu" not in str(cells)


def test_nobody_is_typed_in_again_by_hand(database: Engine) -> None:
    take(database, "C-9001", ABOUT, source="shop")
    number = erase_(database, "C-9001")
    for field in ("email", "phone"):
        told = {field: ABOUT[field]}
        with pytest.raises(RecordError, match=f"client {number}"), writing(database) as connection:
            add_client(connection, name="J.", known_on=DAY, **told)
    with writing(database) as connection:
        other = add_client(connection, name="Bo", known_on=DAY, email="bo@lund.se")
        with pytest.raises(RecordError, match="erased"):
            edit_client(connection, other, phone="61234598")


def test_fingerprints_of_what_later_files_said_are_no_more_than_needed(database: Engine) -> None:
    take(database, "C-9001", ABOUT, source="shop")
    take(database, "C-2", {"name": "Bert", "email": "bert@stone.se"}, source="shop")
    erase_(database, "C-9001")
    take(database, "W-1", {"email": "BERT+x@stone.se", "phone": ABOUT["phone"]}, source="web")
    with reading(database) as connection:
        kinds = connection.execute(select(ErasedIdentity.kind)).scalars().all()
    assert sorted(kinds) == ["email", "id", "id", "name", "phone"], "Bert's address is Bert's"
