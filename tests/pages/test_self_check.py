from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from crm_core.records.engine import open_database
from crm_core.snapshot import load_ledger
from crm_core.ui import self_check as page
from tests.databases import ledgers_of, run_sql
from tests.pages.conftest import Visit, text_of

pytestmark = pytest.mark.usefixtures("fresh_caches")  # what one test has checked is kept


def sentence_of(app: AppTest) -> str:
    value = next(m.value for m in app.markdown if m.value.startswith("#### "))
    return str(value).replace("\\", "")


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click()
    app.run()
    assert not app.exception, [error.value for error in app.exception]
    return app


def test_first_sentence_says_that_all_agrees(demo_database: str, visit: Visit) -> None:
    app = visit("self_check")
    assert "checks passed: 14,8" in sentence_of(app)
    assert sentence_of(app).endswith("sales in 2 imports agree with your files to the cent.")
    shown = text_of(app)
    assert all(title in shown for title in ("Known answers", "Your files", "Ledger and figures"))
    assert {"Save this result"} <= {button.label for button in app.get("download_button")}


def test_every_group_lists_its_checks(one_client_database: str, visit: Visit) -> None:
    app = visit("self_check")
    tables = [frame.value for frame in app.dataframe]
    assert [list(table.columns) for table in tables] == [
        ["Result", "Check", "Found", "Compared"]
    ] * 4
    assert {result for table in tables for result in table["Result"]} == {"✓ agrees"}
    assert "Import 1 (sales.csv)" in tables[1]["Check"].tolist()


def test_names_of_files_are_text_and_no_markup(odd_database: str, visit: Visit) -> None:
    run_sql(
        odd_database,
        "UPDATE batches SET file_name = '![x](http://a.b/c.png) :red[hot]', n_rows = 0",
    )
    app = visit("self_check")
    assert not [m.value for m in app.markdown if "![x](" in m.value or " :red[hot]" in m.value]


def test_what_differs_comes_first_with_what_to_do(demo_database: str, visit: Visit) -> None:
    app = visit("self_check")
    run_sql(demo_database, "UPDATE sales SET amount = amount + 1 WHERE id = 77")
    press(app, "Check again")
    assert "of 12" in sentence_of(app)
    assert "differ: Import 1 (demo web shop.csv), Cached ledger" in sentence_of(app)
    shown = text_of(app)
    assert "0\\.0001 too much" in shown
    assert "**What to do:** Restore a backup" in shown
    worst = next(
        frame.value for frame in app.dataframe if "✗ differs" in set(frame.value["Result"])
    )
    assert worst["Result"].iloc[0] == "✗ differs"


def test_damaged_ledger_is_made_again_by_a_button(demo_database: str, visit: Visit) -> None:
    engine = open_database(demo_database)
    load_ledger(engine)
    folder = ledgers_of(engine)
    engine.dispose()
    app = visit("self_check")
    file = next(folder.rglob("clients.known_on.npy"))
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.unlink()
    file.write_bytes(content)
    press(app, "Check again")
    assert "differs: Cached ledger" in sentence_of(app)
    press(app, "Make the ledger again")
    assert "checks passed" in sentence_of(app)


def test_many_sales_are_checked_on_a_click(
    demo_database: str, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "AT_ONCE", 10)
    app = visit("self_check")
    assert "known answers come out right. Your 14,8" in sentence_of(app)
    assert "have not been held against your files yet" in sentence_of(app)
    press(app, "Check files, ledger and database")
    assert "agree with your files to the cent" in sentence_of(app)
    again = visit("self_check")
    assert "agree with your files to the cent" in sentence_of(again), "kept for all who visit"


def test_wrong_known_answer_is_said_before_anything_else(
    demo_database: str, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crm_core.self_check import answers_small

    monkeypatch.setattr(page, "AT_ONCE", 10)
    monkeypatch.setattr(answers_small, "to_decimal_text", lambda amount: "1")
    app = visit("self_check")
    assert "7 of 9" in sentence_of(app)
    assert "come out wrong" in sentence_of(app)


def test_an_empty_database_gets_the_welcome(database: str, visit: Visit) -> None:
    app = visit("self_check")
    assert "Welcome to Regulars" in [title.value for title in app.title]
