"""Definitions of the stages, of late and gone."""

from __future__ import annotations

from crm_core.definitions.definition import (
    HISTORY,
    UNNAMED,
    VOID,
    Definition,
)

STAGES: tuple[Definition, ...] = (
    Definition(
        "stages.awareness",
        "Knows us",
        "On the list or has asked, nothing bought yet.",
        "no purchase; last inbound contact (or known on) at most lead_ttl days ago",
        HISTORY,
        "Our own mailings are no sign of life.",
        "awareness",
    ),
    Definition(
        "stages.exploration",
        "Trying us",
        "One or two purchases: they are testing us.",
        "purchases of the spell (plus credit after a return) < n_expand",
        HISTORY,
        VOID,
        "exploration",
    ),
    Definition(
        "stages.expansion",
        "Buying again",
        "Three or more purchases: a habit is forming.",
        "purchases of the spell (plus credit after a return) ≥ n_expand",
        HISTORY,
        VOID,
        "expansion",
    ),
    Definition(
        "stages.commitment",
        "Regular",
        "Six or more purchases over half a year, lately on time: we are their supplier.",
        "purchases ≥ n_commit over ≥ t_commit days, last on_time_streak gaps on time; "
        "falls back after late_streak late gaps in a row",
        HISTORY,
        VOID,
        "commitment",
    ),
    Definition(
        "stages.termination",
        "Gone",
        "Silent beyond the client's own limit, or somebody ended it; until somebody says so "
        "it means probably gone.",
        "as-of day ≥ last purchase + limit + 1; limit = k_gone times the client's rhythm, "
        "within floor and cap",
        HISTORY,
        VOID,
        "termination",
    ),
    Definition(
        "stages.late",
        "Late",
        "Silent longer than the client's own wait, and not gone yet.",
        "as-of day ≥ last purchase + wait + 1; wait = k_late times the client's rhythm, longer "
        "where the client was as quiet in the same weeks last year",
        HISTORY,
        "Clients in termination.",
        "at risk",
    ),
    Definition(
        "stages.moves",
        "Moved up and down",
        "Clients whose stage differs between two days; to Gone is down, from Gone is back.",
        "stage on the as-of day against stage on the earlier day",
        "The two days.",
        "Clients not known on the earlier day are shown apart.",
    ),
    Definition(
        "stages.time",
        "Time in stage",
        "How long clients have been in their stage.",
        "median of as-of day − since",
        HISTORY,
    ),
    Definition(
        "stages.straight_out",
        "Gone straight from trying us",
        "Of the clients who left, those who never got beyond the first purchases.",
        "clients gone from exploration / clients gone who ever bought",
        HISTORY,
    ),
)

CHURN: tuple[Definition, ...] = (
    Definition(
        "churn.late",
        "Late clients",
        "Silent longer than their own wait; each has a day from which it counts as gone.",
        "late day ≤ as-of day < gone day",
        HISTORY,
        "Clients put off for a while (snoozed) are listed apart.",
        "at risk",
    ),
    Definition(
        "churn.at_stake",
        "At stake",
        "What the late clients brought in the last twelve months.",
        "sum of net sales of the last 12 months",
        "The last twelve months up to the as-of day.",
        UNNAMED,
        "revenue at risk",
    ),
    Definition(
        "churn.due_soon",
        "Reach probably gone soon",
        "Late clients whose gone day lies within the next seven days.",
        "as-of day < gone day ≤ as-of day + 7",
        HISTORY,
    ),
    Definition(
        "churn.months",
        "The balance of clients",
        "Start plus new plus came back minus lost is the end; every month follows the one before.",
        "end = start + new + back − lost, from states at month ends",
        "Calendar months; the running one up to the as-of day.",
        "Leaving and returning within one month; purchases void on the as-of day.",
        "leaky bucket",
    ),
    Definition(
        "churn.rate",
        "Share lost in a month",
        "Of the clients active at the start of a month, those gone at its end.",
        "lost / start",
        "Calendar months, from four times the typical gap after the first sale on.",
        "Months before anybody could be lost.",
        "churn rate",
    ),
    Definition(
        "churn.revenue_rate",
        "Share of sales lost",
        "What the lost clients brought in the year before, beside what all active ones brought.",
        "trailing 12-month sales of the lost / of all active at the start",
        "Calendar months.",
        UNNAMED,
        "revenue churn",
    ),
    Definition(
        "churn.false_goodbyes",
        "Goodbyes that were wrong",
        "Of the clients given up by an earlier day, those who bought again since.",
        "clients gone at as-of day − H who bought by the as-of day / clients gone then; "
        "H = 4 · m0, at least 30 and at most 365 days",
        "The H days up to the as-of day.",
        "",
        "false positives of the rule",
    ),
    Definition(
        "churn.survival",
        "How long relationships last",
        "The share of relationships that still live so many days after the first purchase.",
        "Kaplan-Meier: Π (1 − gone / at risk), still living ones counted as not ended",
        HISTORY,
        "Ages reached by too few clients.",
        "survival curve",
    ),
    Definition(
        "churn.shrinking",
        "Shrinking",
        "Still buying, but for less than half of before.",
        "net sales of the last 3 rhythms < half of the 3 rhythms before",
        "Six times the client's own rhythm up to the as-of day.",
        "Clients with too short a history.",
        "contraction; this product's own",
    ),
    Definition(
        "churn.rules",
        "Gone by other rules",
        "How many would be gone by a fixed silence of 60, 90 or 180 days.",
        "as-of day ≥ last purchase + days + 1",
        HISTORY,
        VOID,
    ),
)
