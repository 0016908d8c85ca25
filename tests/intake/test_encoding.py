"""Encodings told apart over the whole file."""

from __future__ import annotations

import pytest

from crm_core.intake.encoding import to_utf8

WESTERN = "Müller;Größe\nCafé René;façade\nJosé Núñez;año\nŒuvre d’été;12 €\n"
CENTRAL = "Łukasz Żółw;zażółć gęślą jaźń\nJiří Dvořák;příliš žluťoučký kůň\nGyőr;tűző\n"
CYRILLIC = "Иванов;Москва\nПетрова Анна;Санкт-Петербург\n"
GREEK = "Γιώργος;Αθήνα\nΜαρία;Θεσσαλονίκη\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (WESTERN, "utf-8"),
        (WESTERN, "utf-8-sig"),
        (WESTERN, "utf-16"),
        (WESTERN, "utf-16-le"),
        (WESTERN, "utf-16-be"),
        (WESTERN, "cp1252"),
        (CENTRAL, "cp1250"),
        (CYRILLIC, "cp1251"),
        (GREEK, "cp1253"),
        ("Müller;Größe\nKäse;süß\n", "cp850"),
    ],
)
def test_text_comes_back_whole(text: str, encoding: str) -> None:
    data, _, _ = to_utf8(text.encode(encoding), "sales.csv")
    assert data.decode() == text


def test_plain_and_utf8_files_leave_nothing_to_doubt() -> None:
    assert to_utf8(b"a,b\n", "x")[1:] == ("utf-8", ())
    assert to_utf8(WESTERN.encode(), "x")[1:] == ("utf-8", ())


def test_a_late_wide_character_still_counts() -> None:
    text = "a;b\n" * 100_000 + "Müller;1\n"
    data, encoding, _ = to_utf8(text.encode("cp1252"), "x")
    assert encoding == "cp1252"
    assert data.decode().endswith("Müller;1\n")


def test_mixed_encodings_are_mended_line_by_line_and_doubted() -> None:
    data = "Müller;1\nJosé;2\n".encode() + "Größe;3\n".encode("cp1252") + "Café;4\n".encode()
    text, encoding, evidence = to_utf8(data, "x")
    assert text.decode() == "Müller;1\nJosé;2\nGröße;3\nCafé;4\n"
    assert encoding == "mixed"
    assert evidence[0].doubtful
    assert "3 lines can only be UTF-8 and 1 cannot" in evidence[0].sentence


def test_a_person_may_choose_the_encoding() -> None:
    assert to_utf8(b"\xe4", "x", "cp1251")[0].decode() == "д"


def test_a_mark_between_two_files_put_together_makes_no_other_client() -> None:
    for encoding in ("utf-8", "utf-16"):
        text = to_utf8("\ufeffAnn;1\n\ufeffBob;2\n".encode(encoding), "x")[0]
        assert text.decode() == "Ann;1\nBob;2\n"
