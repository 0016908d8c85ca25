"""Definitions of what the page about privacy counts."""

from __future__ import annotations

from crm_core.definitions.definition import Definition

STORED = "What is stored at this moment."

PRIVACY: tuple[Definition, ...] = (
    Definition(
        "privacy.erased",
        "People erased",
        "People whose names and contacts were taken out of every table; their sales still count.",
        "number of clients with an erasure",
        STORED,
        "Records merged into an erased client count with it.",
        "right to erasure",
    ),
    Definition(
        "privacy.removed",
        "Removed",
        "What an erasure took out: details, names, texts, references and rows, one by one.",
        "sum of the counts on the receipt",
        "The moment of the erasure.",
        "What stays: sales, days, groups that many share, the audit.",
        "receipt of an erasure",
    ),
    Definition(
        "privacy.forgettable",
        "Leads to forget",
        "Clients known longer than the rule allows who never bought anything.",
        "clients without any stored sale, known before today − months of the rule; those that "
        "only an undone import knows too",
        "The day on the wall.",
        "Key accounts, clients with a contract or with a contact within the months, tills and "
        "branches, whoever is erased already, and leads without a day.",
        "retention period",
    ),
    Definition(
        "privacy.spared",
        "Old leads that stay",
        "Leads as old as those to forget that somebody still needs.",
        "key accounts + with a contract + with a contact within the months",
        "The day on the wall.",
        "Leads known for less long than the rule says.",
        "exceptions to the retention rule",
    ),
    Definition(
        "privacy.consents",
        "Consent by channel",
        "How many clients gave, refused or withdrew their consent, or need not be asked.",
        "clients by the state of the latest record of the channel",
        STORED,
        "Clients without a record of the channel.",
        "consent and lawful basis",
    ),
    Definition(
        "privacy.refusals",
        "Said no",
        "Clients who refused a channel or took their consent back: it is not to be used.",
        "clients with “refused” or “withdrawn” as the latest record of any channel",
        STORED,
        "Clients whose latest records all allow their channel.",
        "objection",
    ),
)
