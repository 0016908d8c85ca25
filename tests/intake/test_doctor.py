from __future__ import annotations

from datetime import date

import numpy as np

from crm_core.intake.doctor import SalesRows, examine, month_of, rows_of
from crm_core.intake.silences import find_silences
from crm_core.intake.tills import find_tills, kind_by_name
from crm_core.tables import Coded, to_day
from tests.intake.staged_rows import staged_as, table_of

TODAY = to_day(date(2024, 12, 31))
MARCH = to_day(date(2024, 3, 1))


def rows(
    days: list[int],
    amounts: list[int] | None = None,
    *,
    client: list[int] | None = None,
    source: list[int] | None = None,
    names: tuple[str, ...] = (),
) -> SalesRows:
    count = len(days)
    labels = ("shop", "fair") if source else ("shop",)
    return SalesRows(
        day=np.array(days, dtype=np.int32),
        amount=np.array(amounts or [10_000] * count, dtype=np.int64),
        client=np.array(client or [-1] * count, dtype=np.int32),
        source=Coded(np.array(source or [0] * count, dtype=np.int32), labels),
        names=names,
    )


def sentences(found: SalesRows) -> dict[str, str]:
    return {one.kind: one.sentence for one in examine(found, today=TODAY).findings}


def daily(first: date, last: date, *, but: tuple[date, date] | None = None) -> list[int]:
    days = range(to_day(first), to_day(last) + 1)
    return [d for d in days if but is None or not to_day(but[0]) <= d <= to_day(but[1])]


def test_march_stops_on_the_14th() -> None:
    days = daily(date(2024, 1, 1), date(2024, 5, 31), but=(date(2024, 3, 15), date(2024, 3, 31)))
    assert sentences(rows(days)) == {
        "half month": "In “shop”, March 2024 stops on the 14th: no sales until 1 April 2024, "
        "though the usual break is 1 day."
    }
    months = examine(rows(days), today=TODAY).months
    assert months.flag[:, 0].tolist() == ["", "", "half", "", ""]


def test_a_month_without_sales_is_a_hole() -> None:
    days = daily(date(2024, 1, 1), date(2024, 5, 31), but=(date(2024, 3, 1), date(2024, 3, 31)))
    assert sentences(rows(days))["hole"] == (
        "In “shop”, there are no sales in March 2024, though the usual break is 1 day."
    )
    picture = examine(rows(days), today=TODAY).months
    assert picture.sales[:, 0].tolist() == [31, 29, 0, 30, 31]
    assert picture.flag[:, 0].tolist() == ["", "", "hole", "", ""]
    assert (picture.month % 12 + 1).tolist() == [1, 2, 3, 4, 5]


def test_a_season_closed_every_year_is_no_hole() -> None:
    days = daily(date(2022, 1, 1), date(2022, 6, 30)) + daily(date(2022, 9, 1), date(2023, 6, 30))
    days += daily(date(2023, 9, 1), date(2024, 3, 1))
    assert sentences(rows(days)) == {}


def test_weekly_sellers_have_no_silences() -> None:
    found = find_silences(np.arange(0, 700, 7, dtype=np.int32), np.zeros(100, np.int32), ("shop",))
    assert found == ()


def test_sources_that_end_apart_make_clients_look_silent() -> None:
    days = daily(date(2024, 1, 1), date(2024, 4, 30)) + daily(date(2024, 1, 1), date(2024, 3, 31))
    source = [0] * 121 + [1] * 91
    assert sentences(rows(days, source=source)) == {
        "uneven ends": "“fair” ends on 2024-03-31, “shop” on 2024-04-30: clients who buy in “fair” "
        "look silent for 30 days; bring its newer file."
    }


def test_future_and_ancient_days_are_pointed_out_and_kept_out_of_the_picture() -> None:
    days = [to_day(date(1900, 1, 1)), to_day(date(1970, 1, 1)), MARCH, to_day(date(2199, 12, 31))]
    found = sentences(rows(days))
    assert found["future"] == (
        "1 row lies in the future, the last on 2199-12-31; not counted before then."
    )
    assert found["ancient"].startswith("2 rows lie before 1972, the first on 1900-01-01:")
    assert examine(rows(days), today=TODAY).months.sales.tolist() == [[1]]


def test_one_row_is_38_per_cent_of_the_file() -> None:
    days, amounts = [MARCH + n for n in range(101)], [10_000] * 100 + [613_000]
    found = examine(rows(days, amounts), today=TODAY).findings
    assert [(one.kind, one.rows) for one in found] == [("outlier", (100,))]
    assert found[0].sentence == (
        "One row of 61.30 on 2024-06-09 is 38% of all sales, 61 times the usual row."
    )


def test_money_of_the_picture_is_that_of_the_rows() -> None:
    days, amounts = [MARCH, MARCH + 1, MARCH + 40], [10_000, -4_000, 2_500]
    picture = examine(rows(days, amounts, source=[0, 1, 1]), today=TODAY).months
    assert picture.money.tolist() == [[10_000, -4_000], [0, 2_500]]
    assert picture.sources == ("shop", "fair")


def test_a_client_of_nearly_every_day_is_a_till() -> None:
    days = [MARCH + n for n in range(100)] * 2
    client = [0] * 100 + [1 + n // 10 for n in range(100)]
    names = ("Miscellaneous", *(f"Client {chr(97 + n)}" for n in range(10)))
    found = examine(rows(days, client=client, names=names), today=TODAY).tills
    assert [(one.name, one.kind, one.days) for one in found] == [("Miscellaneous", "till", 100)]
    assert found[0].evidence == "“Miscellaneous”: bought on 100 of 100 days with sales (100%)."


def test_names_tell_tills_markets_and_branches_but_not_bars() -> None:
    kinds = {name: kind_by_name(name) for name in ("Walk-in", "AMAZON EU SARL", "Filiale Nord")}
    assert list(kinds.values()) == ["till", "marketplace", "own branch"]
    assert kind_by_name("Bar Centrale") is kind_by_name("Otto Berg") is kind_by_name(None) is None
    assert kind_by_name("bar") == "till"


def test_tills_need_sales_and_names() -> None:
    assert find_tills(np.zeros(0, np.int32), np.zeros(0, np.int32), ("Cash",)) == ()


def test_nothing_gives_an_empty_picture() -> None:
    found = examine(rows([]), today=TODAY)
    assert found.findings == found.tills == found.duplicates == ()
    assert found.months.sales.shape == (0, 1)


def test_a_staged_import_is_looked_at_in_the_reporting_currency() -> None:
    lines = ["Ann|2024-05-01|3|EUR|a@x.org", "Bob|2024-05-02|5|USD|b@x.org"]
    columns = {"name": "who", "day": "day", "amount": "sum", "currency": "cur", "email": "mail"}
    found = rows_of(staged_as(table_of("who|day|sum|cur|mail", lines), columns, currency="EUR"))
    assert found.amount.tolist() == [30_000]
    assert found.names == ("Ann", "Bob")
    assert found.emails == ("a@x.org", "b@x.org")
    assert found.source.labels == ("main",)


def test_months_count_from_year_zero() -> None:
    assert month_of(np.array([to_day(date(2024, 3, 31))])).tolist() == [2024 * 12 + 2]
