"""Definitions of coming back and of a single client's figures."""

from __future__ import annotations

from crm_core.definitions.definition import (
    HISTORY,
    NOT_POSITIVE,
    PERIOD,
    UNNAMED,
    VOID,
    Definition,
)

RETURNING: tuple[Definition, ...] = (
    Definition(
        "returning.repeat_rate",
        "Bought again",
        "Of all clients who ever bought, those who bought at least twice.",
        "clients with ≥ 2 purchases / clients with ≥ 1",
        HISTORY,
        VOID,
        "repeat-purchase rate",
    ),
    Definition(
        "returning.second_purchase",
        "Second purchase within so many days",
        "Of 100 first-time buyers, how many come again by then; those still waiting count fairly.",
        "1 − Π (1 − returned / at risk), first-timers who have not returned counted as waiting",
        HISTORY,
        "Days reached by fewer than max(20, 2 % of buyers).",
        "Kaplan-Meier estimate, Greenwood band",
    ),
    Definition(
        "returning.window",
        "In the window now",
        "One purchase so far, and as old as the purchases most second ones follow.",
        "clients with one purchase, d days old: between the days by which 20 % and 80 % of all "
        "who return had returned",
        HISTORY,
        VOID,
        "this product's own",
    ),
    Definition(
        "returning.gap",
        "Usual gap",
        "The middle gap between two purchases of the same client, all clients together.",
        "median of all closed gaps",
        HISTORY,
        "Gaps still open; two orders on one day are one purchase.",
        "interpurchase time",
    ),
    Definition(
        "returning.rate",
        "Returning buyers of a month",
        "Of a month's buyers, those with at least two purchases ever by its end.",
        "buyers with ≥ 2 purchases ever / buyers",
        "Calendar months; the running one up to the as-of day.",
        VOID,
        "returning customer rate",
    ),
    Definition(
        "returning.existing_share",
        "Existing buyers of a month",
        "Of a month's buyers, those whose first purchase lies before it.",
        "buyers with first purchase before the month / buyers",
        "Calendar months; the running one up to the as-of day.",
        VOID,
        "existing-client share",
    ),
    Definition(
        "returning.months",
        "New and returning sales",
        "A month's net sales, split by whether the client's first purchase falls in it.",
        "net sales by month, refunds in their own month",
        "Calendar months; the running one up to the as-of day.",
        UNNAMED,
    ),
    Definition(
        "returning.cohorts",
        "Cohorts",
        "Of the clients who first bought in a month, those who buy so many months later.",
        "buyers of month c + k among first-time buyers of month c / first-time buyers of c",
        "Calendar months; months that are not over stay blank.",
        VOID,
        "cohort retention",
    ),
)

CLIENT: tuple[Definition, ...] = (
    Definition(
        "client.share",
        "Share",
        "What this client brings of all named sales.",
        "net sales of the client / net sales of all buying clients",
        PERIOD,
        NOT_POSITIVE,
    ),
    Definition(
        "client.usual_gap",
        "Usual gap",
        "The middle of this client's last eight gaps between purchases.",
        "median of the last 8 gaps",
        HISTORY,
        VOID,
    ),
    Definition(
        "client.due",
        "Late from",
        "The days on which silence becomes longer than this client's own wait and limit.",
        "late: last purchase + wait + 1; gone: last purchase + limit + 1",
        HISTORY,
        "",
        "this product's own, see the stages",
    ),
    Definition(
        "client.typical",
        "Usual amount",
        "The middle of what this client's purchases brought.",
        "median of the sales of live purchases",
        HISTORY,
        VOID,
    ),
    Definition(
        "client.stopped",
        "Stopped buying",
        "Products this client used to buy and leaves out now, though it still buys.",
        "bought on at least 3 days, then missing from its purchases for more than twice the "
        "product's usual gap, at least 30 days; counted up to the client's last purchase",
        HISTORY,
        "Rows that name no product.",
    ),
)
