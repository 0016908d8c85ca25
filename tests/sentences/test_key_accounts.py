from __future__ import annotations

import pytest

from crm_core.metrics.pareto import pareto
from crm_core.metrics.what_if import Loss, lose, two_years
from crm_core.sentences.key_accounts import KeySummary, key_sentence, say_chance, say_months
from tests.builders import make_ledger

AS_OF = 1_000
LATELY, BEFORE = 900, 500


def sentence(book, *, keys: int, margin: int | None = None, loss: Loss | bool | None = True) -> str:
    ledger = make_ledger(book)
    result = pareto(ledger, AS_OF)
    largest = int(result.order[0]) if result.n else None
    if loss is True:
        loss = None if largest is None else lose(two_years(ledger, AS_OF), [largest])
    name = "" if largest is None else str(ledger.clients.name[largest])
    net = int(result.net[:keys].sum())
    return key_sentence(KeySummary(result, name, keys, net, loss, margin, None))


def plain(text: str) -> str:
    return text.replace("*", "").replace("\xa0", " ").replace("\\", "")


GROWING = {
    "Nordlicht": [(LATELY, 58_000)],
    "Alder": [(LATELY, 53_000)],
    **{f"c{n}": [(LATELY, 9_000), (BEFORE, 8_000 - 500 * n), (1, 1)] for n in range(33)},
}


def test_the_sentence_counts_the_key_clients_and_says_what_losing_the_largest_costs():
    said = plain(sentence(GROWING, keys=2))
    assert said.startswith("2 key clients bring 27 % of sales; Nordlicht alone 14 %.")
    assert "Losing this client would cost 58,000 of sales a year; the rest would need" in said
    assert said.endswith("at its present growth to fill the gap.")


def test_with_a_margin_the_cost_is_margin():
    assert "cost 17,400 of margin a year" in plain(sentence(GROWING, keys=2, margin=3_000))


def test_nobody_at_the_mark_names_the_largest():
    book = {f"c{n}": [(LATELY, 100 + n)] for n in range(30)}
    said = plain(sentence(book, keys=0))
    assert said.startswith("No client brings 10 % of sales: the largest, c29, brings 3.8 %.")


def test_a_single_key_client_is_named_once():
    book = {"Big": [(LATELY, 50)], **{f"c{n}": [(LATELY, 5)] for n in range(20)}}
    assert plain(sentence(book, keys=1)).startswith("1 key client brings 33 % of sales: Big.")


def test_the_only_client_is_said_to_carry_everything():
    said = plain(sentence({"Only": [(LATELY, 9)]}, keys=1))
    assert said.startswith("Only is your only buying client: everything hangs on one.")
    assert "nobody else buys" in said


def test_without_sales_nobody_is_key_by_sales():
    assert "none is key by sales" in sentence({}, keys=0)
    assert sentence({}, keys=2).endswith("2 clients named key by hand.")


@pytest.mark.parametrize(
    ("loss", "words"),
    [
        (Loss(5, 90, 100, True), "never fill the gap"),
        (Loss(5, 90, 80, False), "do not reach back two whole years"),
        (Loss(5, 90, 90, True), "did not grow"),
    ],
)
def test_what_cannot_be_said_is_a_reason(loss: Loss, words: str):
    assert words in sentence(GROWING, keys=2, loss=loss)


def test_a_client_that_bought_nothing_lately_costs_nothing():
    assert "Losing" not in sentence(GROWING, keys=2, loss=Loss(0, 90, 80, True))
    assert "Losing" not in sentence(GROWING, keys=2, loss=None)


def test_odd_names_are_text():
    said = sentence({"![x](http://e)": [(LATELY, 9)], "b": [(LATELY, 1)]}, keys=1)
    assert "](http" not in said


def test_thin_chances_say_so():
    from crm_core.metrics.rates import Rate

    assert "at least 5 are needed" in say_chance("Regular", Rate(1, 3))
    assert say_months(25) == "3 years"
