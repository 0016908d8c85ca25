"""Definitions of the backtest: how often each rule of goodbye was wrong on past days."""

from __future__ import annotations

from crm_core.definitions.definition import OWN, VOID, Definition

_CUT = (
    "The rule sees what was known on the day it is tried on; the truth is what was bought in the "
    "days a goodbye is watched after it."
)
_ENDED = "Buyers of whom somebody had said by then that it was over."
_MONEY = (
    "in money: each client weighs as much as their net sales of the twelve months up to that day"
)

GOODBYES: tuple[Definition, ...] = (
    Definition(
        "goodbyes.recommended",
        "Rule recommended",
        "The rule that was least often wrong on the earlier days, held to account on the last one.",
        "smallest sum of false alarms and misses over the earlier days; of equal ones the rule in "
        "force, else the simplest; a switch is advised where the sum falls by 0.01 on the last day",
        _CUT,
        "Earlier days with fewer than 30 clients, where others have more.",
        f"error sum of type I and type II errors; choice and verdict are {OWN}",
    ),
    Definition(
        "goodbyes.tried",
        "Days tried",
        "The past days on which every rule was tried, and the clients it was tried on.",
        "the last day lies one watching time before the as-of day, the earlier ones before it",
        _CUT,
        _ENDED,
        "backtest with inner and outer cuts",
    ),
    Definition(
        "goodbyes.flagged",
        "Given up",
        "Clients the rule would have counted as gone on that day.",
        f"gone day by the rule ≤ that day; {_MONEY}",
        _CUT,
        f"{_ENDED} {VOID}",
        "flagged",
    ),
    Definition(
        "goodbyes.came_back",
        "Came back",
        "Clients the rule would have given up who bought in the days after.",
        f"given up on that day and bought after it; {_MONEY}",
        _CUT,
        f"{_ENDED} {VOID}",
        "false positives",
    ),
    Definition(
        "goodbyes.wrong",
        "False goodbyes",
        "Of those the rule would have given up, the share who came back.",
        f"came back / given up; 95 % interval by Wilson; {_MONEY}",
        _CUT,
        f"{_ENDED} {VOID}",
        "false discovery rate",
    ),
    Definition(
        "goodbyes.false_alarms",
        "False alarms",
        "Of those who did buy afterwards, the share the rule had given up.",
        f"given up and bought / bought; {_MONEY}",
        _CUT,
        f"{_ENDED} {VOID}",
        "type I error",
    ),
    Definition(
        "goodbyes.misses",
        "Misses",
        "Of those who stayed away, the share the rule still counted on.",
        f"not given up and stayed away / stayed away; {_MONEY}",
        _CUT,
        f"{_ENDED} {VOID}",
        "type II error",
    ),
    Definition(
        "goodbyes.error_sum",
        "Wrong in all",
        "False alarms and misses together: 0 is perfect, 100 is no better than tossing a coin.",
        "false alarms + misses, in points of a hundred",
        _CUT,
        _ENDED,
        "type I error + type II error",
    ),
    Definition(
        "goodbyes.auc",
        "Ranking",
        "How often the rule's measure of silence ranks a client who stayed away above one who "
        "bought: 1 is always, 0.5 is chance.",
        "pairs ranked right / all pairs, ties one half",
        _CUT,
        _ENDED,
        "AUC, area under the ROC curve",
    ),
    Definition(
        "goodbyes.brier",
        "Error of the chance",
        "How far the model's chance to buy lay from what happened: 0 is perfect.",
        "mean of (chance − bought)²",
        _CUT,
        "Rules that give no chance.",
        "Brier score",
    ),
    Definition(
        "goodbyes.effect",
        "What a switch would move",
        "Clients and their sales of twelve months by stage, and the late ones, under the rule in "
        "force and under the rule chosen.",
        "stages by the settings in force beside stages by the settings of the rule",
        "The as-of day.",
        "Clients not known yet.",
        OWN,
    ),
)
