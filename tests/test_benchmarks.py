"""The peers of the benchmarks answer as we do: a check of the metrics by other hands."""

from __future__ import annotations

import importlib.util

import pytest

from benchmarks.answers import find_difference
from benchmarks.document import Findings, write_document
from benchmarks.generated import generate

pytestmark = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("duckdb", "polars")),
    reason="requirements-bench.txt is not installed",
)


@pytest.fixture(scope="module")
def rows():
    return generate(4_000, seed=5)


@pytest.fixture(scope="module")
def ours(rows):
    from benchmarks.ours import Regulars

    return Regulars(rows)


@pytest.mark.parametrize("name", ["DuckDB", "Polars", "Pandas"])
def test_a_peer_gives_our_answer_to_every_question(rows, ours, name):
    from benchmarks import questions

    peer = getattr(questions, name)(rows)
    for question in questions.QUESTIONS:
        if question.show is None or name == "DuckDB":
            answers = question.answer(ours), question.answer(peer)
            assert find_difference(question.name, *answers) == "", question.name


def test_a_wrong_answer_is_found(ours):
    from benchmarks.questions import QUESTIONS

    for question in QUESTIONS:
        answer = question.answer(ours)
        last = next(reversed([n for n, c in answer.items() if n not in ("client", "day")]))
        wrong = answer | {last: answer[last] + 1}
        assert find_difference(question.name, answer, wrong) != ""


def test_generated_rows_depend_on_the_seed_alone():
    one, same, other = generate(500), generate(500), generate(500, seed=1)
    assert (one.amount == same.amount).all()
    assert (one.day == same.day).all()
    assert (one.client != other.client).any()


def test_the_page_can_be_written_before_anything_is_found():
    from datetime import date

    page = write_document(Findings(), date(2026, 1, 2))
    assert page.startswith("# Benchmarks")
    assert "2026-01-02" in page


def test_a_run_of_one_part_leaves_the_rest_of_the_page(tmp_path, monkeypatch):
    from benchmarks import page

    file = tmp_path / "benchmarks.md"
    monkeypatch.setattr(page, "PAGE", file)
    file.write_text("# Old\n\n## A\n\n| a | b |\n|---|---|\n| x | 1 |\n\nold\n", encoding="utf-8")
    page.write_section("PostgreSQL", "| new | 2 |\n")
    page.write_section("PostgreSQL", "| new | 3 |\n")
    found = "# New\n\n## A\n\n| a | b |\n|---|---|\n| y | 4 |\n\nnew\n"
    partly = page.merge_pages(file.read_text(encoding="utf-8"), found)
    assert partly == (
        "# Old\n\n## A\n\n| a | b |\n|---|---|\n| y | 4 |\n| x | 1 |\n\nnew\n"
        "\n## PostgreSQL\n\n| new | 3 |\n"
    )
    assert page.merge_pages(partly, found, opening=True).startswith("# New\n")
    assert page.merge_pages("", found) == found
