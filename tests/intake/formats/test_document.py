from __future__ import annotations

import pytest

from crm_core.errors import MappingError
from crm_core.intake.formats import FORMATS, format_named
from crm_core.intake.formats.description import REFUND, REFUNDED, SALE, Format
from crm_core.intake.formats.document import write_document
from crm_core.intake.mapping import FIELDS
from crm_core.intake.outcomes import KINDS
from crm_core.intake.words import fold
from tests.conftest import ROOT


def keys(known: Format) -> str:
    return known.key


def test_document_says_what_the_descriptions_say() -> None:
    written = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    assert written == write_document()


@pytest.mark.parametrize("known", FORMATS, ids=keys)
def test_descriptions_use_known_fields_kinds_and_folded_values(known: Format) -> None:
    assert set(known.fields) <= set(FIELDS)
    kinds = {SALE, REFUND, REFUNDED, *KINDS}
    for outcome in known.outcomes:
        given = {*outcome.values.values(), *(kind for _, kind in outcome.phrases)}
        assert given | ({outcome.otherwise, outcome.filled} - {""}) <= kinds
        values = [*outcome.values, *(phrase for phrase, _ in outcome.phrases)]
        assert [value for value in values if fold(value) != value] == []
    assert known.negative in {"", *KINDS}


@pytest.mark.parametrize("known", FORMATS, ids=keys)
def test_every_format_says_day_amount_and_client_or_that_it_has_leads(known: Format) -> None:
    if known.leads or known.refusal:
        return
    assert {"day", "amount", "order"} <= set(known.fields)
    assert known.amount_is


def test_keys_and_titles_are_unique() -> None:
    assert len({known.key for known in FORMATS}) == len(FORMATS)
    assert len({known.title for known in FORMATS}) == len(FORMATS)


def test_an_unknown_key_names_the_known_ones() -> None:
    with pytest.raises(MappingError, match="shopify-orders"):
        format_named("shopfy")
