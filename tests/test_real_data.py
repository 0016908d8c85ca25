"""Whole runs on real data: file → import → report, beside a plain reading with pandas."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner

from crm_core.cli import cli
from tests.databases import Databases

pytestmark = pytest.mark.shared


def run(*arguments: str) -> str:
    result = CliRunner().invoke(cli, list(arguments))
    assert result.exit_code == 0, result.output
    return result.stdout


def import_and_report(
    tmp_path: Path, file: Path, *options: str, as_of: str | None = None, url: str | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    database = ("--db", url or f"sqlite:///{tmp_path / 'regulars.sqlite'}")
    imported = json.loads(run("import", str(file), "--json", *options, *database))
    day = ("--as-of", as_of) if as_of else ()
    wanted = ("--json", "--period", "all", "--parameters", "default")
    return imported, json.loads(run("report", *wanted, *day, *database))


def units(values: pd.Series) -> str:
    """Sum decimal texts exactly, half-even to cents."""
    return str(sum((Decimal(v) for v in values), Decimal(0)).quantize(Decimal("0.01")))


def check_identities(report: dict[str, Any]) -> None:
    stages = report["stages"]
    five = ("awareness", "exploration", "expansion", "commitment", "termination")
    assert sum(stages[name] for name in five) == report["clients"]["known"]
    for month in report["churn"]["months"]:
        moved = month["start"] + month["new"] + month["back"] - month["lost"]
        assert moved == month["end"]
    months = report["returning"]["months"]
    net = sum(Decimal(month["net_sales"]) for month in months)
    # Each month is rounded to cents by itself, from its exact sum.
    assert abs(net - Decimal(report["sales"]["net"])) <= Decimal("0.005") * (len(months) + 1)
    assert sum(report["returning"]["cohorts"]["size"]) == report["clients"]["buyers"]


@pytest.mark.slow
def test_cdnow_sample_hits_the_figures_of_the_literature_and_of_our_rules(
    tmp_path: Path, shared_data: Path
) -> None:
    options = ("--header-row", "0", "--map", "client=2", "--map", "day=3", "--map", "quantity=4")
    imported, report = import_and_report(
        tmp_path,
        shared_data / "cdnow" / "CDNOW_sample.txt",
        *options,
        "--map",
        "amount=5",
        as_of="1998-06-30",
    )
    assert imported["rows"] == 6919
    assert report["clients"]["buyers"] == 2357
    assert report["purchase_days"] == 6696
    assert report["sales"]["net"] == "244091.94"
    pareto = report["pareto"]
    assert (pareto["clients"], pareto["top20"]["clients"]) == (2349, 470)
    assert pareto["top20"]["share"] == pytest.approx(0.67348, abs=5e-6)
    assert pareto["for80"]["clients"] == 777
    assert pareto["classes"] == {"A": 777, "B": 801, "C": 771}
    assert pareto["gini"] == pytest.approx(0.62966, abs=5e-6)
    assert pareto["hhi"] == pytest.approx(0.0022858, abs=5e-8)
    assert report["returning"]["repeat_rate"] == pytest.approx(1139 / 2357)
    february = report["returning"]["months"][1]
    assert (february["month"], february["buyers"]) == ("1997-02", 981)
    assert february["returning_rate"] == pytest.approx(218 / 981)
    assert february["existing_share"] == pytest.approx(124 / 981)
    assert report["returning"]["cohorts"]["retained"][0][:7] == [781, 124, 95, 70, 65, 77, 65]
    assert report["returning"]["second_purchase"]["probability"] == pytest.approx(
        [0.1739, 0.2550, 0.2915, 0.3763, 0.4557], abs=5e-5
    )
    stages = report["stages"]
    assert (stages["exploration"], stages["expansion"], stages["commitment"]) == (251, 301, 65)
    assert (stages["termination"], stages["late"]) == (1740, 229)
    months = {m["month"]: m for m in report["churn"]["months"]}
    may, june = months["1997-05"], months["1998-06"]
    assert [may[k] for k in ("start", "new", "back", "lost", "end")] == [2311, 0, 2, 578, 1735]
    assert [june[k] for k in ("start", "new", "back", "lost", "end")] == [622, 0, 32, 37, 617]
    check_identities(report)


@pytest.mark.slow
def test_cdnow_master_is_read_untouched_with_leading_zeros_kept(
    tmp_path: Path, shared_data: Path
) -> None:
    file = shared_data / "cdnow" / "CDNOW_master.txt"
    plain = pd.read_csv(file, sep=r"\s+", dtype=str)
    imported, report = import_and_report(tmp_path, file)
    assert imported["rows"] == len(plain)
    assert report["clients"]["buyers"] == plain["customer_id"].nunique()
    assert report["sales"]["net"] == units(plain["dollar_value"])
    assert report["purchase_days"] == len(plain[["customer_id", "date"]].drop_duplicates())
    out = tmp_path / "clients.csv"
    run("export", "clients", str(out), "--db", f"sqlite:///{tmp_path / 'regulars.sqlite'}")
    assert set(pd.read_csv(out, dtype=str)["client"]) == set(plain["customer_id"])
    check_identities(report)


@pytest.mark.slow
def test_online_retail_lines_become_orders_of_named_clients(
    tmp_path: Path, shared_data: Path
) -> None:
    file = shared_data / "online_retail" / "online_retail.csv.gz"
    plain = pd.read_csv(file, dtype=str)
    quantity, price = plain["Quantity"].map(Decimal), plain["UnitPrice"].map(Decimal)
    amount, named = quantity * price, plain["CustomerID"].notna()
    imported, report = import_and_report(tmp_path, file)
    assert imported["rows"] == len(plain)
    assert imported["money"] == units(amount)
    assert report["sales"]["gross"] == units(amount[named & (amount > 0)]) == "8911407.90"
    assert report["sales"]["refunds"] == units(-amount[named & (amount < 0)])
    assert report["sales"]["without_client"] == units(amount[~named])
    bought = plain[named & (quantity > 0)]
    assert report["clients"]["buyers"] == bought["CustomerID"].nunique()
    assert report["orders"] == len(bought[["CustomerID", "InvoiceNo"]].drop_duplicates())
    days = bought.assign(day=bought["InvoiceDate"].str[:10])
    first = days.groupby(["CustomerID", "InvoiceNo"])["day"].min().reset_index()
    assert report["purchase_days"] == len(first[["CustomerID", "day"]].drop_duplicates())
    check_identities(report)


@pytest.mark.slow
def test_rfm_orders_keep_every_row_its_own_order(tmp_path: Path, shared_data: Path) -> None:
    file = shared_data / "rfm" / "rfm_data_orders.csv"
    plain = pd.read_csv(file, dtype=str)
    imported, report = import_and_report(tmp_path, file)
    assert imported["rows"] == report["orders"] == len(plain) == 4906
    assert report["clients"]["buyers"] == plain["customer_id"].nunique() == 995
    assert report["sales"]["net"] == units(plain["revenue"]) == "464158.00"
    check_identities(report)


def test_superstore_lines_are_not_counted_as_orders(
    tmp_path: Path, shared_data: Path, databases: Databases
) -> None:
    # The set that also runs on a server: small, and every column of a sale has something in it.
    file = shared_data / "superstore" / "superstore.csv.gz"
    plain = pd.read_csv(file, dtype=str)
    imported, report = import_and_report(tmp_path, file, url=databases.new(tmp_path))
    assert imported["rows"] == len(plain)
    assert report["sales"]["net"] == units(plain["Sales"])
    assert report["orders"] == len(plain[["Order ID", "Customer ID"]].drop_duplicates())
    assert report["clients"]["buyers"] == plain["Customer ID"].nunique()
    check_identities(report)


@pytest.mark.slow
def test_won_opportunities_alone_are_sales(tmp_path: Path, shared_data: Path) -> None:
    file = shared_data / "crm_sales_opportunities" / "sales_pipeline.csv"
    plain = pd.read_csv(file, dtype=str)
    won = plain[plain["deal_stage"] == "Won"]
    imported, report = import_and_report(tmp_path, file)
    assert imported["rows"] == len(plain)
    assert report["orders"] == len(won)
    assert report["sales"]["gross"] == units(won["close_value"])
    assert report["clients"]["buyers"] == won["account"].nunique()
    check_identities(report)


@pytest.mark.slow
def test_olist_joined_by_hand_counts_people_not_their_order_ids(
    tmp_path: Path, shared_data: Path
) -> None:
    folder = shared_data / "olist"
    orders = pd.read_csv(folder / "orders.csv.gz", dtype=str)
    customers = pd.read_csv(folder / "customers.csv.gz", dtype=str)
    items = pd.read_csv(folder / "order_items.csv.gz", dtype=str)
    joined = orders.merge(customers, on="customer_id").merge(items, on="order_id")
    joined = joined[joined["order_status"] == "delivered"]
    kept = [
        *("order_id", "customer_unique_id", "order_purchase_timestamp"),
        *("order_status", "product_id", "price", "customer_state"),
    ]
    file = tmp_path / "olist.csv"
    joined[kept].to_csv(file, index=False)
    imported, report = import_and_report(tmp_path, file)
    assert imported["rows"] == len(joined)
    assert report["sales"]["gross"] == units(joined["price"])
    assert report["clients"]["buyers"] == joined["customer_unique_id"].nunique()
    assert report["orders"] == joined["order_id"].nunique()
    check_identities(report)
