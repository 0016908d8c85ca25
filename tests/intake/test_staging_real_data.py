from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from crm_core.intake.joining import join_all
from crm_core.intake.reading import read_table
from crm_core.records.staged import StagedImport
from tests.intake.staged_rows import staged_of


def staged(path: Path, **options: object) -> StagedImport:
    return staged_of(read_table(path), **options)


def named_gross(found: StagedImport) -> float:
    amounts = found.sales.amount[(found.sales.client >= 0) & (found.sales.amount > 0)]
    return round(float(amounts.sum()) / 10_000, 2)


@pytest.mark.parametrize(
    ("file", "sales", "gross", "clients"),
    [
        ("cdnow/CDNOW_sample.txt", 6_919, 244_091.94, 2_357),
        ("cdnow/CDNOW_master.txt", 69_659, 2_500_315.63, 23_570),
        ("online_retail/online_retail.csv.gz", 540_573, 8_911_407.90, 4_372),
        ("rfm/rfm_data_orders.csv", 4_906, 464_158.00, 995),
        ("superstore/superstore.csv.gz", 9_994, 2_297_200.86, 793),
        ("crm_sales_opportunities/sales_pipeline.csv", 4_238, 10_005_534.00, 85),
    ],
)
def test_real_files_are_understood_untouched(
    shared_data: Path, file: str, sales: int, gross: float, clients: int
) -> None:
    found = staged(shared_data / file)
    assert len(found.sales.line) == sales
    assert named_gross(found) == gross
    assert len(found.clients.value) == clients


def test_cdnow_keeps_clients_who_paid_nothing_for_something(shared_data: Path) -> None:
    found = staged(shared_data / "cdnow" / "CDNOW_master.txt")
    assert int((found.sales.amount == 0).sum()) == 80
    assert found.clients.label[0] == "00001"


def test_open_and_lost_deals_are_no_sales(shared_data: Path) -> None:
    found = staged(shared_data / "crm_sales_opportunities" / "sales_pipeline.csv")
    assert Counter(found.unused.reason) == {"lost deal": 2_473, "open deal": 2_089}


def test_olist_joins_its_files_by_order_client_and_product(shared_data: Path) -> None:
    names = ("customers.csv.gz", "orders.csv.gz", "products.csv.gz", "order_items.csv.gz")
    found = staged_of(join_all([read_table(shared_data / "olist" / name) for name in names]))
    assert found.mapping["columns"]["client"] == "customer_unique_id"
    assert found.mapping["columns"]["day"] == "order_purchase_timestamp"
    assert found.money == {None: 13_819_367_600}
    assert Counter(found.unused.reason) == {"voided": 58}


@pytest.mark.parametrize(
    ("file", "key", "sales", "money"),
    [
        ("EtsySoldOrderItems2026.csv", "etsy-sold-items", 4, {None: 640_000}),
        ("shopify_orders_export_1.csv", "shopify-orders", 5, {None: 1_000_000}),
        ("square_transactions-2026-09.csv", "square-transactions", 3, {None: 270_000}),
        ("paypal_activity_en_mdy.csv", "paypal-activity", 1, {None: 2_450_000}),
        (
            "stripe_itemized_balance_change.csv",
            "stripe-itemised-balance",
            4,
            {None: 14_600, "USD": 100_000},
        ),
        ("woocommerce_orders_minimal.csv", "woocommerce-minimal", 1, {None: 999_900}),
        ("hubspot_deals.csv", "hubspot-deals", 0, {None: 250_000_000}),
        ("hubspot_contacts.csv", "hubspot-contacts", 0, {}),
    ],
)
def test_sample_exports_are_recognised(
    shared_data: Path, file: str, key: str, sales: int, money: dict[str | None, int]
) -> None:
    found = staged(shared_data / "exports" / file)
    assert found.mapping["format"] == key
    assert len(found.sales.line) == sales
    assert found.money == money
