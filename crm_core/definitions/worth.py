"""Definitions of lifetime value: what clients are expected to buy, and how such words held."""

from __future__ import annotations

from crm_core.definitions.definition import HISTORY, OWN, UNNAMED, VOID, Definition

_AHEAD = "The months ahead, 12 unless changed, from the as-of day; on all rows up to it."
_NEW = "Clients who have not bought yet: nothing is expected of them."
_MODEL = "BG/NBD with Gamma-Gamma (Fader, Hardie and Lee 2005)"
_PAST = "Complete months, the last twelve; each looked at from the day before it."
_ENDED = "Clients recorded as ended who have not bought since: nothing is expected of them."
_SINCE = "The earlier day and the as-of day, each on the rows up to it, by one fit."
_NET = "a purchase holds the refunds that follow it"

_TOTALS = (
    Definition(
        "worth.buyers",
        "Clients expected to buy",
        "How many of the clients so far will buy at least once in the months ahead.",
        "sum of the clients’ chances to buy; by the plain rule: clients who are not gone and "
        "bought in the last twelve months",
        _AHEAD,
        _NEW,
        _MODEL,
    ),
    Definition(
        "worth.purchases",
        "Expected purchases",
        "Purchases expected of all clients so far in the months ahead, with an 80 % band.",
        "Σ E[Y(t) | x, t_x, T]; band: the fitted parameters by the delta method, and chance; by "
        "the plain rule: last twelve months × months / 12 of who is not gone, without a band",
        _AHEAD,
        _NEW,
        _MODEL,
    ),
    Definition(
        "worth.sales",
        "Expected sales",
        "What all clients so far are expected to buy for in the months ahead, with an 80 % band.",
        f"Σ expected purchases × E[M]; {_NET}; band by the delta method and chance: it knows "
        "nothing of seasons or a changed market",
        _AHEAD,
        _NEW,
        _MODEL,
    ),
    Definition(
        "worth.value",
        "Value today",
        "What is earned of those sales, later months counting a little less.",
        "margin × Σ_k (purchases expected in month k) × E[M] / (1 + discount)^k; a month is "
        "4.345 weeks",
        _AHEAD,
        f"Fixed costs. {_NEW}",
        "customer lifetime value (CLV)",
    ),
    Definition(
        "worth.largest",
        "Largest expected sales",
        "The client of whom most is expected.",
        "largest of the clients’ expected sales",
        _AHEAD,
        _NEW,
        _MODEL,
    ),
)

_CLIENT = (
    Definition(
        "worth.client_purchases",
        "Expected purchases of a client",
        "How often the client is expected to buy in the months ahead.",
        "E[Y(t) | x, t_x, T] of BG/NBD; by the plain rule: purchases of the last twelve months × "
        "months / 12, none if gone",
        _AHEAD,
        _ENDED,
        _MODEL,
    ),
    Definition(
        "worth.count_range",
        "Eight in ten buy",
        "Of ten clients with this history, eight will buy this many times.",
        "10 % and 90 % quantile of the number of purchases",
        _AHEAD,
        _ENDED,
        "BG/NBD (Fader, Hardie and Lee 2005)",
    ),
    Definition(
        "worth.client_sales",
        "Expected sales of a client",
        "For how much the client is expected to buy in the months ahead.",
        f"expected purchases × E[M]; E[M] = p (γ + x m) / (p x + q − 1); {_NET}",
        _AHEAD,
        _ENDED,
        "Gamma-Gamma (Fader and Hardie 2013)",
    ),
    Definition(
        "worth.client_band",
        "Expected sales, from and to",
        "How far the expectation itself may be off, in eight of ten cases.",
        "expected sales ÷ and × exp(1.2816 · standard deviation of its logarithm), by the delta "
        "method over the fitted parameters; what the client will do by chance varies more",
        _AHEAD,
        _ENDED,
        OWN,
    ),
    Definition(
        "worth.client_value",
        "Value of a client",
        "What is earned of the client’s expected sales, later months counting a little less.",
        "margin × E[M] × Σ_k (E[Y(k)] − E[Y(k−1)]) / (1 + discount)^k, months of 4.345 weeks",
        _AHEAD,
        f"Fixed costs. {_ENDED}",
        "customer lifetime value (CLV)",
    ),
    Definition(
        "worth.chance_to_buy",
        "Chance to buy",
        "The chance of at least one purchase in the months ahead.",
        "P(alive) × (1 − ((α + T) / (α + T + t))^(r + x))",
        _AHEAD,
        _ENDED,
        "BG/NBD (Fader, Hardie and Lee 2005)",
    ),
    Definition(
        "worth.chance_alive",
        "Chance still there",
        "The chance that the client has not left for good; who bought once is taken to be there.",
        "1 / (1 + [x > 0] · a / (b + x − 1) · ((α + T) / (α + t_x))^(r + x))",
        HISTORY,
        _ENDED,
        "P(alive) of BG/NBD",
    ),
)

_FALLS = (
    Definition(
        "worth.fell",
        "Lost 40 % or more",
        "Clients of whom at least 40 % less is expected than on the earlier day.",
        "(before − now) / before ≥ 40 %",
        _SINCE,
        "Clients who had not bought by the earlier day.",
        OWN,
    ),
    Definition(
        "worth.lost",
        "Lost together",
        "By how much less these clients are expected to bring than on the earlier day.",
        "Σ (before − now)",
        _SINCE,
        "Clients of whom more is expected now are not set against it.",
        OWN,
    ),
    Definition(
        "worth.before",
        "Before",
        "What was expected of the client from the earlier day on, the same months long.",
        "as now, on the rows up to the earlier day, by the models fitted now",
        _SINCE,
        VOID,
        OWN,
    ),
    Definition(
        "worth.now",
        "Now",
        "What is expected of the client from the as-of day on.",
        "value with a margin, else expected sales",
        _SINCE,
        VOID,
        OWN,
    ),
)

_RECORD = (
    Definition(
        "worth.month_expected",
        "Expected for the month",
        "Sales expected of those who are clients when the month begins, with an 80 % band.",
        "Σ purchases expected in the month × E[M], as seen on the day before it; fitted anew "
        "every third month; the coming month as seen on the as-of day",
        _PAST,
        "New clients, who are shown apart.",
        _MODEL,
    ),
    Definition(
        "worth.month_actual",
        "What they bought",
        "Net sales of the month of those who were clients on the day before it.",
        "sales − refunds",
        _PAST,
        UNNAMED,
        "net sales",
    ),
    Definition(
        "worth.month_new",
        "New clients",
        "Net sales of the month of everybody else, of whom nothing was expected.",
        "sales − refunds",
        _PAST,
        UNNAMED,
        "net sales",
    ),
    Definition(
        "worth.within",
        "Months within their band",
        "How many of the past months came within the band they had been given.",
        "months with low ≤ actual ≤ high / months with a band; a band that is right holds 80 %",
        _PAST,
        "Months for which no model could be fitted.",
        "coverage",
    ),
    Definition(
        "worth.error",
        "Off on average",
        "By which part of the actual sales a way of expecting was off in the past months.",
        "mean of |expected − actual| / |actual|, over months for which all ways said something",
        _PAST,
        "Months without sales of existing clients.",
        "mean absolute percentage error",
    ),
    Definition(
        "worth.record_band",
        "Next month by that record",
        "The coming month’s band as the past months would have it.",
        "expected × 10 % and 90 % quantile (type 7) of actual / expected",
        _PAST,
        "Withheld with fewer than eight such months.",
        OWN,
    ),
    Definition(
        "worth.tracking",
        "Expected in all, and what came",
        "All that was expected of the past months beside all that came.",
        "Σ actual / Σ expected",
        _PAST,
        "Months for which no model could be fitted.",
        "tracking of the model",
    ),
)

_MODELS = (
    Definition(
        "worth.parameters",
        "Parameters",
        "What the model learned of all clients: how often they buy, and how they leave.",
        "BG/NBD and MBG/NBD: rate of buying Gamma(r, α), chance to leave after a purchase "
        "Beta(a, b); Pareto/NBD: rate of leaving Gamma(s, β); α and β in weeks, the others "
        "without a unit",
        HISTORY,
        VOID,
        _MODEL,
    ),
    Definition(
        "worth.likelihood",
        "Log-likelihood",
        "How well the model fits: the higher the better, on the same clients.",
        "Σ ln L over all clients; three starts must agree to 0.001",
        HISTORY,
        VOID,
        "maximum likelihood",
    ),
    Definition(
        "worth.money_model",
        "Worth of a purchase",
        "What a purchase is worth over all clients, by the money model.",
        "p γ / (q − 1); purchases Gamma(p, ν), ν Gamma(q, γ); γ in units of currency",
        HISTORY,
        "Clients without a repeat purchase of some value.",
        "Gamma-Gamma (Fader and Hardie 2013)",
    ),
    Definition(
        "worth.correlation",
        "Purchases and their worth",
        "Whether who buys more often also pays more each time, which the model takes as unrelated.",
        "correlation of x and m; above 0.3 each client’s own mean is used instead",
        HISTORY,
        "Clients without a repeat purchase of some value.",
        "correlation coefficient",
    ),
    Definition(
        "worth.renewal",
        "Renewed",
        "Of the contracts whose renewal was due, those that were renewed.",
        "renewed / due, by the number of the renewal; r_t = (β + t − 1) / (α + β + t − 1)",
        HISTORY,
        "Trials; contracts that have come to no renewal yet.",
        "sBG (Fader and Hardie 2007)",
    ),
    Definition(
        "worth.remaining",
        "Renewals to come",
        "How many renewals a contract is still expected to see, later ones counting less.",
        "r_n · ₂F₁(1, β + n; α + β + n; 1 / (1 + d)), d the monthly discount over a usual term",
        HISTORY,
        "Trials; contracts that have ended.",
        "discounted expected residual lifetime (DERL)",
    ),
)

WORTH: tuple[Definition, ...] = (*_TOTALS, *_CLIENT, *_FALLS, *_RECORD, *_MODELS)
