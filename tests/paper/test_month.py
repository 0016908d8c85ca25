"""The report as a whole: it stands alone, says everything, and survives any business."""

from __future__ import annotations

import re
import time

import numpy as np
import pytest

from crm_core import __version__
from crm_core.assembly import SaleRows, assemble
from crm_core.definitions import define
from crm_core.ledger import Ledger
from crm_core.metrics.parameters import Parameters, ParameterSet
from crm_core.paper import month_report
from tests.builders import as_day, make_ledger
from tests.paper.reading import Read, read

SECTIONS = (
    *("In short", "Key numbers", "Why sales changed", "Sales by month", "Who carries us"),
    *("Where they stand", "The balance of clients", "Coming back", "Lists that need attention"),
    *("Late: call first", "Probably gone this week", "Shrinking", "Large but not regular"),
    *("Bought once, in the window for a second purchase", "What hangs on one client or group"),
    *("How far these figures can be trusted", "What the numbers mean"),
)
ODD_NAMES = (
    "<script>alert(1)</script>",
    "</text></svg><img src=x onerror=alert(1)>",
    "\"quoted\" & 'so' on",
    "**bold** [link](http://evil.example/x)",
    "שלום עולם\u202e evil",
    "A very long name " * 30,
    "</style><style>@import url(//evil.example)",
    "http://evil.example//x",
)
FEW = {
    "Nordlicht": [(f"2024-{month:02}-05", 500) for month in range(1, 12)],
    "Bob": [("2024-02-03", 80), ("2024-03-01", 40)],
    "Cy": [("2024-09-10", 30)],
}


def report_on(ledger: Ledger, day: str, **options: object) -> str:
    return month_report(ledger, ParameterSet(), as_day(day), **options)  # type: ignore[arg-type]


def written(ledger: Ledger, day: str, **options: object) -> Read:
    return read(report_on(ledger, day, **options))


def many(n: int) -> Ledger:
    """Return a business of ``n`` clients with one to five purchases in three years."""
    chance = np.random.default_rng(5)
    counts = 1 + np.arange(n) % 5
    client = np.repeat(np.arange(n, dtype=np.int32), counts)
    rows = len(client)
    day = as_day("2022-01-01") + chance.integers(0, 1_030, rows)
    ledger = make_ledger({f"c{i:07}": [("2024-10-01", 5)] for i in range(3)})
    blank = np.full(rows, -1)
    clients = ledger.clients.take(np.arange(n) % 3)
    clients.known_on[:] = as_day("2022-01-01")
    sales = SaleRows(
        client=client,
        day=day.astype(np.int32),
        amount=chance.integers(1, 900, rows) * 10_000,
        order=-np.arange(1, rows + 1),
        refund_of=np.zeros(rows, dtype=np.int64),
        product=blank.astype(np.int32),
        channel=blank.astype(np.int16),
        manager=blank.astype(np.int16),
    )
    return assemble(clients, sales)


def test_every_section_is_there_with_its_headline() -> None:
    found = written(make_ledger(FEW, currency="EUR"), "2024-11-30")
    for section in SECTIONS:
        assert section in found.text
    assert "November 2024" in found.text
    assert "As of 30 Nov 2024; shares are those of the last 12 months." in found.text
    assert "Nordlicht alone brings" in found.text
    assert f"Made with Regulars {__version__} from 14 sales of 3 known clients" in found.text
    assert found.tags.count("svg") > 0


def test_running_month_says_so() -> None:
    found = written(make_ledger(FEW), "2024-11-09")
    assert "November 2024 so far" in found.text
    assert "Paler: the running month, 9 of 30 days." in found.text
    assert "Nov 2024 (so far)" in found.text


def test_balance_of_every_month_shown_adds_up() -> None:
    html = report_on(make_ledger(FEW), "2024-11-30")
    balance = html[html.index("The balance of clients") : html.index("<h2>Coming back")]
    rows = re.findall(r"<tr><td[^>]*>[^<]*</td>((?:<td[^>]*>[^<]*</td>)+)</tr>", balance)
    assert len(rows) == 11
    for row in rows:
        start, new, back, gone, end = map(int, re.findall(r">(\d+)</td>", row)[:5])
        assert start + new + back - gone == end


def test_numbers_used_are_defined_at_the_end() -> None:
    found = written(make_ledger(FEW), "2024-11-30")
    meanings = found.text[found.text.index("What the numbers mean") :]
    for key in ("paper.month_sales", "pareto.for80", "churn.rate", "returning.second_purchase"):
        assert define(key).title in meanings
        assert define(key).sentence in meanings
    assert "k_gone = 4" in meanings


def test_same_business_gives_the_same_file() -> None:
    ledger = make_ledger(FEW)
    assert report_on(ledger, "2024-11-30") == report_on(ledger, "2024-11-30")


def test_nothing_typed_by_people_becomes_markup() -> None:
    orders = {
        name: [(f"2024-{month:02}-{5 + at:02}", 900 - 90 * at) for month in range(1, 9)]
        for at, name in enumerate(ODD_NAMES)
    }
    groups = dict.fromkeys(ODD_NAMES, "<b>group</b> & sons")
    ledger = make_ledger(orders, attributes={"group": groups}, currency="EUR")
    html = report_on(ledger, "2024-10-15", filters=[("Group", ["<i>x</i>", "y\"z'"])])
    found = read(html)
    assert "<script>alert(1)</script>" in found.text
    assert "evil.example" in found.text
    assert "http://evil" not in found.text
    assert "<b>group</b> & sons (8 clients)" in found.text
    assert "<i>x</i>, y\"z'" in found.text
    assert max(len(word) for word in re.findall(r"A very long[^<]*", html)) <= 60


@pytest.mark.parametrize("orders", [{}, {"lead": []}, {"": [("2024-05-05", 40)]}])
def test_business_without_clients_sales_gets_a_reason_in_every_section(
    orders: dict[str, list[tuple[str, int]]],
) -> None:
    found = written(make_ledger(orders, created={"lead": "2024-01-01"}), "2024-10-31")
    for section in SECTIONS:
        assert section in found.text
    assert "No shares: no client has net sales above zero in this period." in found.text
    assert "No curve of second purchases" in found.text
    assert "Nobody to call" in found.text
    if not orders.get(""):
        assert "There are no sales up to this day." in found.text


def test_day_before_the_first_sale_is_as_empty() -> None:
    assert "There are no sales up to this day." in written(make_ledger(FEW), "2023-05-05").text


def test_business_of_one_client_says_that_everything_hangs_on_it() -> None:
    found = written(make_ledger({"Ann": [("2024-01-05", 10), ("2024-02-05", 20)]}), "2024-02-20")
    assert "Ann is the only buying client here" in found.text
    assert "the only client" in found.text
    assert "only 1 case, at least 5 are needed" in found.text


def test_refunds_above_sales_draw_no_bar_below_the_ground() -> None:
    orders = {"Ann": [("2024-01-05", 10), ("2024-02-05", -30)], "Bob": [("2024-02-07", 5)]}
    found = written(make_ledger(orders), "2024-02-29")
    sizes = [float(v.rstrip("%")) for k, v in found.attributes if k in ("width", "height")
             if v[0].isdigit() or v[0] == "-"]  # fmt: skip
    assert min(sizes) >= 0


def test_snoozed_clients_are_not_among_those_to_call() -> None:
    ledger = make_ledger({"Ann": [("2024-01-05", 90)], "Bob": [("2024-01-06", 10)]})
    assert "Call Ann first." in written(ledger, "2024-03-20").text
    found = written(ledger, "2024-03-20", snoozed=np.array([0]))
    assert "Call Bob first." in found.text
    assert "1 more are put off" in found.text


def test_fixed_rule_in_force_is_named() -> None:
    parameters = ParameterSet(Parameters(window=90))
    found = read(month_report(make_ledger(FEW), parameters, as_day("2024-11-30")))
    assert "A client counts as gone after 90 days of silence." in found.text


def test_later_sales_change_nothing() -> None:
    later = {**FEW, "Cy": [*FEW["Cy"], ("2024-12-24", 9_000)]}
    now, then = (report_on(make_ledger(orders), "2024-11-30") for orders in (FEW, later))
    assert now == then


def test_long_lists_show_ten_lines_and_how_many_more() -> None:
    orders = {f"c{i:02}": [("2024-01-05", 10 + i)] for i in range(33)}
    found = written(make_ledger(orders), "2024-03-20")
    assert "Late: call first (33)" in found.text
    assert "… and 23 more" in found.text


def test_many_clients_make_no_larger_a_file_and_take_seconds() -> None:
    ledger = many(100_000)
    began = time.process_time()
    html = report_on(ledger, "2024-10-31")
    assert time.process_time() - began < 60
    assert len(html.encode()) < 200_000
    read(html)
