"""Amounts in every style people write them, exactly."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_core.intake.amounts import (
    AMOUNT_REASONS,
    AmountMarks,
    currency_of_sign,
    detect_marks,
    multiply,
    parse_amounts,
)
from crm_core.money import LARGEST_AMOUNT, to_ten_thousandths

POINT, COMMA = AmountMarks(".", ","), AmountMarks(",", ".")


def one(text: str, marks: AmountMarks | None = None) -> int | str:
    """Return the amount read, ``"blank"``, or the reason it was not read."""
    found = parse_amounts(pa.array([text]), marks)
    if found.ok[0]:
        return int(found.values[0])
    assert found.values[0] == 0
    return "blank" if found.blank[0] else AMOUNT_REASONS[found.reasons[0]]


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1.234,56 €", "1234.56"),
        ("1,234.50", "1234.50"),
        ("1 234,50", "1234.50"),
        ("1\u00a0234,50", "1234.50"),
        ("1\u202f234,50", "1234.50"),
        ("1'234.50", "1234.50"),
        ("1’234.50", "1234.50"),
        ("$1,240.00", "1240"),
        ("-$12.00", "-12"),
        ("$-12.00", "-12"),
        ("(1,234.50)", "-1234.50"),
        ("($12.00)", "-12"),
        ("25k", "25000"),
        ("250K", "250000"),
        ("1.5M", "1500000"),
        ("1.23456k", "1234.56"),
        ("25k €", "25000"),
        ("£9001", "9001"),
        ("12-", "-12"),
        ("12,50-", "-12.50"),
        ("\u221212.50", "-12.50"),
        ("+7", "7"),
        ("12,- €", "12"),
        ("USD 12.50", "12.50"),
        ("12.50 usd", "12.50"),
        ("R$ 1.234,56", "1234.56"),
        ("Rs.500", "500"),
        ("kr 1.234,50", "1234.50"),
        ("12,34,567.50", "1234567.50"),
        ("1.2E+05", "120000"),
        (".5", "0.5"),
        ("5.", "5"),
        ("17850.0", "17850"),
        ("00017", "17"),
        ("  3.50  ", "3.5"),
    ],
)
def test_one_amount_alone_is_read(text: str, amount: str) -> None:
    assert one(text) == to_ten_thousandths(amount)


@pytest.mark.parametrize("text", ["", "  ", "-", "–", "n/a", "NaN", "NULL", "#N/A", "$ -", "- €"])
def test_nothing_written_is_blank(text: str) -> None:
    assert one(text) == "blank"


@pytest.mark.parametrize(
    "text",
    [
        "abc",
        "INV1001",
        "12%",
        "24.12.2024",
        "12:30",
        "1.2.3",
        "--5",
        "(5",
        "5 apples",
        "1 2 3",
        "é",
    ],
)
def test_what_is_no_amount_is_not_guessed(text: str) -> None:
    assert one(text) == "not an amount"


def test_too_large_an_amount_is_not_taken() -> None:
    assert one("100000000000", POINT) == LARGEST_AMOUNT
    assert one("-100000000000", POINT) == -LARGEST_AMOUNT
    for text in ("100000000000.0001", "9" * 40, "1e400", "9" * 10_000):
        assert one(text, POINT) == "larger than any sale can be"


def test_beyond_four_decimals_ties_go_to_the_even_neighbour() -> None:
    assert [one(t, POINT) for t in ("0.00005", "0.00015", "-0.00025", "2.000050001")] == [
        0,
        2,
        -2,
        20001,
    ]


def test_the_decimal_mark_is_proven_over_the_whole_column() -> None:
    marks = detect_marks(pa.array(["15.000"] * 99 + ["7,5"]))
    assert (marks.decimal, marks.thousands, marks.mixed) == (",", ".", False)
    assert marks.evidence is not None
    assert marks.evidence.sentence == "1 value can only have a decimal comma."
    assert one("15.000", marks) == 15_000 * 10_000
    counted = detect_marks(pa.array(["1,5"] * 1254)).evidence
    assert counted is not None
    assert counted.sentence.startswith("1,254 values can only")


@pytest.mark.parametrize(("text", "decimal"), [("15.000", ","), ("15,000", ".")])
def test_three_digits_behind_a_lone_mark_are_doubtful_thousands(text: str, decimal: str) -> None:
    marks = detect_marks(pa.array([text, "7"]))
    assert marks.decimal == decimal
    assert marks.evidence is not None
    assert marks.evidence.doubtful
    assert one(text, marks) == 15_000 * 10_000


def test_another_column_may_decide_what_this_one_cannot() -> None:
    marks = detect_marks(pa.array(["15.000"]), hint=detect_marks(pa.array(["1.50"])))
    assert marks.decimal == "."
    assert marks.evidence is not None
    assert not marks.evidence.doubtful
    assert one("15.000", marks) == 15 * 10_000


def test_numbers_typed_by_the_file_have_a_decimal_point() -> None:
    found = parse_amounts(pa.array(["15.125", "1234"]), typed=True)
    assert found.values.tolist() == [151_250, 12_340_000]


def test_a_column_mixing_both_marks_holds_back_what_contradicts_or_is_open() -> None:
    found = parse_amounts(pa.array(["1.50", "2.50", "3,50", "1,234", "7"]))
    assert found.marks is not None
    assert found.marks.mixed
    assert found.ok.tolist() == [True, True, False, False, True]
    assert [AMOUNT_REASONS[r] for r in found.reasons[2:4]] == [
        "contradicts how the other amounts are written",
        "could be read two ways, and the column mixes both",
    ]
    overruled = parse_amounts(pa.array(["1.50", "3,50", "1,234"]), POINT)
    assert overruled.ok.tolist() == [True, False, True]


def test_a_thousands_group_never_starts_with_zero() -> None:
    assert one("0,500", POINT) == "contradicts how the other amounts are written"


def test_currencies_are_kept_as_written() -> None:
    found = parse_amounts(pa.array(["12 €", "$5", "7", "eur 3"]))
    assert [found.sign_names[i] for i in found.signs] == ["€", "$", "", "eur"]
    assert [currency_of_sign(s) for s in ("€", "$", "eur", "£")] == ["EUR", None, "EUR", "GBP"]


def test_an_empty_column_gives_an_empty_column() -> None:
    found = parse_amounts(pa.chunked_array([], pa.string()))
    assert (len(found.values), len(found.ok), found.values.dtype) == (0, 0, np.int64)


def test_chunks_and_repeated_cells_keep_their_rows() -> None:
    column = pa.chunked_array([["5", "7"], ["5"], [], ["x"]], pa.string())
    assert parse_amounts(column).values.tolist() == [50_000, 70_000, 50_000, 0]


def _written(amount: int, style: str) -> str:
    sign, amount = ("-" if amount < 0 else ""), abs(amount)
    whole, rest = divmod(amount, 100)
    grouped = f"{whole:,}"
    return {
        "plain": f"{sign}{whole}.{rest:02d}",
        "english": f"{sign}${grouped}.{rest:02d}",
        "german": f"{sign}{grouped.replace(',', '.')},{rest:02d} €",
        "french": f"{sign}{grouped.replace(',', chr(0x202F))},{rest:02d}",
        "swiss": f"{sign}{grouped.replace(',', chr(39))}.{rest:02d}",
        "books": f"({grouped}.{rest:02d})" if sign else f"{grouped}.{rest:02d}",
        "trailing": f"{whole},{rest:02d}{sign}",
    }[style]


STYLES = ("plain", "english", "german", "french", "swiss", "books", "trailing")


@settings(max_examples=60)
@given(st.lists(st.integers(-(10**11), 10**11), min_size=1, max_size=20), st.sampled_from(STYLES))
def test_a_written_amount_is_read_back(amounts: list[int], style: str) -> None:
    found = parse_amounts(pa.array([_written(a, style) for a in amounts]))
    assert found.ok.all()
    assert (found.values // 100).tolist() == amounts
    assert (found.values % 100 == 0).all()


@settings(max_examples=60)
@given(st.decimals(-(10**9), 10**9, places=9, allow_nan=False))
def test_long_decimals_round_as_money_does(value: Decimal) -> None:
    assert one(format(value, "f"), POINT) == to_ten_thousandths(value)


numbers = st.integers(-(10**13), 10**13)


@settings(max_examples=60)
@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=10))
def test_quantity_times_price_is_exact(pairs: list[tuple[int, int]]) -> None:
    left, right = (
        parse_amounts(pa.array([format(Decimal(n).scaleb(-4), "f") for n in side]), POINT)
        for side in zip(*pairs, strict=True)
    )
    found = multiply(left, right)
    for (a, b), value, ok in zip(pairs, found.values.tolist(), found.ok, strict=True):
        exact = (Decimal(a) * b / 10_000).to_integral_value(ROUND_HALF_EVEN)
        assert ok == (abs(exact) <= LARGEST_AMOUNT)
        assert value == (int(exact) if ok else 0)


@pytest.mark.parametrize(
    ("quantity", "price", "amount"),
    [
        ("1000", "0.00123", "1.23"),
        ("100000", "0.00004", "4"),
        ("7", "-1.12345678", "-7.86419746"),
        ("0.00005", "20000", "1"),
        ("3", "0.33335", "1.00005"),
        ("-2", "(1.50005)", "3.0001"),
    ],
)
def test_a_price_counts_with_all_its_decimals(quantity: str, price: str, amount: str) -> None:
    columns = [parse_amounts(pa.array([text, "2"]), POINT) for text in (quantity, price)]
    found = multiply(*columns)
    assert found.ok.all()
    assert found.values.tolist() == [to_ten_thousandths(Decimal(amount)), 40_000]


fine = st.decimals(-(10**5), 10**5, places=7, allow_nan=False)


@settings(max_examples=60)
@given(st.lists(st.tuples(fine, fine), min_size=1, max_size=10))
def test_a_product_is_rounded_once(pairs: list[tuple[Decimal, Decimal]]) -> None:
    left, right = (
        parse_amounts(pa.array([format(n, "f") for n in side]), POINT)
        for side in zip(*pairs, strict=True)
    )
    expected = [to_ten_thousandths(a * b) for a, b in pairs]
    assert multiply(left, right).values.tolist() == expected


def test_a_product_needs_both_factors() -> None:
    quantity = parse_amounts(pa.array(["2", "", "x", "2"]), POINT)
    price = parse_amounts(pa.array(["1.5", "1.5", "1.5", ""]), POINT)
    found = multiply(quantity, price)
    assert found.ok.tolist() == [True, False, False, False]
    assert found.blank.tolist() == [False, True, False, True]
    assert found.values.tolist() == [30_000, 0, 0, 0]
