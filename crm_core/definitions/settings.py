"""Definitions of the settings: what each number of the rule does."""

from __future__ import annotations

from crm_core.definitions.definition import OWN, Definition

_ALL = "Every day: one set of settings serves every page and every as-of day."
_NOBODY = "Nobody: it holds for every client."
_RULE = f"{OWN}; docs/methods.md, rhythm and stages"


def _setting(name: str, title: str, sentence: str, formula: str) -> Definition:
    return Definition(f"setting.{name}", title, sentence, formula, _ALL, _NOBODY, _RULE)


SETTINGS: tuple[Definition, ...] = (
    _setting(
        "m0",
        "Typical gap to the second purchase",
        "Stands in for a client's own rhythm until they have one; estimated once from your sales.",
        "smallest day by which half of those who return have returned; 30 before 20 returns",
    ),
    _setting(
        "k_late",
        "Late after so many rhythms",
        "A client is late once silent for longer than this many times their rhythm.",
        "wait = min(k_late · rhythm, limit)",
    ),
    _setting(
        "k_gone",
        "Gone after so many rhythms",
        "A client is probably gone once silent for longer than this many times their rhythm.",
        "limit = min(max(k_gone · rhythm, own_max_factor · longest gap, floor), cap)",
    ),
    _setting(
        "window",
        "Gone after a fixed silence",
        "Instead of each client's own rhythm: gone after so many days for everybody.",
        "gone day = last purchase + window + 1",
    ),
    _setting(
        "floor",
        "Never gone before",
        "The shortest limit anybody has.",
        "limit ≥ floor",
    ),
    _setting(
        "cap",
        "Always gone after",
        "The longest limit anybody has.",
        "limit ≤ cap; max(730, 3 · m0) until it is set",
    ),
    _setting(
        "own_max_factor",
        "Times the longest of their own gaps",
        "Nobody is gone before this many times the longest of their last eight gaps.",
        "limit ≥ own_max_factor · longest of the last 8 gaps",
    ),
    _setting(
        "kappa",
        "Weight of the typical gap",
        "How many of a client's own gaps the typical gap weighs as much as.",
        "rhythm = exp((κ · ln m0 + n · ln median gap) / (κ + n)), n = all gaps of the client",
    ),
    _setting(
        "n_expand",
        "Buying again from",
        "Purchases that make a habit.",
        "buying again: purchases of the spell (plus credit) ≥ n_expand",
    ),
    _setting(
        "n_commit",
        "Regular from",
        "Purchases that make a regular.",
        "regular: purchases ≥ n_commit; until it is set 6, 5 if m0 > 90, 4 if m0 > 180",
    ),
    _setting(
        "t_commit",
        "Regular after at least",
        "Days from first to latest purchase.",
        "regular: latest − first purchase of the spell ≥ t_commit",
    ),
    _setting(
        "on_time_streak",
        "On time in a row to become a regular",
        "So many of the latest gaps must have been on time.",
        "regular: last on_time_streak gaps shorter than the wait",
    ),
    _setting(
        "late_streak",
        "Late in a row to fall back",
        "After so many late gaps a regular is buying again only.",
        "back to buying again: last late_streak gaps longer than the wait",
    ),
    _setting(
        "reentry_credit",
        "Credit for coming back",
        "Purchases credited to a client who had gone and came back.",
        "purchases counted = purchases of the spell + reentry_credit from the second spell on",
    ),
    _setting(
        "lead_ttl",
        "Leads are given up after",
        "Days without a sign of life.",
        "leads: as-of day − last sign of life ≤ lead_ttl",
    ),
    _setting(
        "contract_grace",
        "Grace after a contract",
        "Days it may be over.",
        "ended: as-of day > end of contract + contract_grace",
    ),
    _setting(
        "same_weeks",
        "Look at the same weeks last year",
        "A client who was as quiet in the same weeks last year is waited for longer.",
        "wait ≥ last year's return + 365 + 14 − last purchase; limit with 30 for 14",
    ),
    _setting(
        "m0_groups",
        "Typical gaps by kind and channel",
        "A typical gap of their own for clients of some kinds and channels.",
        "m0 of the client's kind and of the channel of their first sale; else m0",
    ),
    _setting(
        "model",
        "Gone by the chance to buy again",
        "Instead of each client's own rhythm: gone once buying again soon is unlikely.",
        "gone day = first day with P(at least one purchase within the horizon) < 0.5 (BG/NBD)",
    ),
    _setting(
        "closed_months",
        "Months in which you are closed",
        "Their days are no silence.",
        "days of these calendar months are counted neither as wait nor as gap",
    ),
    Definition(
        "setting.in_force",
        "Settings in force",
        "What holds now, where it comes from and since when, beside what it was made with.",
        "the owner's value, else one estimated from the sales, else the default",
        _ALL,
        _NOBODY,
        OWN,
    ),
    Definition(
        "setting.effect",
        "Who would move",
        "How many clients would stand in each stage with the change, beside now.",
        "stage of every client under the settings in force against under those tried",
        "The as-of day.",
        "Nothing is saved.",
        OWN,
    ),
)
