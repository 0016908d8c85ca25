"""Definitions of key accounts, of what hangs on them, and of what losing them would cost."""

from __future__ import annotations

from crm_core.definitions.definition import HISTORY, NOT_POSITIVE, PERIOD, UNNAMED, Definition

TODAYS = "Notes and managers up to the as-of day; people are today's."
LAST_YEAR = "The twelve months up to the as-of day."
TWO_YEARS = "The twelve months up to the as-of day beside the twelve before."

KEY_CLIENTS: tuple[Definition, ...] = (
    Definition(
        "key.clients",
        "Key clients",
        "Clients that bring a tenth of sales or more, and those named key by hand.",
        "share of named sales ≥ 10 %, or a reason by hand: potential, fame, innovative, demanding",
        PERIOD,
        NOT_POSITIVE,
        "key account; by sales alone there are at most ten",
    ),
    Definition(
        "key.share",
        "What they bring",
        "The part of named sales that the key clients bring together.",
        "sum of sales of the key clients / sales of all",
        PERIOD,
        NOT_POSITIVE,
        "key account share",
    ),
    Definition(
        "key.base",
        "Clients in the base",
        "Clients of one department or manager among whom a tenth of sales makes somebody key.",
        "clients of the department or manager with net sales above zero",
        PERIOD,
        NOT_POSITIVE,
        "this product's own",
    ),
    Definition(
        "key.innovative",
        "Innovative clients",
        "Clients named as those who try new things first; usually about 2.5 % of all.",
        "clients with the reason innovative / known clients",
        TODAYS,
        "Clients nobody marked.",
        "innovators (Rogers, Diffusion of Innovations)",
    ),
    Definition(
        "key.departments",
        "Key in a department",
        "Clients that bring a tenth or more of the sales of their department.",
        "sales of the client / sales of the clients of the same department ≥ 10 %",
        PERIOD,
        "Clients without a department; clients whose net sales are zero or less.",
        "key account at department level",
    ),
    Definition(
        "key.managers",
        "Key for a manager",
        "Clients that bring a tenth or more of the sales of whoever looks after them.",
        "sales of the client / sales of the clients of the same manager ≥ 10 %",
        PERIOD,
        "Clients nobody looks after; clients whose net sales are zero or less.",
        "key account at manager level",
    ),
)

KEY_CARE: tuple[Definition, ...] = (
    Definition(
        "key.load",
        "Managers with too many",
        "Managers who look after more than three key clients.",
        "managers with > 3 key clients (key by sales of the company, or by hand)",
        TODAYS,
        "Key clients without a manager: they are counted apart.",
        "manager load",
    ),
    Definition(
        "key.without_manager",
        "Without a manager",
        "Key clients nobody is named to look after.",
        "key clients with no manager in the record and, where records name none at all, none "
        "on the latest sale",
        TODAYS,
        "",
        "separate manager for a key account",
    ),
    Definition(
        "key.visits",
        "Visit by the head overdue",
        "Key clients the head of your house has not visited for half a year, or ever.",
        "as-of day − last visit by the head > 180 days, or no such visit noted",
        TODAYS,
        "Visits by others.",
        "this product's own limit",
    ),
    Definition(
        "key.one_contact",
        "Hanging on one person",
        "Key clients where you know nobody or a single person by name.",
        "key clients with at most one contact person",
        TODAYS,
        "",
        "contacts wide and deep",
    ),
    Definition(
        "key.dossier",
        "Dossier",
        "How much of what a dossier should hold is noted, over all key clients.",
        "facts known / facts asked for; seven a client: somebody by name, a second person, who "
        "decides (owner or head), a phone number, a birthday, a cuisine, a hobby",
        TODAYS,
        "",
        "this product's own score",
    ),
    Definition(
        "key.offers",
        "Nothing new offered",
        "Key clients that were offered nothing new for half a year, or ever.",
        "as-of day − last offer of something new > 180 days, or none noted",
        TODAYS,
        "",
        "this product's own limit",
    ),
    Definition(
        "key.risks",
        "Risks",
        "What was noted lately as a threat: the firm is sold, a new head, another supplier.",
        "risks noted in the last 365 days",
        TODAYS,
        "",
        "risk events, by hand",
    ),
    Definition(
        "key.moves",
        "Relationship against a year ago",
        "Key clients whose stage is higher, or lower, than a year before: not only money.",
        "stage on the as-of day against the stage a year before; gone is the lowest",
        HISTORY,
        "Clients not known a year ago.",
        "stages after Dwyer, Schurr and Oh",
    ),
)

WHAT_IF: tuple[Definition, ...] = (
    Definition(
        "key.lost_sales",
        "Sales that would go",
        "What the chosen clients brought in the last twelve months.",
        "sum of their net sales; its share is of all sales, those without a client included",
        LAST_YEAR,
        "",
        "what if the client leaves",
    ),
    Definition(
        "key.lost_margin",
        "Margin that would go",
        "What is left of those sales after the goods, at the margin you entered.",
        "sales that would go · margin",
        LAST_YEAR,
        "Costs other than the goods; without a margin entered there is no figure.",
        "contribution margin",
    ),
    Definition(
        "key.result",
        "Result without them",
        "What would be left of a year without the chosen clients.",
        "(all sales − sales that would go) · margin − fixed costs − supplier discount lost",
        LAST_YEAR,
        "Whatever you did not enter; taxes and interest.",
        "what-if result",
    ),
    Definition(
        "key.months",
        "Until the rest fills the gap",
        "How long the rest would need to grow by as much, at its own growth of the last year.",
        "12 · sales that would go / (sales of the rest − sales of the rest the year before), "
        "rounded up; a steady amount a year, nothing compounded; not said where the rest does not "
        "grow or two whole years are not stored",
        TWO_YEARS,
        "",
        "this product's own",
    ),
    Definition(
        "key.chance",
        "Chance of leaving in a year",
        "Of all clients in the same stage a year ago, how many are gone now.",
        "clients in the stage a year before and gone on the as-of day / clients in the stage a "
        "year before",
        "One year, up to the as-of day.",
        "Those gone already. It says what happened to clients like these, not to this one.",
        "share with Wilson's 95 % interval",
    ),
    Definition(
        "key.expected_loss",
        "Expected loss in a year",
        "What would go, weighed by the chance that it goes.",
        "sum of (margin, or sales while no margin is entered) · chance of leaving",
        LAST_YEAR,
        "Clients whose chance cannot be said.",
        "expected loss",
    ),
    Definition(
        "key.needed",
        "Needed from others",
        "What others must bring more a year for the share of these clients to come down.",
        "sales of the chosen / share wanted − sales of all named clients",
        LAST_YEAR,
        UNNAMED,
        "dependency, reduced by growing others",
    ),
)

KEY_MONTHS: tuple[Definition, ...] = (
    Definition(
        "key.top1",
        "The largest client",
        "What the largest client brings, at each month end.",
        "sales of the largest / sales of all",
        "The twelve months up to each month end.",
        NOT_POSITIVE,
        "CR1",
    ),
    Definition(
        "key.top3",
        "The three largest",
        "What the three largest clients bring, at each month end.",
        "sales of the three largest / sales of all",
        "The twelve months up to each month end.",
        NOT_POSITIVE,
        "CR3",
    ),
    Definition(
        "key.top5",
        "The five largest",
        "What the five largest clients bring, at each month end.",
        "sales of the five largest / sales of all",
        "The twelve months up to each month end.",
        NOT_POSITIVE,
        "CR5",
    ),
    Definition(
        "key.hhi",
        "Concentration index",
        "The sum of squared shares at each month end: the higher, the more hangs on few.",
        "Σ share², drawn as a percentage",
        "The twelve months up to each month end.",
        NOT_POSITIVE,
        "Herfindahl-Hirschman index (HHI)",
    ),
)

KEY_ACCOUNTS = (*KEY_CLIENTS, *KEY_CARE, *WHAT_IF, *KEY_MONTHS)
