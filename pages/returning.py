"""Coming back: who buys a second time, when, and who may do so now."""

from __future__ import annotations

import streamlit as st

from crm_core.charts import curves, months
from crm_core.charts.cohorts import cohort_heatmap
from crm_core.metrics.cohorts import choose_unit, cohorts
from crm_core.metrics.late import by_money
from crm_core.metrics.members import cohort_members, month_buyers
from crm_core.metrics.returning import Returning, returning
from crm_core.sentences.relations import returning_sentence
from crm_core.tables import IntArray
from crm_core.ui import returning_numbers as numbers
from crm_core.ui.format import format_month, plural
from crm_core.ui.lists import Column, client_list
from crm_core.ui.numbers import number_row
from crm_core.ui.shared_columns import last_purchase_column, stage_column, trailing_column
from crm_core.ui.shell import page_header, picture, quiet_reason, require_app
from crm_core.ui.small_groups import is_small, least_of, say_hidden, told
from crm_core.ui.start import view_or_welcome

require_app()
UNITS = ("month", "quarter", "year")
view = view_or_welcome()
result: Returning = view.remember("returning", lambda: returning(view.ledger, view.as_of))
second, least = result.second, least_of(view)


def columns(positions: IntArray) -> list[Column]:
    """Return what every list of this page shows."""
    return [make(view, positions) for make in (stage_column, last_purchase_column, trailing_column)]


def largest_first(positions: IntArray) -> IntArray:
    """Return the clients in the order of their sales of twelve months."""
    return positions[by_money(view.trailing[positions])]


groups = (second.returned, second.buyers - second.returned, len(second.in_window))
page_header("Coming back", told(view, returning_sentence(result), *groups), word="returning")
if not is_small(view, *groups):
    picture(
        curves.second_purchase_curve(second),
        key="second_purchase",
        alt="Share of first-time buyers who bought again, by days since the first purchase",
        numbers=("returning.second_purchase", "returning.window"),
    )
    st.caption(
        "The line counts those still waiting fairly; dots below it are today's first-time buyers "
        "at their age. Grey: the days in which the middle 60 % of second purchases happen."
    )
row = st.container()

waiting = second.in_window
days_since = Column("Days since", second.age[waiting], "count", definition="client.days_since")
client_list(
    view,
    waiting,
    [days_since, *columns(waiting)],
    key="window",
    title="In the window for a second purchase now",
    empty=second.window_reason or "Nobody with one purchase is that old today.",
    file_name="second-purchase-window",
)

st.subheader("New and returning sales")
points = picture(
    months.new_and_returning_sales(result.months, least=least),
    key="months",
    alt="Net sales by month, from new clients and from clients from before",
    clickable=True,
    numbers=("returning.months",),
)
say_hidden(view, "Months with such a group are left out.")
if points:
    month, who = points[0]["customdata"]  # type: ignore[misc]
    buyers = largest_first(month_buyers(view.ledger, result.months.calendar, month, who=who))
    name = format_month(result.months.calendar.labels[month])
    title = f"New in {name}" if who == "new" else f"From before, bought in {name}"
    client_list(view, buyers, columns(buyers), key="month_buyers", title=title)

st.subheader("Cohorts")
own_unit = choose_unit(result.cohorts.size, result.cohorts.calendar)
unit = st.segmented_control(
    "First purchase in the same", UNITS, default=own_unit, required=True, key="cohort_unit"
)
table = view.remember("cohorts", lambda: cohorts(view.ledger, view.as_of, unit=unit), unit)
points = picture(
    cohort_heatmap(table, least=least),
    key=f"cohorts_{unit}",
    alt="Share of each cohort that buys in later periods",
    clickable=True,
    numbers=("returning.cohorts",),
)
st.caption("Beside each cohort its number of clients; what cannot be known yet is blank.")
say_hidden(view)
if points:
    cohort, later = int(str(points[0]["customdata"])), int(str(points[0]["x"]))
    members = largest_first(cohort_members(view.ledger, table, cohort, later=later))
    title = f"First bought in {table.calendar.labels[cohort]}, bought {plural(later, unit)} later"
    client_list(view, members, columns(members), key="cohort_members", title=title)

with row:
    beside = numbers.returning_beside(view, result, table)
    number_row(numbers.returning_numbers(view, result), key="returning", also=beside)

label = "More: rates by month, gaps between purchases"
more = st.expander(label, icon=":material/more_horiz:", key="more", on_change="rerun")
if more.open:
    with more:
        if not len(result.months.calendar):
            quiet_reason("There are no sales up to this day.")
        rates = months.returning_rates(result.months, least=least)
        picture(rates, key="rates", alt="Returning rate by month", numbers=numbers.RATE_NUMBERS)
        if least == 1:  # most bars are of a few
            gaps = months.gap_histogram(result.gaps)
            picture(gaps, key="gaps", alt="Days between two purchases", numbers=("returning.gap",))
        number_row(numbers.month_rates(result.months), key="month_rates")
