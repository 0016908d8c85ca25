from __future__ import annotations

import pytest

from crm_core.errors import MappingError
from crm_core.intake.mapping import Mapping
from crm_core.intake.suggest import suggest_mapping, understand
from crm_core.intake.table import make_table
from tests.intake.staged_rows import sales_of, staged_of, table_of

ROWS = ["Ann Lee|24.12.2024|3,50", "Bob Ray|27.12.2024|4,00", "Ann Lee|28.12.2024|5,25"]


@pytest.mark.parametrize(
    "header",
    [
        "Customer|Date|Amount",
        "Kunde|Rechnungsdatum|Nettobetrag",
        "Client|Date de vente|Montant HT",
        "Cliente|Fecha|Importe",
        "Cliente|Data|Importo",
        "Klant|Datum|Bedrag",
        "Asiakas|Päivämäärä|Summa",
        "Клиент|Дата|Сумма",
    ],
)
def test_columns_are_known_in_eight_languages(header: str) -> None:
    who, day, amount = header.split("|")
    mapping = suggest_mapping(table_of(header, ROWS))
    assert dict(mapping.columns) == {"name": who, "day": day, "amount": amount}
    assert mapping.doubtful == ()
    assert mapping.reasons["day"] == f"The name “{day}” says so."


def columns_of(header: str, *rows: str) -> dict[str, str]:
    return dict(suggest_mapping(table_of(header, rows)).columns)


def test_cdnow_value_is_the_amount_and_pieces_are_the_quantity() -> None:
    found = columns_of(
        "customer_id|date|number_of_cds|dollar_value",
        "00001|19970101|1|11.77",
        "2|19970112|5|77.00",
    )
    assert found == {
        "client": "customer_id",
        "day": "date",
        "amount": "dollar_value",
        "quantity": "number_of_cds",
    }


def test_online_retail_is_quantity_times_price_with_float_ids() -> None:
    found = columns_of(
        "InvoiceNo|StockCode|Description|Quantity|InvoiceDate|UnitPrice|CustomerID|Country",
        "536365|85123A|LANTERN|6|2010-12-01 08:26:00|2.55|17850.0|United Kingdom",
        "536366|71053|HOLDER|6|2010-12-01 08:28:00|1.85|17851.0|France",
    )
    assert found == {
        "client": "CustomerID",
        "country": "Country",
        "order": "InvoiceNo",
        "day": "InvoiceDate",
        "quantity": "Quantity",
        "unit_price": "UnitPrice",
        "product": "Description",
    }


def test_superstore_sales_are_line_amounts_and_states_are_no_status() -> None:
    found = columns_of(
        "Row ID|Order ID|Order Date|Ship Date|Customer ID|Customer Name|Segment|State|Region|"
        "Product Name|Sales|Quantity|Discount|Profit",
        "1|CA-1|2016-11-08|2016-11-11|CG-12|Claire Gute|Consumer|Iowa|South|Shelf|261.96|2|0|4",
        "2|CA-2|2016-06-12|2016-06-16|DV-13|Dan Huff|Corporate|Ohio|West|Label|14.62|2|0|6",
    )
    assert found["amount"] == "Sales"
    assert found["order"] == "Order ID"
    assert found["client"] == "Customer ID"
    assert found["name"] == "Customer Name"
    assert found["region"] == "Region"
    assert found["day"] == "Order Date"
    assert "status" not in found


def test_won_deals_name_their_account_and_agent() -> None:
    found = columns_of(
        "opportunity_id|sales_agent|product|account|deal_stage|engage_date|close_date|close_value",
        "1C1I7A6R|Moses Frase|GTX|Cancity|Won|2016-10-20|2017-03-01|1054",
        "Z063OYW0|Darcel Schlecht|GTX|Isdom|Lost|2016-10-25|2017-03-11|0",
    )
    assert found == {
        "name": "account",
        "manager": "sales_agent",
        "order": "opportunity_id",
        "day": "close_date",
        "amount": "close_value",
        "status": "deal_stage",
        "product": "product",
    }


def test_a_headerless_file_is_guessed_by_content_and_every_guess_is_doubtful() -> None:
    rows = ["00004|19970101|29.33", "00004|19970118|29.73", "00021|19970101|63.34"]
    mapping = suggest_mapping(table_of("column 1|column 2|column 3", rows))
    assert dict(mapping.columns) == {
        "client": "column 1",
        "day": "column 2",
        "amount": "column 3",
    }
    assert mapping.doubtful == ("client", "day", "amount")


def test_first_and_last_name_make_up_the_name() -> None:
    table = table_of("Vorname|Nachname|Datum|Betrag", ["Ann|Lee|24.12.2024|3,50"])
    assert suggest_mapping(table).name_parts == ("Vorname", "Nachname")
    assert sales_of(staged_of(table)) == [("Ann Lee", "2024-12-24", "3.50")]


def test_a_lines_own_amount_is_preferred_to_the_orders_total() -> None:
    found = columns_of(
        "Customer ID|Order|Date|Order total|Line total",
        "7|1|2024-05-01|9.00|4.00",
        "8|1|2024-05-01|9.00|5.00",
    )
    assert found["amount"] == "Line total"


def test_tax_shipping_and_profit_are_no_amounts() -> None:
    found = columns_of(
        "Client ID|Date|Tax amount|Shipping total|Profit|Net amount",
        "7|2024-05-01|1.00|2.00|3.00|4.00",
    )
    assert found["amount"] == "Net amount"


def test_photos_counted_are_no_quantity() -> None:
    assert "quantity" not in columns_of("client id|day|photos qty|price", "7|2024-05-01|3|9.50")


def test_what_a_name_promises_must_be_in_the_cells() -> None:
    found = columns_of("Client|Day|Amount", "Ann|1|3.50", "Bob|2|4.50")
    assert found == {"name": "Client", "amount": "Amount"}


def test_a_column_called_a_date_is_never_passed_over_silently() -> None:
    mixed = ["Ann|13/02/2024|5", "Bob|02/25/2024|6", "Cy|03/04/2024|7"]
    for rows in (mixed, ["Ann|soon|3.50", "Bob|later|4.50"]):
        mapping = suggest_mapping(table_of("Client|Date|Amount", rows))
        assert mapping.columns["day"] == "Date"
        assert "day" in mapping.doubtful


def test_a_readable_day_is_preferred_to_an_unreadable_date() -> None:
    found = columns_of("Client|Date|Order day|Amount", "Ann|Q1|2024-05-01|3.50")
    assert found["day"] == "Order day"


def test_a_list_with_each_client_once_holds_totals_and_no_days() -> None:
    rows = [f"{n}|2024-05-{n:02}|{n}.50" for n in range(10, 20)]
    mapping = suggest_mapping(table_of("customer_id|last seen|amount", rows))
    assert "day" not in mapping.columns
    assert mapping.days_missing
    assert "totals of clients" in mapping.evidence[0].sentence


def test_a_list_of_people_with_a_sign_up_day_is_a_list_of_leads() -> None:
    mapping = suggest_mapping(
        table_of(
            "Name|E-Mail|Kunde seit", ["Ann Lee|a@x.org|01.02.2024", "Bo Ray|b@x.org|13.02.2024"]
        )
    )
    assert mapping.leads_only
    assert mapping.columns["known_on"] == "Kunde seit"


def test_a_remembered_mapping_comes_first_where_its_columns_are_there() -> None:
    kept = Mapping({"client": "Betrag", "amount": "Kunde"}).as_dict()
    table = table_of("Kunde|Datum|Betrag", ROWS)
    assert dict(suggest_mapping(table, kept).columns) == {"client": "Betrag", "amount": "Kunde"}
    gone = Mapping({"client": "Nummer", "amount": "Betrag"}).as_dict()
    assert suggest_mapping(table, gone).columns["name"] == "Kunde"


def test_choices_are_laid_over_the_guess() -> None:
    table = table_of("Kunde|Datum|Betrag|Rabatt", [f"{row}|1,00" for row in ROWS])
    _, mapping = understand(table, choices={"amount": "Rabatt"})
    assert mapping.columns["amount"] == "Rabatt"
    with pytest.raises(MappingError, match="Wanted a column named “Preis”"):
        understand(table, choices={"amount": "Preis"})


def test_header_only_files_are_mapped_by_name_and_give_nothing() -> None:
    table = table_of("Customer ID|Date|Amount", [])
    assert set(suggest_mapping(table).columns) == {"client", "day", "amount"}
    staged = staged_of(table)
    assert staged.n_rows == 0
    assert staged.covered is None


def test_five_thousand_columns_are_looked_through_in_no_time() -> None:
    names = [f"c{n}" for n in range(4997)] + ["Customer ID", "Date", "Amount"]
    table = table_of("|".join(names), ["|" * 4997 + "7|2024-05-01|3.50"])
    assert set(suggest_mapping(table).columns) == {"client", "day", "amount"}


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        (
            "ORDERNUMBER|QUANTITYORDERED|PRICEEACH|SALES|ORDERDATE|STATUS|PRODUCTLINE|CUSTOMERNAME",
            "10107|30|95.7|2871.50|2/24/2003 0:00|Shipped|Cars|Land of Toys",
            {"order": "ORDERNUMBER", "amount": "SALES", "day": "ORDERDATE", "name": "CUSTOMERNAME"},
        ),
        (
            "Kd-Nr.|Name|Rechnung Nr.|Datum|Netto|MwSt|Brutto",
            "1001|Müller GmbH|R-1|01.02.2024|1.000,00|190,00|1.190,00",
            {"client": "Kd-Nr.", "name": "Name", "order": "Rechnung Nr.", "amount": "Netto"},
        ),
        (
            "customer|sale_date|gross|vat|net",
            "Ann|2024-02-01|12.00|2.00|10.00",
            {"name": "customer", "day": "sale_date", "amount": "net"},
        ),
    ],
)
def test_headers_met_in_the_wild(header: str, row: str, expected: dict[str, str]) -> None:
    assert expected.items() <= columns_of(header, row).items()


def test_money_that_is_not_read_is_pointed_out() -> None:
    mapping = suggest_mapping(table_of("Client|CA 2023|CA 2024", ["Dupont|1 000|2 000"]))
    assert mapping.leads_only
    assert mapping.evidence[0].doubtful
    assert "“CA 2023”, “CA 2024” may hold one" in mapping.evidence[0].sentence


def test_seconds_since_1970_are_days_where_the_name_says_so() -> None:
    rows = [["Ann", "1704110400", "5.00"], ["Bob", "1704196800", "6.00"]]
    mapping = suggest_mapping(make_table(["client", "timestamp", "amount"], rows))
    assert mapping.columns["day"] == "timestamp"


def test_the_first_column_of_a_pivot_table_names_the_clients() -> None:
    rows = [["Ann Lee", "5.00"], ["Bob Ray", "6.00"]]
    for first, second in (("Row Labels", "Sum of Amount"), ("Zeilenbeschriftungen", "Betrag")):
        assert suggest_mapping(make_table([first, second], rows)).columns["name"] == first
