"""The client file as a page a person can read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crm_core.formatting import plural
from crm_core.paper.markup import NOTHING, Html, say, tag
from crm_core.privacy.leaf import grid, leaf, part

TITLES = {
    "clients": "On the card",
    "client_identities": "How files name them",
    "client_managers": "Who looks after them",
    "batch_clients": "What each file said",
    "sales": "Sales",
    "unused_rows": "Rows of files that became no sale",
    "contacts": "Contacts",
    "endings": "Endings",
    "contracts": "Contracts",
    "snoozes": "Left off the list of late ones",
    "stage_overrides": "Stages set by hand",
    "key_reasons": "Why they are a key account",
    "contact_people": "People at the client's",
    "key_care": "Visits, offers and risks",
    "consents": "Consent",
    "aliases": "Records merged with theirs",
    "presence": "Who has had the card open",
    "audit_events": "What was done about them here",
    "erasures": "Erasures",
    "erased_identities": "Fingerprints of an erased person",
}
"""What the page calls each table; one that is not named keeps its own name."""

WORDS = {
    "batch": "File",
    "external_id": "Number",
    "group_name": "Group",
    "order_ref": "Order",
    "refund_ref": "Refund of",
    "live": "Counts",
    "by_hand": "Typed by a person",
    "not_client": "Not a client but",
    "inbound": "From them",
    "salesperson": "Seller",
}
"""What the page calls columns whose own name would say too little."""

STANDING = {
    "as_of": "As of",
    "stage": "Stage",
    "stage_since": "Since",
    "late": "Late",
    "orders": "Orders",
    "net_sales": "Net sales",
    "share_of_sales": "Share of twelve months' sales, %",
    "explanation": "Why",
}


def file_html(file: Mapping[str, Any]) -> str:
    """Return a client file as one HTML page.

    Parameters
    ----------
    file : mapping
        From :func:`crm_core.privacy.client_file.client_file`.
    """
    tables: Mapping[str, Sequence[Mapping[str, Any]]] = file["tables"]
    filled = {name: rows for name, rows in tables.items() if rows}
    known = plural(sum(map(len, filled.values())), "record")
    order = [*(name for name in TITLES if name in filled), *(n for n in filled if n not in TITLES)]
    names = [row.get("name") for row in tables["clients"] if row["id"] == file["client_id"]]
    title = str(names[0] or f"Client {file['client_id']}") if names else "Client"
    return leaf(
        f"Everything about {title}",
        f"{known} in {plural(len(filled), 'table')}: all that this dashboard stores about them.",
        _standing(file["standing"]),
        *(part(TITLES.get(name, name), _table(filled[name])) for name in order),
        _elsewhere(file["mentioned_elsewhere"]),
        foot=f"Made on {file['made_at'][:10]}. Amounts are in the currency named, else in that "
        "of the business; days are year-month-day. Numbers of rows stand in the data file.",
    )


def _standing(standing: Mapping[str, Any]) -> Html:
    if not standing:
        return NOTHING
    rows = [(word, _text(standing[key])) for key, word in STANDING.items() if key in standing]
    return part("What the figures say", grid(("What", "Value"), rows))


def _table(rows: Sequence[Mapping[str, Any]]) -> Html:
    """Return the rows as a table, a single one as a list; what says nothing is left out."""
    names = dict.fromkeys(name for row in rows for name in row)
    columns = [name for name in names if any(_says(name, row.get(name)) for row in rows)]
    told = [[_text(row.get(name)) for name in columns] for row in rows]
    titles = [WORDS.get(name, name.replace("_", " ").capitalize()) for name in columns]
    if len(rows) == 1:
        return grid(("What", "Value"), list(zip(titles, told[0], strict=True)))
    return grid(titles, told)


def _says(name: str, value: Any) -> bool:
    """Return whether a value is worth a column; ids of rows stand in the data file."""
    return value not in (None, "", [], {}) and (
        name == "external_id" or (name != "id" and not name.endswith("_id"))
    )


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return "; ".join(f"{name.replace('_', ' ')}: {_text(one)}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(str(_text(one)) for one in value)
    return None if value is None else str(value)


def _elsewhere(counts: Mapping[str, int]) -> Html:
    if not counts:
        return NOTHING
    said = "; ".join(f"{TITLES.get(name, name)}: {count}" for name, count in counts.items())
    return part("Mentioned in texts about others", tag("p", say(f"How many, by place. {said}.")))
