"""Whatever is changed behind the program's back, the files remember."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import Engine, text

from crm_core.records.engine import reading, writing
from crm_core.records.erasing import erase
from crm_core.records.rates import set_rate
from crm_core.records.undoing import redo, undo
from tests.self_check.conftest import (
    NOW,
    THIRD,
    bring_in,
    check,
    client_ids,
    differing,
    finding_of,
    tamper,
)

FIRST = "Import 1 (file 1.csv)"


def test_untouched_database_agrees_with_its_files(database: Engine) -> None:
    found = check(database)
    assert found.differing == ()
    assert (found.sales, found.imports) == (12, 2)
    said = finding_of(found, FIRST).sentence
    money = "714.8305 + 10.00\xa0CHF + 40.00\xa0USD"
    assert said == f"11 rows and {money}, as in the file, each row where its report says."
    assert finding_of(found, "Import 3 (file 3.csv, undone)").outcome == "ok"


def test_changed_amount_is_found_to_the_ten_thousandth(database: Engine) -> None:
    tamper(database, "UPDATE sales SET amount = amount + 1 WHERE order_ref = '1' AND line = 2")
    found = differing(database)
    assert "714.8305" in found[FIRST]
    assert "714.8306" in found[FIRST]
    assert "0.0001 too much" in found[FIRST]


SWAPPED = (
    "UPDATE sales SET amount = CASE line WHEN 2 THEN 255000 ELSE 1000000 END WHERE order_ref = '1'"
)
OTHER_CLIENT = (
    "UPDATE sales SET client_id = (SELECT id FROM clients WHERE external_id = 'eve') "
    "WHERE order_ref = '7' AND batch_id = 1"
)


@pytest.mark.parametrize(
    "change",
    [
        SWAPPED,
        OTHER_CLIENT,
        "UPDATE sales SET day = day - 1 WHERE order_ref = '3'",
        "UPDATE sales SET quantity = 30000 WHERE order_ref = '3'",
    ],
)
def test_change_that_keeps_all_sums_is_found_and_named_with_what_to_do(
    database: Engine, change: str
) -> None:
    tamper(database, change)
    found = finding_of(check(database), FIRST)
    assert found.outcome == "differs"
    assert "The sums are those of the file file 1.csv, but its sales are not as" in found.sentence
    assert "Restore a backup" in found.advice
    assert "import it again" in found.advice


def test_whatever_the_program_does_to_sales_leaves_their_digest(database: Engine) -> None:
    with writing(database) as connection:
        undo(connection, 2, at=NOW)
        redo(connection, 3)
        erase(connection, client_ids(connection)["ann"], at=NOW, reason="request 1")
    bring_in(database, THIRD.replace("99.00", "98.00"), "file 4.csv")
    assert differing(database) == {}


def test_import_from_before_there_was_a_digest_is_said_to_be_covered_by_its_sums_only(
    database: Engine,
) -> None:
    tamper(database, "UPDATE batches SET digest = NULL WHERE id = 1", SWAPPED)
    found = finding_of(check(database), FIRST)
    assert found.outcome == "ok"
    assert "Changes that keep these sums are not covered" in found.sentence
    second = finding_of(check(database), "Import 2 (file 2.csv)")
    assert "not covered" not in second.sentence


def test_deleted_row_is_found_with_its_money(database: Engine) -> None:
    tamper(database, "DELETE FROM sales WHERE order_ref = '3'")
    found = differing(database)
    assert "1 row and 12.34 missing" in found[FIRST]


def test_row_that_costs_nothing_is_missed_too(database: Engine) -> None:
    bring_in(
        database, "order,client,date,amount\n20,ann,2024-05-01,0.00\n21,ann,2024-05-02,5.00\n", "z"
    )
    assert differing(database) == {}
    tamper(database, "DELETE FROM sales WHERE order_ref = '20'")
    assert "1 row missing" in differing(database)["Import 4 (z)"]


def test_row_that_lost_its_client_is_found(database: Engine) -> None:
    with writing(database) as connection:
        connection.execute(text("UPDATE clients SET not_client = NULL"))
        undo(connection, 2, at=NOW)
        redo(connection, 3)
    tamper(database, "UPDATE sales SET client_id = NULL WHERE order_ref = '12'")
    found = differing(database)
    assert "sales with a client" in found["Import 3 (file 3.csv)"]
    assert FIRST not in found


def test_row_moved_from_one_end_to_another_is_found(database: Engine) -> None:
    tamper(database, "UPDATE unused_rows SET outcome = 'not_a_sale'")
    said = differing(database)[FIRST]
    assert said.startswith("Of rows not a sale (unreadable day) the report said 0 rows and 0.00")


def test_changed_held_back_row_is_found(database: Engine) -> None:
    tamper(database, "UPDATE unused_rows SET amount = 0")
    found = differing(database)
    assert "9.99" in found[FIRST]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"n_rows": 12}, None),
        ({"sale_with_client": {"rows": 9, "money": {"": 1}}}, "The file had"),
        ({"not_a_sale": {"fee": {"rows": 1, "money": {}}}}, "The file had 11 rows, but its report"),
        ({"held_back": 7}, "cannot be read"),
    ],
)
def test_tampered_report_is_found(
    database: Engine, change: dict[str, object], said: str | None
) -> None:
    with reading(database) as connection:
        stored = connection.execute(text("SELECT report FROM batches WHERE id = 1")).scalar_one()
    report = (json.loads(stored) if isinstance(stored, str) else stored) | change
    text_ = json.dumps(report).replace("'", "''").replace(":", "\\:")
    with database.connect() as connection:
        connection.execute(text(f"UPDATE batches SET report = '{text_}' WHERE id = 1"))
        connection.commit()
    found = differing(database)
    # The number of rows in the report is for people; the ends are what counts.
    assert found.get(FIRST) is None if said is None else said in found[FIRST]


def test_tampered_row_count_of_an_import_is_found(database: Engine) -> None:
    tamper(database, "UPDATE batches SET n_rows = 12 WHERE id = 1")
    assert "The file had 12 rows, but its report speaks of 11" in differing(database)[FIRST]


def test_sale_that_counts_twice_is_found(database: Engine) -> None:
    tamper(database, "UPDATE sales SET live = TRUE WHERE batch_id = 1 AND order_ref = '7'")
    said = differing(database)["What counts"]
    assert said == "1 sale count and should not (import 1)."


def test_sale_that_ought_to_count_is_found(database: Engine) -> None:
    tamper(database, "UPDATE sales SET live = FALSE WHERE batch_id = 2 AND order_ref = '10'")
    said = differing(database)["What counts"]
    assert said == "1 sale should count and do not (import 2)."


def test_undone_import_of_a_lone_source_that_counts_is_found(database: Engine) -> None:
    with writing(database) as connection:
        undo(connection, 1, at=NOW)
        undo(connection, 2, at=NOW)
    assert differing(database) == {}
    tamper(database, "UPDATE sales SET live = TRUE WHERE batch_id = 3")
    assert "2 sales count and should not (import 3)" in differing(database)["What counts"]


@pytest.mark.sqlite_only("a server refuses to let the import go")
def test_rows_of_an_import_that_is_gone_are_found(database: Engine) -> None:
    tamper(database, "DELETE FROM batches WHERE id = 3")
    assert "belong to import 3, which is not there" in differing(database)["Imports and their rows"]


def test_import_whose_sales_are_all_gone_is_found(database: Engine) -> None:
    tamper(database, "DELETE FROM sales WHERE batch_id = 2")
    found = differing(database)
    assert found["Imports and their rows"] == "All sales of import 2 are gone."
    assert "4 rows and 618.00 missing" in found["Import 2 (file 2.csv)"]


def test_row_moved_to_another_import_is_found(database: Engine) -> None:
    tamper(database, "UPDATE sales SET batch_id = 2 WHERE order_ref = '1'")
    assert "have the numbers" in differing(database)["Imports and their rows"]


def test_a_rate_that_comes_later_changes_nothing_about_the_files(database: Engine) -> None:
    with writing(database) as connection:
        set_rate(connection, "CHF", from_day=NOW.date().replace(month=1), rate="1.04")
    assert differing(database) == {}
