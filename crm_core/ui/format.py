"""What pages need to write numbers, money, days and names, in one import."""

from __future__ import annotations

from crm_core.formatting import (
    DASH,
    format_count,
    format_day,
    format_money,
    format_month,
    format_range,
    format_rate,
    format_share,
    join_words,
    md_escape,
    one_line,
    plotly_escape,
    plural,
    say_name,
)

__all__ = [
    "DASH",
    "format_count",
    "format_day",
    "format_money",
    "format_month",
    "format_range",
    "format_rate",
    "format_share",
    "join_words",
    "md_escape",
    "one_line",
    "plotly_escape",
    "plural",
    "say_name",
]
