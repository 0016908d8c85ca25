"""The Import page: bring a file, see every row's end, undo it, merge, enter a rate."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from crm_core.formatting import format_money, md_escape
from crm_core.records.batches import list_batches
from crm_core.records.engine import open_database, reading
from crm_core.records.settings import read_settings
from crm_core.snapshot import load_ledger
from crm_core.ui import import_drafts
from crm_core.ui.import_list import read_imports, stored_held_back_file
from crm_core.ui.import_words import report_sentence
from tests.conftest import ROOT
from tests.databases import ON_POSTGRES

PAGE = "pages/import.py"
SALES = (
    "Kunde;Datum;Betrag;Beleg\n"
    + "".join(
        f"K{n % 7};{1 + n % 27:02d}.{1 + n // 20:02d}.2024;{10 + n},50;R{n}\n" for n in range(100)
    )
    + ";05.05.2024;20,00;R100\n"
    + "=cmd;31.02.2024;12,00;R101\n"
).encode()


@pytest.fixture
def page(database: str) -> AppTest:
    return open_page()


def open_page() -> AppTest:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=300)
    at.run()
    return at.switch_page(PAGE).run()


def wait_for(at: AppTest, condition: Callable[[AppTest], bool]) -> AppTest:
    """Rerun the page, as its fragment does, until the work beside it is done."""
    for _ in range(1_000):
        if condition(at):
            return at
        time.sleep(0.1)
        at.run()
    raise AssertionError([m.value for m in at.markdown])


def bring(at: AppTest, name: str = "sales.csv", data: bytes = SALES) -> AppTest:
    at.file_uploader[0].upload(name, data)
    at.run()
    return wait_for(at, lambda a: bool(find_button(a, "Import ") or a.error))


def find_button(at: AppTest, start: str) -> list[str]:
    return [b.key or "" for b in at.button if b.label.startswith(start)]


def press(at: AppTest, start: str) -> AppTest:
    return at.button(key=find_button(at, start)[0]).click().run()


def bring_in(at: AppTest, name: str = "sales.csv", data: bytes = SALES) -> AppTest:
    bring(at, name, data)
    press(at, "Import ")
    return wait_for(at, lambda a: "is imported" in texts(a))


def texts(at: AppTest) -> str:
    return "\n".join(m.value for m in (*at.markdown, *at.success, *at.caption))


def values(at: AppTest, column: str) -> list[object]:
    frame = next(d.value for d in at.dataframe if column in d.value.columns)
    return list(frame[column])


def stored(url: str) -> list:
    engine = open_database(url)
    with reading(engine) as connection:
        found = list_batches(connection)
    engine.dispose()
    return found


def test_an_empty_database_asks_for_files(page: AppTest) -> None:
    assert not page.exception
    assert page.title[0].value == "Import"
    place = "on your own server" if ON_POSTGRES else "on this computer"
    assert f"everything stays {place}" in texts(page)
    assert len(page.file_uploader) == 1
    assert page.file_uploader[0].proto.max_upload_size_mb == import_drafts.MOST_MEGABYTES


def test_a_file_is_shown_as_written_and_as_read_before_anything_is_stored(
    page: AppTest, database: str
) -> None:
    bring(page)
    assert not page.exception
    assert values(page, "Amount, as written")[:2] == ["10,50", "11,50"]
    assert values(page, "Amount, as read")[:2] == ["10.50", "11.50"]
    assert values(page, "Day, as read")[0] == "1 Jan 2024"
    assert stored(database) == []


def test_the_dry_run_says_where_every_row_ends_and_what_would_change(page: AppTest) -> None:
    bring(page)
    rows = dict(zip(values(page, "What became of the rows"), values(page, "Rows"), strict=True))
    assert rows["Sales with a client"] == 100
    assert rows["Sales without a client"] == 1
    assert rows["Held back"] == 1
    assert rows["Total, as in your file"] == 102
    after = dict(zip(values(page, "Number"), values(page, "After"), strict=True))
    assert after["Known clients"] == "7"
    assert after["Net sales of clients"] == format_money(6_000 * 10_000)
    assert after["Last day with sales"] == "27 May 2024"


def test_the_dry_run_warns_where_most_of_a_file_is_stored_already(page: AppTest) -> None:
    bring(page)
    assert not [w.value for w in page.warning if "exactly what is stored" in w.value]
    press(page, "Import ")
    wait_for(page, lambda a: "is imported" in texts(a))
    again = bring(open_page(), "list.csv", SALES.replace(b";R", b";B"))
    assert any("adds exactly what is stored" in w.value for w in again.warning)


def test_the_numbers_after_an_import_are_the_cores(page: AppTest, database: str) -> None:
    bring_in(page)
    batch = stored(database)[0]
    assert page.markdown[0].value == f"#### {report_sentence(batch.report, None)}"
    assert "**101 of 102 rows** taken; **1 held back** (12.00)" in page.markdown[0].value
    assert "total **6,032.00, as in your file**" in page.markdown[0].value
    engine = open_database(database)
    ledger = load_ledger(engine)
    assert ledger.n_clients == 7
    assert int(ledger.sales.amount.sum()) == 6_000 * 10_000
    engine.dispose()


def test_the_four_questions_are_asked_once_and_kept(page: AppTest, database: str) -> None:
    bring(page)
    assert any("good client buy" in s.label for s in page.selectbox)
    next(s for s in page.selectbox if "good client buy" in s.label).select("yearly").run()
    included = next(m for m in page.multiselect if "amounts include" in m.label)
    included.select("VAT").run()
    press(page, "Import ")
    wait_for(page, lambda a: "is imported" in texts(a))
    engine = open_database(database)
    with reading(engine) as connection:
        settings = read_settings(connection)
    engine.dispose()
    assert settings["m0"].value == 365
    assert settings["m0"].source == "owner"
    assert settings["amounts_include"].value == ["VAT"]
    bring(page, "more.csv", SALES.replace(b";R", b";S"))
    assert not any("good client buy" in s.label for s in page.selectbox)


def test_the_same_file_again_is_refused_in_words(page: AppTest, database: str) -> None:
    bring_in(page)
    bring(page)
    assert "imported already" in page.error[0].value
    assert not find_button(page, "Import ")
    assert len(stored(database)) == 1


def test_an_import_is_undone_and_redone(page: AppTest, database: str) -> None:
    bring_in(page)
    page.selectbox(key="import_chosen").select(1).run()
    press(page, "Undo this import")
    assert "is undone" in page.success[0].value
    assert not stored(database)[0].live
    assert values(page, "State") == ["undone"]
    press(page, "Redo this import")
    assert stored(database)[0].live
    assert values(page, "State") == ["counts"]


def test_the_rows_held_back_come_as_a_safe_file_with_line_and_reason(
    page: AppTest, database: str
) -> None:
    bring_in(page)
    engine = open_database(database)
    lines = stored_held_back_file(engine, read_imports(engine)[0]).decode("utf-8-sig").splitlines()
    engine.dispose()
    assert lines[0] == "line,reason,what to do,amount,Kunde,Datum,Betrag,Beleg"
    assert len(lines) == 2
    assert lines[1].startswith("103,unreadable day,")
    assert lines[1].endswith('12.0000,\'=cmd,31.02.2024,"12,00",R101')


def test_columns_nobody_can_guess_are_chosen_by_hand(page: AppTest) -> None:
    bring(page, "odd.csv", b"a,b,c,d\nx,2024-01-01,3.50,9\ny,2024-01-05,4.50,8\n")
    assert page.error[0].value.startswith("Wanted a column for the client")
    choose(page, "Client name", "a")
    assert not page.error
    choose(page, "Amount", "d")
    assert values(page, "Amount, as read") == ["9.00", "8.00"]
    assert next(s for s in page.selectbox if s.label == "Amount").value == "d"


def choose(at: AppTest, label: str, column: str) -> AppTest:
    next(s for s in at.selectbox if s.label == label).select(column).run()
    return wait_for(at, lambda a: bool(find_button(a, "Import ")))


def test_a_file_without_what_is_needed_shows_its_columns_to_choose_from(page: AppTest) -> None:
    bring(page, "odd.csv", b"who,when\nx,hello\ny,there\n")
    page.run()
    assert not page.exception
    assert any(s.label == "Amount" for s in page.selectbox)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("empty.csv", b""),
        ("header.csv", b"Client,Date,Amount\n"),
        ("binary.csv", bytes(range(256)) * 40),
        ("page.csv", b"<html><body>no</body></html>"),
        ("broken.xlsx", b"PK\x03\x04 not a workbook"),
    ],
)
def test_a_file_that_is_none_is_refused_in_words(page: AppTest, name: str, data: bytes) -> None:
    bring(page, name, data)
    assert not page.exception
    assert page.error[0].value.startswith("Wanted")
    assert "Traceback" not in page.error[0].value
    assert "--" not in page.error[0].value
    press(page, "Put aside")
    assert not page.error


def test_two_files_wait_for_each_other(page: AppTest, database: str) -> None:
    page.file_uploader[0].upload("one.csv", SALES)
    page.file_uploader[0].upload("two.csv", SALES.replace(b";R", b";S").replace(b"2024", b"2023"))
    page.run()
    wait_for(page, lambda a: bool(find_button(a, "Import ")))
    assert page.selectbox(key="import_draft").label == "File (2 waiting)"
    press(page, "Import ")
    wait_for(page, lambda a: "is imported" in texts(a))
    wait_for(page, lambda a: bool(find_button(a, "Import ")))
    press(page, "Import ")
    wait_for(page, lambda a: len(stored(database)) == 2 and not find_button(a, "Put aside"))


def test_several_files_are_brought_in_with_one_click(page: AppTest, database: str) -> None:
    page.file_uploader[0].upload("one.csv", SALES)
    page.file_uploader[0].upload("two.csv", SALES.replace(b";R", b";S"))
    page.file_uploader[0].upload("odd.csv", b"a,b\nx,y\n")
    page.run()
    wait_for(page, lambda a: bool(find_button(a, "Import ")))
    press(page, "Import all 3 files")
    wait_for(page, lambda a: bool(a.error))
    assert "2 files imported" in page.error[0].value
    assert "odd\\.csv\\: Wanted a column" in page.error[0].value
    assert [batch.file_name for batch in stored(database)] == ["one.csv", "two.csv"]
    assert not page.exception


def test_a_file_goes_to_the_source_chosen(one_client_database: str) -> None:
    at = bring(open_page())
    assert at.selectbox(key="source_1").value == "main"
    at.selectbox(key="source_1").select("shop").run()
    wait_for(at, lambda a: bool(find_button(a, "Import ")))
    press(at, "Import ")
    wait_for(at, lambda a: "is imported" in texts(a))
    assert stored(one_client_database)[1].source == "shop"


def test_a_name_made_of_markup_is_shown_as_text(page: AppTest) -> None:
    odd = "![x](https://example.invalid/p.png)"
    bring_in(page, f"{odd}.csv", SALES)
    assert odd not in texts(page)
    assert md_escape(odd)[:20] in texts(page)


def test_the_demo_opens_with_every_part_of_the_page(demo_database: str) -> None:
    at = open_page()
    assert not at.exception
    assert "rows** taken" in at.markdown[0].value
    assert len(at.file_uploader) == 0
    assert len(at.get("plotly_chart")) == 1
    said = texts(at)
    for part in ("You are looking at demo data", "wait for a rate", "Both have the e"):
        assert part in said
    assert len(values(at, "No.")) == 2


def test_a_rate_frees_the_rows_that_wait(demo_database: str) -> None:
    at = open_page()
    at.text_input(key="rate_of_DKK").set_value("0,134")
    press(at, "Enter the rate")
    assert "count from now on" in at.success[0].value
    assert "wait for a rate" not in texts(at)


def test_a_rate_that_is_none_is_refused_in_words(demo_database: str) -> None:
    at = open_page()
    at.text_input(key="rate_of_DKK").set_value("much")
    press(at, "Enter the rate")
    assert "Wanted a rate above zero" in at.error[0].value


def test_two_clients_are_merged_and_taken_apart_with_a_click_each(demo_database: str) -> None:
    engine = open_database(demo_database)
    before = load_ledger(engine).n_clients
    at = open_page()
    pairs = len(find_button(at, "Merge"))
    press(at, "Merge")
    assert load_ledger(engine).n_clients == before - 1
    assert len(find_button(at, "Merge")) == pairs - 1
    press(at, "Take apart")
    assert load_ledger(engine).n_clients == before
    assert len(find_button(at, "Merge")) == pairs
    engine.dispose()


def test_removing_the_demo_leaves_a_place_for_own_files(demo_database: str) -> None:
    at = open_page()
    at.button(key="remove_demo").click().run()
    assert not at.exception
    assert len(at.file_uploader) == 1
    assert stored(demo_database) == []


def test_a_client_that_is_a_till_can_be_told_so(page: AppTest, database: str) -> None:
    daily = "".join(f"Kasse;2024-{1 + n // 28:02d}-{1 + n % 28:02d};5,00\n" for n in range(100))
    others = "".join(f"K{n % 9};2024-{1 + n // 28:02d}-{1 + n % 28:02d};9,00\n" for n in range(100))
    bring(page, "till.csv", f"Kunde;Datum;Betrag\n{daily}{others}".encode())
    said = next(s for s in page.selectbox if s.label == "Kasse")
    assert said.value == "till"
    press(page, "Import ")
    wait_for(page, lambda a: "is imported" in texts(a))
    engine = open_database(database)
    ledger = load_ledger(engine)
    engine.dispose()
    assert "Kasse" not in ledger.clients.name.to_pylist()
    assert int(ledger.unnamed_amount.sum()) == 500 * 10_000


def test_everything_on_the_page_speaks_of_now(page: AppTest, database: str) -> None:
    bring_in(page)
    moment = stored(database)[0].imported_at
    assert abs((datetime.now(UTC) - moment).total_seconds()) < 120
    st.cache_resource.clear()
