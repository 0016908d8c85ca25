"""Text becomes HTML in one place, and never more than text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crm_core.formatting import say_name
from crm_core.paper.markup import from_markdown, say, tag
from tests.paper.reading import Read


def texts_of(html: str) -> Read:
    found = Read()
    found.feed(html)
    found.close()
    return found


def test_bold_and_escapes_are_the_only_markdown_there_is() -> None:
    assert from_markdown("**3 clients**: 14\u00a0%") == "<strong>3 clients</strong>: 14\u00a0%"
    assert from_markdown(r"\*\*no\*\* _yes_ # <b>") == "**no** _yes_ # &lt;b&gt;"
    assert from_markdown("one  \ntwo") == "one<br>two"


def test_bold_that_is_not_closed_ends_with_the_sentence() -> None:
    assert from_markdown("a **b") == "a <strong>b</strong>"


@given(st.text())
def test_any_name_said_in_a_sentence_stays_text(name: str) -> None:
    found = texts_of(from_markdown(f"{say_name(name)} is **late**."))
    assert found.tags == ["strong"]


@given(st.text())
def test_any_text_survives_a_round_trip_but_for_marks_nobody_sees(text: str) -> None:
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    found = texts_of(tag("p", say(plain), id=plain))
    unseen = dict.fromkeys(map(ord, "\u200b\u2068\u2069"))
    assert found.tags == ["p"]
    assert found.text.translate(unseen) == plain.translate(unseen)


def test_right_to_left_names_keep_to_themselves() -> None:
    assert say("שלום & co") == "\u2068שלום &amp; co\u2069"


def test_bare_addresses_are_no_links_for_mail_programs() -> None:
    assert "http://" not in say("http://evil.example")
    assert "a@b" not in say("a@b.example")
