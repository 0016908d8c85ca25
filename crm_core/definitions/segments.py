"""Definitions of the segments: scores, cut points, what each segment brings, who switched."""

from __future__ import annotations

from crm_core.definitions.definition import (
    HISTORY,
    NOT_POSITIVE,
    OWN,
    PERIOD,
    UNNAMED,
    VOID,
    Definition,
)

_QUANTILES = "type-7 quantiles at 20, 40, 60 and 80 % of all buying clients, or the owner’s own"
_TWO_DAYS = "The earlier day and the as-of day."
_RULE = "the rule of goodbye in force"

SEGMENTS: tuple[Definition, ...] = (
    Definition(
        "segments.clients",
        "Clients in the segment",
        "Clients whose scores fall into this part of the grid; everybody who bought is in "
        "exactly one.",
        "row: recency score R; column: FM = floor((F + M + 1) / 2); 25 cells, eleven segments",
        HISTORY,
        "Clients without a purchase.",
        "RFM segments; the partition is this product’s own",
    ),
    Definition(
        "segments.score",
        "Scores",
        "From 1 to 5: how recently, how often and for how much the client bought, beside all "
        "others.",
        "F and M = 1 + number of cut points below the value; R = 5 − number of cut points below "
        "the days since the last purchase; equal values get equal scores",
        HISTORY,
        VOID,
        "recency, frequency, monetary value (RFM)",
    ),
    Definition(
        "segments.recency",
        "Days since the last purchase",
        "How long ago the client last bought.",
        "as-of day − last purchase",
        HISTORY,
        VOID,
        "recency",
    ),
    Definition(
        "segments.frequency",
        "Purchases",
        "On how many days the client bought.",
        "number of days with at least one order",
        HISTORY,
        VOID,
        "frequency",
    ),
    Definition(
        "segments.money",
        "Brought so far",
        "What clients have brought since their first purchase.",
        "sales − refunds",
        HISTORY,
        UNNAMED,
        "monetary value",
    ),
    Definition(
        "segments.cuts",
        "Cut points",
        "Where one score ends and the next begins.",
        f"{_QUANTILES}; a value equal to a cut point belongs below it",
        HISTORY,
        "Clients without a purchase.",
        "quintiles",
    ),
    Definition(
        "segments.share",
        "Share of sales",
        "What the clients of the segment bring of all named sales.",
        "net sales of its clients / net sales of all buying clients",
        PERIOD,
        NOT_POSITIVE,
        "share of revenue",
    ),
    Definition(
        "segments.late",
        "Late in the segment",
        "Clients of the segment who are silent longer than their own wait, and not gone yet.",
        "late clients of the segment / clients of the segment",
        HISTORY,
        "Gone clients count below the line only.",
        "at risk",
    ),
    Definition(
        "segments.gone",
        "Gone in the segment",
        "Clients of the segment who are probably gone, or have said so.",
        f"gone clients of the segment, by {_RULE} / clients of the segment",
        HISTORY,
        VOID,
        OWN,
    ),
    Definition(
        "segments.churn",
        "Gone since",
        "Of the clients who were active in the segment on the earlier day, those gone since.",
        f"gone now / active in the segment then, by {_RULE}",
        _TWO_DAYS,
        "Clients who were gone on the earlier day already.",
        "churn rate of the segment",
    ),
    Definition(
        "segments.best",
        "Best two segments",
        "Champions and loyal clients: they buy often, for much, and not long ago.",
        "FM ≥ 4 and R ≥ 3",
        HISTORY,
        VOID,
        "champions, loyal",
    ),
    Definition(
        "segments.slipping",
        "Slipping away",
        "Clients who used to buy often and for much, and have been silent long beside the others.",
        "can’t lose: FM = 5 and R ≤ 2; at risk: FM 3 or 4 and R ≤ 2",
        HISTORY,
        VOID,
        "can’t lose them, at risk",
    ),
    Definition(
        "segments.switched",
        "Changed segment",
        "Clients who are in another segment than on the earlier day.",
        "segment on the as-of day ≠ segment on the earlier day; each day by its own quantiles, "
        "or both by the owner’s own cut points",
        _TWO_DAYS,
        "Clients who had not bought by the earlier day are shown apart.",
        OWN,
    ),
    Definition(
        "segments.left_best",
        "Fell out of the best two",
        "Clients who were champions or loyal on the earlier day and are neither now.",
        "champion or loyal then, in another segment now",
        _TWO_DAYS,
        VOID,
        OWN,
    ),
    Definition(
        "segments.effect",
        "Would change segment",
        "Clients who would stand in another segment with the cut points entered.",
        "segment with the new cut points ≠ segment now",
        HISTORY,
        "Clients without a purchase.",
        OWN,
    ),
    Definition(
        "segments.package",
        "As the R package rfm computes it",
        "The same idea by the rules of the R package, to compare with its published figures.",
        "rows instead of purchases; cut points are quantiles + 1 day, row or unit of money, and a "
        "value equal to one belongs above it; overlapping boxes of scores, the first match wins",
        HISTORY,
        UNNAMED,
        "R package rfm (Hebbali)",
    ),
)
