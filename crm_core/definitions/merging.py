"""Definitions of merging by rule."""

from __future__ import annotations

from crm_core.definitions.definition import HISTORY, OWN, STORED, Definition

_LEFT_OUT = (
    "Tills, own branches, shared cards, erased persons; pairs somebody took apart by hand; "
    "e-mails, numbers and names that too many clients share."
)

MERGING: tuple[Definition, ...] = (
    Definition(
        "merge.groups",
        "Groups that look like one client",
        "Groups of clients that the ticked rules hold to be one, and that nothing speaks against.",
        "clients joined by the same e-mail, the same phone, or a name and place near enough",
        STORED,
        _LEFT_OUT,
        OWN,
    ),
    Definition(
        "merge.doubtful",
        "Pairs to look at",
        "Pairs that share something while something else speaks against it: not ticked.",
        "pairs of the ticked rules with names, places, legal forms or birthdays that differ",
        STORED,
        _LEFT_OUT,
        OWN,
    ),
    Definition(
        "merge.clients",
        "Clients that become part of another",
        "So many clients fewer would be counted; their sales and notes count for the one that "
        "stays.",
        "clients in the ticked groups − ticked groups",
        STORED,
        "",
        OWN,
    ),
    Definition(
        "merge.effect",
        "Before and after",
        "The headline figures as they are, and as they would be with the ticked groups merged.",
        "every figure computed anew from all sales, as if the groups were merged",
        HISTORY,
        "",
        OWN,
    ),
    Definition(
        "merge.sales",
        "Sales rows",
        "Live sales of the clients of a group.",
        "rows that count",
        STORED,
        "Rows of undone imports.",
        OWN,
    ),
    Definition(
        "merge.runs",
        "Merged by rule so far",
        "Mergings by rule, with the clients each merged and how many of them still are.",
        "merges written by a run; those taken apart since taken off",
        STORED,
        "Merges made one by one on the Import page.",
        OWN,
    ),
)
