from __future__ import annotations

import pytest

from crm_core.errors import MappingError
from crm_core.intake.mapping import FIELDS, Mapping, find_column, header_fingerprint

NAMES = ["Order ID", "Order Date", "Kunde", "Betrag (EUR)", "Betrag (EUR) (2)"]


def test_fields_are_those_of_the_command_line() -> None:
    assert (
        *("client", "name", "email", "phone", "country", "region", "city", "segment"),
        *("department", "manager", "source", "known_on", "birthday", "order", "day", "amount"),
        *("quantity", "unit_price", "currency", "status", "product", "category", "channel"),
        "refund_of",
    ) == FIELDS


def test_a_complete_mapping_lacks_nothing() -> None:
    mapping = Mapping({"client": "Kunde", "day": "Order Date", "amount": "Betrag (EUR)"})
    assert mapping.missing() == ()
    mapping.check(NAMES)


def test_quantity_and_unit_price_stand_for_an_amount() -> None:
    assert Mapping({"client": "A", "day": "B", "quantity": "C", "unit_price": "D"}).missing() == ()
    assert Mapping({"client": "A", "day": "B", "quantity": "C"}).missing() == ("amount",)


def test_a_refusal_says_what_was_wanted_what_was_found_and_what_to_do() -> None:
    with pytest.raises(MappingError) as refusal:
        Mapping({"day": "Order Date"}).check(NAMES)
    message = str(refusal.value)
    assert message.startswith("Wanted a column for the client (a number, an e-mail or a name) and")
    assert "found the columns Order ID, Order Date, Kunde" in message
    assert message.endswith("--map client=COLUMN --map amount=COLUMN.")


def test_money_without_days_is_legal_and_says_so() -> None:
    mapping = Mapping({"name": "Kunde", "amount": "Betrag (EUR)"})
    mapping.check(NAMES)
    assert mapping.days_missing
    assert not mapping.leads_only


def test_clients_alone_are_leads_but_orders_without_money_are_not() -> None:
    assert Mapping({"name": "Kunde"}).leads_only
    assert Mapping({"name": "Kunde", "order": "Order ID"}).missing() == ("amount",)


def test_a_choice_beats_the_guess_and_frees_its_column() -> None:
    guess = Mapping({"client": "Kunde", "order": "Order ID", "amount": "Betrag (EUR)"})
    chosen = guess.choose({"client": "Order ID"}, NAMES)
    assert dict(chosen.columns) == {"amount": "Betrag (EUR)", "client": "Order ID"}
    assert chosen.reasons["client"] == "You chose this column."


def test_choosing_quantity_and_price_puts_a_guessed_amount_aside() -> None:
    guess = Mapping({"client": "Kunde", "day": "Order Date", "amount": "Betrag (EUR)"})
    chosen = guess.choose({"quantity": "1", "unit_price": "5"}, NAMES)
    assert "amount" not in chosen.columns


def test_a_chosen_client_is_looked_at_before_any_email() -> None:
    guess = Mapping({"email": "Order ID"}, identity=("email", "client", "name"))
    assert guess.choose({"client": "Kunde"}, NAMES).identity == ("client", "email", "name")


@pytest.mark.parametrize(
    ("given", "column"),
    [
        ("Kunde", "Kunde"),
        ("kunde ", "Kunde"),
        ("order_date", "Order Date"),
        ("4", "Betrag (EUR)"),
        ("-", None),
    ],
)
def test_columns_are_found_by_name_or_place(given: str, column: str | None) -> None:
    assert find_column(given, NAMES) == column


@pytest.mark.parametrize("given", ["Datum", "0", "6", ""])
def test_a_column_that_is_not_there_is_refused_with_those_there_are(given: str) -> None:
    with pytest.raises(MappingError, match="found the columns Order ID, Order Date"):
        find_column(given, NAMES)


def test_an_exact_number_as_a_name_beats_the_place() -> None:
    assert find_column("2", ["1", "2", "0"]) == "2"
    assert find_column("3", ["2", "1", "0"]) == "0"


def test_an_unknown_field_is_refused_with_the_fields_there_are() -> None:
    with pytest.raises(MappingError, match="client, name, email"):
        Mapping({}).choose({"datum": "Order Date"}, NAMES)


def test_stored_mappings_come_back_the_same() -> None:
    mapping = Mapping(
        {"email": "E", "amount": "A", "day": "D"},
        format="etsy-sold-items",
        name_parts=("F", "L"),
        identity=("email", "name"),
        day_order="dmy",
        amount_marks=",",
    )
    again = Mapping.from_dict(mapping.as_dict())
    assert again.as_dict() == mapping.as_dict()
    assert again.reasons["email"].startswith("Remembered")


def test_header_fingerprints_ignore_order_case_and_spaces_but_not_names() -> None:
    assert header_fingerprint([" order id", "DAY"]) == header_fingerprint(["Day", "Order ID"])
    assert header_fingerprint(["Day"]) != header_fingerprint(["Date"])
