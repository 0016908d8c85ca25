"""The command line by its contract: commands, exit codes, keys and columns."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from crm_core.cli import cli, main
from crm_core.client_export import CLIENT_COLUMNS
from tests.databases import Databases

SALES = """order,client,date,amount,product
1,00017,2024-01-01,100.00,Fern
2,00017,2024-01-31,50.5,Mug
3,Bob,2024-02-03,"1,200.25",Fern
3,Bob,2024-02-03,10.00,Mug
4,,2024-02-10,5.00,Mug
5,Cy,31/31/2024,7.00,Mug
"""
REPORT_KEYS = {
    *("as_of", "first_day", "last_day", "currency", "clients", "orders", "purchase_days"),
    *("sales", "pareto", "stages", "returning", "churn", "parameters", "notes"),
}


@pytest.fixture
def database(databases: Databases, tmp_path: Path) -> str:
    return databases.new(tmp_path)


@pytest.fixture
def sales_file(tmp_path: Path) -> Path:
    file = tmp_path / "sales.csv"
    file.write_text(SALES, encoding="utf-8")
    return file


def run(*arguments: str | Path, code: int = 0, capsys: Any = None) -> str:
    del capsys
    result = CliRunner().invoke(cli, [str(a) for a in arguments])
    assert result.exit_code == code, result.output
    return result.stdout


def run_json(*arguments: str | Path) -> Any:
    return json.loads(run(*arguments))


def test_import_says_where_every_row_and_its_money_went(sales_file: Path, database: str) -> None:
    found = run_json("import", sales_file, "--json", "--db", database)
    ends = found["ends"]
    assert found["rows"] == 6
    assert found["money"] == "1372.75"
    assert (ends["sale_with_client"]["rows"], ends["sale_with_client"]["money"]) == (4, "1360.75")
    assert (ends["sale_without_client"]["rows"], ends["sale_without_client"]["money"]) == (
        1,
        "5.00",
    )
    assert (ends["held_back"]["rows"], ends["held_back"]["money"]) == (1, "7.00")
    assert sum(end["rows"] for end in ends.values()) == 6
    assert sum(r["rows"] for r in ends["held_back"]["reasons"].values()) == 1


def test_report_holds_the_keys_of_the_contract(sales_file: Path, database: str) -> None:
    run("import", sales_file, "--db", database)
    report = run_json("report", "--as-of", "2024-02-29", "--json", "--db", database)
    assert set(report) >= REPORT_KEYS
    assert report["as_of"] == "2024-02-29"
    assert (report["first_day"], report["last_day"]) == ("2024-01-01", "2024-02-10")
    assert report["currency"] is None
    assert report["clients"] == {"known": 2, "buyers": 2, "with_sales": 2}
    assert (report["orders"], report["purchase_days"]) == (3, 3)
    assert report["sales"] == {
        "gross": "1360.75",
        "refunds": "0.00",
        "net": "1360.75",
        "without_client": "5.00",
    }
    assert report["pareto"]["period"] == "12m"
    assert set(report["pareto"]) == {
        *("period", "clients", "top20", "for80", "gini", "hhi", "effective_clients", "classes"),
    }
    assert set(report["stages"]) == {
        *("awareness", "exploration", "expansion", "commitment", "termination"),
        *("never_bought", "late", "reentry"),
    }
    assert set(report["returning"]["months"][0]) == {
        *("month", "buyers", "new", "returning_rate", "existing_share", "net_sales", "partial"),
    }
    assert report["returning"]["repeat_rate"] is None
    assert "returning.repeat_rate" in report["notes"]
    assert report["returning"]["second_purchase"]["days"] == [30, 60, 90, 180, 365]
    assert report["returning"]["second_purchase"]["probability"] == [None] * 5
    assert set(report["churn"]["months"][0]) == {
        *("month", "start", "new", "back", "lost", "end", "rate"),
    }
    assert report["churn"]["rule"] == "personal"
    assert set(report["churn"]["false_goodbyes"]) == {"gone", "came_back"}
    assert set(report["parameters"]) == {
        *("m0", "kappa", "k_late", "k_gone", "floor", "cap", "own_max_factor", "n_expand"),
        *("n_commit", "t_commit", "on_time_streak", "late_streak", "reentry_credit", "lead_ttl"),
        "contract_grace",
    }
    assert report["parameters"]["m0"] == {"value": 30, "source": "default", "since": None}


def test_report_of_an_empty_database_says_why_figures_are_missing(database: str) -> None:
    report = run_json("report", "--json", "--db", database)
    assert report["clients"]["known"] == 0
    assert report["pareto"]["top20"]["share"] is None
    assert report["notes"]
    assert "No sales" in run("report", "--db", database)


def test_export_writes_one_row_a_known_client_with_ids_as_the_file_had_them(
    sales_file: Path, database: str, tmp_path: Path
) -> None:
    run("import", sales_file, "--db", database)
    out = tmp_path / "clients.csv"
    run("export", "clients", out, "--as-of", "2024-02-10", "--db", database)
    with out.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert tuple(rows[0]) == CLIENT_COLUMNS
    assert [row["client"] for row in rows] == ["00017", "Bob"]
    ann = rows[0]
    assert (ann["first_purchase"], ann["last_purchase"]) == ("2024-01-01", "2024-01-31")
    assert (ann["orders"], ann["purchase_days"], ann["net_sales"]) == ("2", "2", "150.50")
    assert (ann["stage"], ann["stage_since"], ann["late"]) == ("exploration", "2024-01-01", "false")
    assert (ann["late_on"], ann["gone_on"], ann["usual_gap_days"]) == (
        "2024-04-01",
        "2024-05-31",
        "30",
    )
    assert ann["explanation"].startswith("Exploration since 1 Jan 2024")


def test_export_before_anybody_was_known_has_its_header_only(
    sales_file: Path, database: str, tmp_path: Path
) -> None:
    run("import", sales_file, "--db", database)
    out = tmp_path / "clients.csv"
    run("export", "clients", out, "--as-of", "2023-12-31", "--db", database)
    assert out.read_text(encoding="utf-8").strip() == ",".join(CLIENT_COLUMNS)


def test_dry_run_shows_headlines_before_and_after_and_changes_nothing(
    sales_file: Path, database: str
) -> None:
    found = run_json("import", sales_file, "--dry-run", "--json", "--db", database)
    assert found["dry_run"] is True
    assert found["headlines"]["sales.net"] == {"before": "0.00", "after": "1360.75"}
    assert run_json("imports", "--json", "--db", database) == []
    assert run_json("report", "--json", "--db", database)["clients"]["known"] == 0


def write_the_same_twice(folder: Path) -> tuple[Path, Path]:
    """Write the same seven sales as two programs would: with order numbers, and without."""
    days = [f"2024-0{month}-1{month}" for month in range(1, 8)]
    with_numbers = [f"R{n},ann,{day},{n}0.50" for n, day in enumerate(days, start=1)]
    without = [f"{day};ann;{n}0,50" for n, day in enumerate(days, start=1)]
    first, again = folder / "till.csv", folder / "list.csv"
    first.write_text("\n".join(["order,client,date,amount", *with_numbers]), encoding="utf-8")
    again.write_text("\n".join(["date;client;amount", *without]), encoding="utf-8")
    return first, again


def test_dry_run_warns_of_the_same_business_from_another_program(
    tmp_path: Path, database: str
) -> None:
    first, again = write_the_same_twice(tmp_path)
    alone = run_json("import", first, "--dry-run", "--json", "--db", database)["stored_twice"]
    assert alone == {"by_client": (none := {"added": 0, "alike": 0}), "by_day": none, "warning": ""}
    run("import", first, "--db", database)
    found = run_json("import", again, "--dry-run", "--json", "--db", database)["stored_twice"]
    assert found["by_client"] == found["by_day"] == {"added": 7, "alike": 7}
    assert "would count twice" in found["warning"]
    assert f"careful: {found['warning']}" in run("import", again, "--dry-run", "--db", database)


def test_import_says_that_sales_count_twice_now_and_how_to_undo_it(
    tmp_path: Path, database: str
) -> None:
    first, again = write_the_same_twice(tmp_path)
    assert run_json("import", first, "--json", "--db", database)["stored_twice"]["warning"] == ""
    said = run("import", again, "--db", database)
    assert "careful: On 7 of 7 days with sales of a client" in said
    assert "counts twice now: undo it" in said
    assert "`python -m crm_core undo 2`" in said


def test_same_file_is_refused_until_it_was_undone(
    sales_file: Path, database: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["import", str(sales_file), "--db", database]) == 0
    assert main(["import", str(sales_file), "--db", database]) == 1
    assert "sales.csv" in capfd.readouterr().err
    assert main(["undo", "1", "--db", database]) == 0
    capfd.readouterr()
    assert run_json("report", "--json", "--db", database)["clients"]["known"] == 0
    assert main(["import", str(sales_file), "--db", database]) == 0
    assert run_json("report", "--json", "--db", database)["clients"]["known"] == 2


def test_overlapping_exports_count_each_row_once_and_undo_works_in_any_order(
    tmp_path: Path, database: str
) -> None:
    header = "order,client,date,amount\n"
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text(header + "1,ann,2024-01-01,10\n2,bob,2024-01-02,20\n", encoding="utf-8")
    second.write_text(header + "2,bob,2024-01-02,25\n3,cy,2024-01-03,30\n", encoding="utf-8")
    run("import", first, second, "--db", database)

    def net() -> str:
        return str(run_json("report", "--json", "--db", database)["sales"]["net"])

    assert net() == "65.00"
    run("undo", "1", "--db", database)
    assert net() == "55.00"
    run("redo", "1", "--db", database)
    assert net() == "65.00"
    run("undo", "2", "--db", database)
    assert net() == "30.00"


def test_another_source_is_another_shop(tmp_path: Path, database: str) -> None:
    file = tmp_path / "a.csv"
    file.write_text("order,client,date,amount\n1,ann,2024-01-01,10\n", encoding="utf-8")
    other = tmp_path / "b.csv"
    other.write_text("order,client,date,amount\n1,ann,2024-01-01,10.00\n", encoding="utf-8")
    run("import", file, "--db", database)
    run("import", other, "--source", "market", "--db", database)
    report = run_json("report", "--json", "--db", database)
    assert report["sales"]["net"] == "20.00"
    assert report["clients"]["known"] == 2


def test_held_back_rows_come_with_their_line_reason_and_cells(
    sales_file: Path, database: str, tmp_path: Path
) -> None:
    out = tmp_path / "held.csv"
    sales_file.write_text(SALES.replace("Cy", "=Cy"), encoding="utf-8")
    run("import", sales_file, "--held-back", out, "--db", database)
    with out.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 1
    # No spreadsheet program runs what a cell of the file began with.
    assert (rows[0]["line"], rows[0]["client"], rows[0]["date"]) == ("7", "'=Cy", "31/31/2024")
    assert rows[0]["reason"]


def test_mapped_field_beats_a_guessed_one(tmp_path: Path, database: str) -> None:
    file = tmp_path / "a.csv"
    file.write_text("client,date,amount,net\nann,2024-01-01,12,10\n", encoding="utf-8")
    run("import", file, "--map", "amount=net", "--db", database)
    assert run_json("report", "--json", "--db", database)["sales"]["net"] == "10.00"


def test_currency_is_named_once_and_for_all(tmp_path: Path, database: str) -> None:
    file = tmp_path / "a.csv"
    file.write_text("client,date,amount\nann,2024-01-01,12\n", encoding="utf-8")
    other = tmp_path / "b.csv"
    other.write_text("client,date,amount\nann,2024-01-02,13\n", encoding="utf-8")
    run("import", file, "--currency", "EUR", "--db", database)
    assert run_json("report", "--json", "--db", database)["currency"] == "EUR"
    assert main(["import", str(other), "--currency", "USD", "--db", database]) == 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["nonsense"], 2),
        (["import"], 2),
        (["import", "x.csv", "--map", "colour=red"], 2),
        (["report", "--as-of", "soon"], 2),
        (["report", "--period", "week"], 2),
        (["undo", "7"], 1),
        (["import", "not-there.csv"], 1),
    ],
)
def test_exit_code_tells_refused_from_wrong_usage(
    arguments: list[str], code: int, database: str, capfd: pytest.CaptureFixture[str]
) -> None:
    wanted = [*arguments, "--db", database] if arguments != ["nonsense"] else arguments
    assert main(wanted) == code
    out, err = capfd.readouterr()
    assert out == ""
    assert err
    assert "Traceback" not in err


def test_missing_column_is_told_with_wanted_found_and_remedy(
    tmp_path: Path, database: str, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.csv"
    file.write_text("colour,shape\nred,round\nblue,square\n", encoding="utf-8")
    assert main(["import", str(file), "--db", database]) == 1
    message = capfd.readouterr().err
    assert "colour" in message
    assert "--map" in message


def test_imports_lists_what_came_in(sales_file: Path, database: str) -> None:
    assert "No imports yet" in run("imports", "--db", database)
    run("import", sales_file, "--db", database)
    listed = run_json("imports", "--json", "--db", database)
    assert [(b["id"], b["file"], b["live"], b["rows"]) for b in listed] == [
        (1, "sales.csv", True, 6)
    ]
    assert "sales.csv" in run("imports", "--db", database)


def test_typical_gap_is_estimated_once_and_kept(tmp_path: Path, database: str) -> None:
    rows = "".join(f"c{i},2024-01-01,10\nc{i},2024-02-{10 + i % 5},10\n" for i in range(25))
    file, later = tmp_path / "a.csv", tmp_path / "b.csv"
    file.write_text("client,date,amount\n" + rows, encoding="utf-8")
    later.write_text("client,date,amount\nc1,2025-01-01,10\n", encoding="utf-8")
    run("import", file, "--db", database)
    stored = run_json("report", "--json", "--db", database)["parameters"]["m0"]
    # Of 25 returns after 40 to 44 days the curve sees 40 and 41, then fewer than 20 are
    # watched: half of those have returned by day 40.
    assert (stored["value"], stored["source"]) == (40, "data")
    run("import", later, "--db", database)
    assert run_json("report", "--json", "--db", database)["parameters"]["m0"] == stored
    default = run_json("report", "--json", "--parameters", "default", "--db", database)
    assert default["parameters"]["m0"]["value"] == 30


def test_demo_fills_an_empty_database(database: str) -> None:
    run("demo", "--db", database)
    report = run_json("report", "--json", "--db", database)
    assert report["clients"]["buyers"] > 100


def test_own_sales_never_mix_with_the_demo(sales_file: Path, database: str) -> None:
    run("demo", "--db", database)
    assert main(["import", str(sales_file), "--db", database]) == 1
    run("demo", "--remove", "--db", database)
    run("import", sales_file, "--db", database)
    assert run_json("report", "--json", "--db", database)["clients"]["known"] == 2


def test_foreign_sales_wait_for_their_rate_and_then_count(tmp_path: Path, database: str) -> None:
    file = tmp_path / "a.csv"
    file.write_text(
        "client,date,amount,currency\nann,2024-01-01,10,EUR\nbob,2024-01-02,10,USD\n",
        encoding="utf-8",
    )
    found = run_json("import", file, "--currency", "EUR", "--json", "--db", database)
    assert found["ends"]["held_back"]["reasons"]["no rate for USD"]["rows"] == 1
    assert run_json("report", "--json", "--db", database)["sales"]["net"] == "10.00"
    run("rate", "usd", "0.925", "--from", "2024-01-01", "--db", database)
    assert run_json("report", "--json", "--db", database)["sales"]["net"] == "19.25"
    assert main(["rate", "USD", "cheap", "--from", "2024-01-01", "--db", database]) == 1


def test_help_lists_every_command_with_a_line() -> None:
    text = run("--help")
    for command in ("start", "test", "import", "imports", "undo", "report", "export", "demo"):
        assert f"\n  {command} " in text


def test_files_that_share_a_key_are_joined_into_one_import(tmp_path: Path, database: str) -> None:
    items, orders = tmp_path / "items.csv", tmp_path / "orders.csv"
    items.write_text("order,amount\n1,10\n1,5\n2,20\n", encoding="utf-8")
    orders.write_text("order,client,date\n1,ann,2024-01-02\n2,bob,2024-01-03\n", encoding="utf-8")
    run("import", "--join", items, orders, "--db", database)
    report = run_json("report", "--json", "--db", database)
    assert (report["sales"]["net"], report["orders"], report["clients"]["buyers"]) == (
        "35.00",
        2,
        2,
    )


def test_an_unwritable_file_for_held_back_rows_is_refused_before_the_import(
    tmp_path: Path, sales_file: Path, database: str
) -> None:
    nowhere = tmp_path / "nowhere" / "held.csv"
    for out in (nowhere, tmp_path, sales_file):
        assert main(["import", str(sales_file), "--held-back", str(out), "--db", database]) == 1
    assert sales_file.read_text(encoding="utf-8") == SALES
    assert run_json("imports", "--json", "--db", database) == []


def test_two_columns_for_one_field_are_wrong_usage(sales_file: Path, database: str) -> None:
    twice = ("--map", "day=date", "--map", "day=amount")
    assert main(["import", str(sales_file), *twice, "--db", database]) == 2
