"""What the owner answers at the first import counts from then on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from crm_core.first_import import AMOUNTS_INCLUDE, apply_answers
from crm_core.importing import Choices, Prepared, carry_out, prepare
from crm_core.intake.doctor import rows_of
from crm_core.intake.questions import FirstAnswers, FirstQuestions, first_questions
from crm_core.policy import read_parameters
from crm_core.records.engine import open_database, reading, writing
from crm_core.records.settings import read_settings
from crm_core.snapshot import load_ledger
from tests.databases import Databases

TODAY = date(2025, 6, 2)
ROWS = "".join(f"c{n % 5},2025-0{1 + n // 10}-{1 + n % 28:02d},10.00\n" for n in range(40))
TILL = "".join(f"Kasse,2025-0{1 + n // 28}-{1 + n % 28:02d},5.00\n" for n in range(112))


@pytest.fixture
def engine(databases: Databases, tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(databases.new(tmp_path))
    yield engine
    engine.dispose()


def bring(engine: Engine, text: str) -> tuple[Prepared, FirstQuestions]:
    data = f"Client,Date,Amount\n{text}".encode()
    prepared = prepare(engine, data, name="a.csv", choices=Choices(), today=TODAY)
    carry_out(engine, prepared, now=datetime(2025, 6, 2, tzinfo=UTC))
    return prepared, first_questions(rows_of(prepared.staged), prepared.staged.mapping)


def answer(engine: Engine, text: str, **changes: object) -> None:
    prepared, questions = bring(engine, text)
    answers = replace(questions.proposed, **changes)
    with writing(engine) as connection:
        apply_answers(connection, prepared, questions, answers, today=TODAY)


def m0_of(engine: Engine) -> tuple[float, str]:
    with reading(engine) as connection:
        held = read_parameters(connection)
    return held.values.m0, held.origins["m0"].source if "m0" in held.origins else "default"


def test_a_rhythm_left_as_proposed_leaves_the_data_to_decide(engine: Engine) -> None:
    many = "".join(
        f"n{n},2025-01-{1 + n % 28:02d},1\nn{n},2025-02-{1 + n % 28:02d},1\n" for n in range(40)
    )
    answer(engine, many)
    assert m0_of(engine) == (31, "data")


def test_thin_data_takes_the_owners_rhythm(engine: Engine) -> None:
    answer(engine, "a,2025-01-01,5\nb,2025-01-02,5\n", rhythm="quarterly")
    assert m0_of(engine) == (91, "owner")


def test_by_contract_leaves_the_default(engine: Engine) -> None:
    answer(engine, "a,2025-01-01,5\nb,2025-01-02,5\n", rhythm="by contract")
    assert m0_of(engine) == (30, "default")


def test_dead_months_and_what_amounts_include_are_kept(engine: Engine) -> None:
    answer(engine, ROWS, dead_months=(1, 8), amounts_include=("VAT",))
    with reading(engine) as connection:
        assert read_parameters(connection).values.closed_months == (1, 8)
        assert read_settings(connection)[AMOUNTS_INCLUDE].value == ["VAT"]


def test_a_till_is_taken_out_of_the_clients(engine: Engine) -> None:
    prepared, questions = bring(engine, ROWS + TILL)
    assert questions.proposed.not_clients == {"Kasse": "till"}
    with writing(engine) as connection:
        apply_answers(connection, prepared, questions, questions.proposed, today=TODAY)
    ledger = load_ledger(engine)
    assert ledger.n_clients == 5
    assert len(ledger.unnamed_day) == 112


def test_a_till_the_owner_calls_a_client_stays_one(engine: Engine) -> None:
    prepared, questions = bring(engine, ROWS + TILL)
    kept = FirstAnswers(rhythm=questions.proposed.rhythm, not_clients={})
    with writing(engine) as connection:
        apply_answers(connection, prepared, questions, kept, today=TODAY)
    assert load_ledger(engine).n_clients == 6
