from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.formatting import (
    DASH,
    format_count,
    format_day,
    format_money,
    format_range,
    format_share,
    html_escape,
    join_words,
    md_escape,
    one_line,
    plotly_escape,
    say_name,
)
from crm_core.tables import NEVER


def test_money_shows_cents_below_a_hundred_and_whole_units_above() -> None:
    assert format_money(999_900) == "99.99"
    assert format_money(1_000_000) == "100"
    assert format_money(-14_500_000, "EUR") == "−1,450\xa0EUR"
    assert format_money(0) == "0"


def test_small_shares_keep_one_decimal_and_tiny_ones_are_not_zero() -> None:
    assert format_share(0.0996) == "10\xa0%"
    assert format_share(0.0712) == "7.1\xa0%"
    assert format_share(0.0001) == "under 0.1\xa0%"
    assert format_share(None) == DASH
    assert format_range(None) == DASH


def test_a_day_that_never_comes_is_a_dash() -> None:
    assert format_day(NEVER) == format_day(-NEVER) == DASH
    assert format_day(0) == "1 Jan 1970"


def test_lists_of_words_read_as_a_sentence() -> None:
    assert join_words([]) == ""
    assert join_words(["a"]) == "a"
    assert join_words(["a", "b"]) == "a and b"


def test_right_to_left_names_are_kept_apart_from_the_sentence() -> None:
    assert say_name("شركة") == "\u2068شركة\u2069"
    assert plotly_escape("شركة") == "\u2068شركة\u2069"


def test_very_long_names_are_cut() -> None:
    for shown in (one_line, say_name, plotly_escape):
        assert len(shown("x" * 10_000)) == 40


@pytest.mark.parametrize("mark", list("\\`*_{}[]()<>#+-.!|~$:^=&@/"))
def test_every_mark_of_markdown_is_escaped(mark: str) -> None:
    assert md_escape(f"{mark}a").startswith(f"\\{mark}")


def test_every_way_to_an_address_is_cut_in_any_case() -> None:
    for typed in ("a@b.c", "www.b.c", "http://b", "https://b", "mailto:a", "xmpp:a", "MailTo:a"):
        for shown in (md_escape(typed).replace("\\", ""), html_escape(typed)):
            assert "\u200b" in shown
            assert shown.replace("\u200b", "") == typed


def test_marks_of_html_are_shown_and_not_obeyed() -> None:
    assert html_escape("<a b=\"c\" d='e'>&") == "&lt;a b=&quot;c&quot; d=&#x27;e&#x27;&gt;&amp;"
    assert plotly_escape("&lt;b&gt; <b> %{x}") == "&amp;lt;b&amp;gt; &lt;b&gt; %\u200b{x}"
    assert html_escape("a\u202eb").startswith("\u2068")
    assert one_line("a\u202eb\x07c") == "abc"
    for turned in ("\u0627", "\u05d0"):
        assert all(
            f(turned) == f"\u2068{turned}\u2069" for f in (say_name, plotly_escape, html_escape)
        )


@given(st.text(max_size=60))
def test_no_markdown_mark_stays_alone(text: str) -> None:
    bare = re.sub(r"\\[\\`*_{}\[\]()<>#+\-.!|~$:^=&@/]", "", md_escape(text))
    assert not re.search(r"[`*_\[\]<>#$:!|~]", bare)


@given(st.text(max_size=60))
def test_no_tag_and_no_template_reaches_a_chart(text: str) -> None:
    shown = plotly_escape(text, 200)
    assert "<" not in shown
    assert ">" not in shown
    assert "%{" not in shown


@given(st.integers(0, 10**12))
def test_counts_read_back(count: int) -> None:
    assert int(format_count(count).replace(",", "")) == count


@pytest.mark.parametrize("text", ["ann@x.com", "www.x.com", "https://x.com", "HTTP://x.com"])
def test_bare_address_is_kept_from_becoming_a_link(text: str) -> None:
    shown = md_escape(text)
    assert not re.search(r"[\w.+-]@[\w-]|www\.|https?:", shown.replace("\\", ""), re.IGNORECASE)
    assert shown.replace("\\", "").replace("\u200b", "") == text
