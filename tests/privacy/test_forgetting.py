"""From the command to the receipt: previews, confirmations, caches and bytes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from crm_core.access import Actor, Role, acting_as
from crm_core.cli import cli
from crm_core.errors import AccessError
from crm_core.privacy.forgetting import clean_again, erase_client, preview_erasure
from crm_core.privacy.receipt_page import receipt_html, receipt_lines
from crm_core.records.clients import add_client
from crm_core.records.engine import open_database, reading, writing
from crm_core.records.receipts import list_erasures
from crm_core.snapshot import load_ledger
from tests.databases import Databases
from tests.records.erased_business import (
    EMAIL,
    NAME,
    NOW,
    SECRETS,
    fill,
    left_in_bytes,
    left_in_tables,
)


@pytest.fixture
def filled(databases: Databases, tmp_path: Path) -> tuple[Engine, int]:
    engine = open_database(databases.new(tmp_path, "crm"))
    return engine, fill(engine)


def run(engine: Engine, *words: str, answer: str = "") -> str:
    result = CliRunner().invoke(cli, [*words, "--db", str(engine.url)], input=answer)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.output


@pytest.mark.sqlite_only("reads the bytes of its file")
def test_caches_and_bytes_go_with_the_person(filled: tuple[Engine, int], tmp_path: Path) -> None:
    engine, person = filled
    load_ledger(engine)
    assert any("arrow" in one for one in left_in_bytes(tmp_path))
    receipt = erase_client(engine, person, at=NOW, reason="letter 5")
    assert receipt.file_clean is True
    assert left_in_bytes(tmp_path) == []
    load_ledger(engine)
    assert left_in_bytes(tmp_path) == []


def test_receipt_to_hand_over_holds_no_personal_data(filled: tuple[Engine, int]) -> None:
    engine, person = filled
    receipt = erase_client(engine, person, at=NOW, reason=f"letter of {NAME}, 3 May")
    page, text = receipt_html(receipt), "\n".join(receipt_lines(receipt))
    for one in (page, text):
        assert [secret for secret in SECRETS if secret.casefold() in one.casefold()] == []
        assert f"letter of Erased client {person}, 3 May" in one
        assert "Backups made before 2024-06-01 12:00" in one
        assert "Keyed fingerprints" in one
    assert "<script" not in page


@pytest.mark.sqlite_only("a file in use cannot be cleaned")
def test_file_in_use_is_cleaned_later(filled: tuple[Engine, int], tmp_path: Path) -> None:
    engine, person = filled
    other = open_database(str(engine.url))
    engine.dispose()
    with reading(other) as connection:
        connection.exec_driver_sql("SELECT count(*) FROM clients").scalar()
        receipt = erase_client(_impatient(engine), person, at=NOW, reason="letter 5")
    assert receipt.file_clean is False
    assert "erase --clean" in "\n".join(receipt_lines(receipt))
    other.dispose()
    assert clean_again(engine) is True
    assert left_in_bytes(tmp_path) == []
    with reading(engine) as connection:
        assert [one.file_clean for one in list_erasures(connection)] == [True]


def _impatient(engine: Engine) -> Engine:
    from sqlalchemy import event

    event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA busy_timeout = 50"))
    return engine


def test_preview_is_refused_to_whoever_may_not_erase(filled: tuple[Engine, int]) -> None:
    engine, person = filled
    with pytest.raises(AccessError), acting_as(Actor("member 2", Role.VIEWER, 2)):
        preview_erasure(engine, person, at=NOW)


def test_command_shows_what_goes_and_asks(filled: tuple[Engine, int], tmp_path: Path) -> None:
    engine, person = filled
    said = run(engine, "erase", EMAIL, "--reason", "letter 5", answer="n\n")
    assert "names in files: 2" in said
    assert "cannot be undone" in said
    assert left_in_tables(engine)
    page = tmp_path / "receipt.html"
    said = run(engine, "erase", f"#{person}", "--reason", "r 5", "--yes", "--receipt", str(page))
    assert f"Erased client {person}" in said
    assert left_in_tables(engine) == []
    # A server gives the number of the preview to nobody else.
    assert "Receipt of erasure " in page.read_text(encoding="utf-8")


def test_command_asks_about_others_of_the_same_name_whatever_its_letters(
    filled: tuple[Engine, int],
) -> None:
    engine, _ = filled
    with writing(engine) as connection:
        first = add_client(
            connection, name="Élodie Şahin", known_on=NOW.date(), email="e@s.example"
        )
    said = run(engine, "erase", "ÉLODIE ŞAHIN", "--reason", "letter 6", answer="n\n")
    assert f"Erase client {first} for good?" in said
    assert "the same name, e-mail" not in said
    with writing(engine) as connection:
        twin = add_client(connection, name="Elodie Sahin", known_on=NOW.date())
    said = run(engine, "erase", "élodie şahin", "--reason", "letter 6", answer="n\n")
    assert f"Record #{twin} has the same name, e-mail or phone number and stays" in said
    said = run(engine, "erase", f"#{first}", "--reason", "letter 6", "--yes")
    assert f"Record #{twin} has the same" in said


def test_command_writes_the_client_file(filled: tuple[Engine, int], tmp_path: Path) -> None:
    engine, person = filled
    data, page = tmp_path / "x.json", tmp_path / "x.html"
    run(engine, "client-file", NAME, "--json", str(data), "--html", str(page))
    assert json.loads(data.read_text(encoding="utf-8"))["client_id"] == person
    assert "Everything about" in page.read_text(encoding="utf-8")
