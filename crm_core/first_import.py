"""What the owner answers at the first import, written where every page reads it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from crm_core.access import Right
from crm_core.importing import Prepared
from crm_core.intake.questions import FirstAnswers, FirstQuestions
from crm_core.policy import read_parameters, write_parameter
from crm_core.records.clients import mark_not_client
from crm_core.records.deeds import deed
from crm_core.records.identities import find_identity
from crm_core.records.settings import write_setting
from crm_core.records.staged import IDENTITY_KINDS

AMOUNTS_INCLUDE = "amounts_include"
"""Setting: what amounts hold besides goods, a list of words."""

NOT_CLIENT_KINDS = {"till": "till", "marketplace": "marketplace", "own branch": "branch"}
BY_CONTRACT = "by contract"


@deed(Right.IMPORT, "first questions answered")
def apply_answers(
    connection: Connection,
    prepared: Prepared,
    questions: FirstQuestions,
    answers: FirstAnswers,
    *,
    today: date,
) -> None:
    """Store what the owner answered; the import itself is written already.

    Parameters
    ----------
    connection : Connection
        Inside a write transaction.
    prepared : Prepared
        The file that was imported.
    questions : FirstQuestions
        What was proposed: an answer left as proposed does not overrule the data.
    answers : FirstAnswers
        What the owner said.
    today : date
        From when it holds.

    Notes
    -----
    The rhythm becomes ``m0`` only where the owner changed it, or where the data
    was too thin to estimate one.
    """
    _set_rhythm(connection, questions, answers, today)
    if answers.dead_months:
        write_parameter(connection, "closed_months", answers.dead_months, since=today)
    included = list(answers.amounts_include)
    write_setting(connection, AMOUNTS_INCLUDE, included, source="owner", since=today)
    _mark_tills(connection, prepared, questions, answers)


def _set_rhythm(
    connection: Connection, questions: FirstQuestions, answers: FirstAnswers, today: date
) -> None:
    estimated = "m0" in read_parameters(connection).origins
    changed = answers.rhythm != questions.proposed.rhythm
    if answers.rhythm != BY_CONTRACT and (changed or not estimated):
        write_parameter(connection, "m0", answers.gap_days, since=today)


def _mark_tills(
    connection: Connection, prepared: Prepared, questions: FirstQuestions, answers: FirstAnswers
) -> None:
    people, said = prepared.staged.clients, answers.not_clients or {}
    for one in questions.tills:
        if one.name not in said:
            continue
        kind = IDENTITY_KINDS[int(people.kind[one.client])]
        value = people.value[one.client]
        found = find_identity(connection, prepared.staged.source, kind, value)
        if found is not None:
            mark_not_client(connection, found, NOT_CLIENT_KINDS[said[one.name]])
