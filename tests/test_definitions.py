from __future__ import annotations

import re

import pytest

from crm_core.definitions import DEFINITIONS, Definition, define
from crm_core.errors import ParameterError
from tests.conftest import ROOT


@pytest.mark.parametrize("one", DEFINITIONS.values(), ids=lambda one: one.id)
def test_definition_is_complete_and_plain(one: Definition) -> None:
    assert one.title[0].isupper()
    assert one.sentence.endswith(".")
    assert one.formula or one.source
    assert one.window
    assert "customer" not in f"{one.title} {one.sentence} {one.formula}".lower()


def test_every_number_a_page_names_is_defined() -> None:
    files = [*(ROOT / "pages").glob("*.py"), *(ROOT / "crm_core" / "ui").glob("*.py")]
    groups = {key.split(".")[0] for key in DEFINITIONS}
    named = {
        key
        for file in files
        for key in re.findall(
            r'(?:Shown|rate_shown)\(\s*"([a-z]+\.[a-z0-9_]+)"', file.read_text("utf-8")
        )
        if key.split(".")[0] in groups
    }
    assert named
    assert named <= set(DEFINITIONS)


def test_unknown_number_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ParameterError, match=r"pareto\.gini"):
        define("no.number")
