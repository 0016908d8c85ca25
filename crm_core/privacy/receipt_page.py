"""The receipt of an erasure in words: to hand over, with no personal data in it."""

from __future__ import annotations

from crm_core.formatting import format_count, plural
from crm_core.paper.markup import say, tag
from crm_core.privacy.leaf import grid, leaf, part
from crm_core.records.receipts import REMOVED_KINDS, Receipt

WHY_KEPT = (
    "Sales keep day, amount, product and channel under the pseudonym: the business must be able "
    "to account for its turnover, and sums, stages and shares of all clients rest on them.",
    "Contacts, contracts, endings and the like keep their days and kinds, without a word of text.",
    "Country, segment, department, kind and where they came from stay as groups that many share.",
    "The audit keeps that, when and by whom something was done about the pseudonym's number.",
)
KNOWN_AGAIN = {
    "id": ("number of a source", "numbers of a source"),
    "email": ("e-mail address", "e-mail addresses"),
    "name": ("name in a source", "names in a source"),
    "phone": ("phone number", "phone numbers"),
}


MOST_ALIKE = 9
"""Records named in the sentence about others of the same name or address."""


def receipt_lines(receipt: Receipt) -> list[str]:
    """Return the receipt as lines of text."""
    return [
        f"Receipt of erasure {receipt.number}",
        f"{receipt.pseudonym}, erased on {receipt.at:%Y-%m-%d at %H:%M} by “{receipt.by}”.",
        f"Reason: {receipt.reason}",
        "",
        "Removed:",
        *(f"  {kind}: {count}" for kind, count in _removed(receipt)),
        "",
        "Stays, under the pseudonym:",
        *(f"  {kind}: {count}" for kind, count in _kept(receipt)),
        *(f"  {line}" for line in WHY_KEPT),
        "",
        "How the next import is kept from bringing the person back:",
        f"  {_stopped(receipt)}",
        "",
        "What is left to do:",
        *(f"  {line}" for line in left_to_do(receipt)),
    ]


def receipt_html(receipt: Receipt) -> str:
    """Return the receipt as one HTML page."""
    return leaf(
        f"Receipt of erasure {receipt.number}",
        f"{receipt.pseudonym} was erased on {receipt.at:%Y-%m-%d at %H:%M}.",
        part(
            "The request",
            grid(("What", "Value"), [("Reason", receipt.reason), ("Done by", receipt.by)]),
        ),
        part("Removed", grid(("What", "How many"), _removed(receipt))),
        part(
            "What stays, and why",
            grid(("What", "How many"), _kept(receipt)),
            tag("ul", *(tag("li", say(line)) for line in WHY_KEPT), class_="notes"),
        ),
        part("How the next import is kept from bringing the person back",
             tag("p", say(_stopped(receipt)))),
        part(
            "What is left to do",
            tag("ul", *(tag("li", say(line)) for line in left_to_do(receipt)), class_="notes"),
        ),
        foot="This receipt holds no personal data but the pseudonym's number and the reason.",
    )  # fmt: skip


def _removed(receipt: Receipt) -> list[tuple[str, str]]:
    held = [(kind, receipt.removed.get(kind, 0)) for kind in REMOVED_KINDS]
    counted = [(kind.capitalize(), format_count(count)) for kind, count in held if count]
    return counted or [("Nothing: it was erased before", "0")]


def _kept(receipt: Receipt) -> list[tuple[str, str]]:
    return [
        ("Records under the pseudonym", format_count(receipt.members)),
        *((kind.capitalize(), format_count(count)) for kind, count in receipt.kept.items()),
    ]


def _stopped(receipt: Receipt) -> str:
    held = [plural(count, *KNOWN_AGAIN[kind]) for kind, count in receipt.fingerprints.items()]
    said = f"Keyed fingerprints are kept of {', '.join(held)}. " if held else ""
    shared = (
        f" {format_count(receipt.shared)} names or addresses that other clients have too are not "
        "used for that."
        if receipt.shared
        else ""
    )
    return (
        f"{said}A fingerprint cannot be turned back into what it was made of. A row that matches "
        f"one counts for {receipt.pseudonym}, and nothing personal in it is stored.{shared}"
    )


def alike_line(receipt: Receipt) -> str:
    """Return which records that stay could be the same person, in a sentence."""
    named = ", ".join(f"#{number}" for number in receipt.alike[:MOST_ALIKE])
    more = len(receipt.alike) - MOST_ALIKE
    named += f" and {format_count(more)} more" if more > 0 else ""
    if len(receipt.alike) == 1:
        return (
            f"Record {named} has the same name, e-mail or phone number and stays: if it is the "
            "same person, erase it too."
        )
    return (
        f"Records {named} have the same name, e-mail or phone number and stay: those that are "
        "the same person must be erased too."
    )


def left_to_do(receipt: Receipt) -> list[str]:
    """Return what this erasure could not reach, in sentences."""
    lines = [
        f"Backups made before {receipt.at:%Y-%m-%d %H:%M} still hold the person: let them run "
        "out. Restoring one over this database erases the person again by itself; restored "
        "anywhere else, it must be done again by hand.",
        "Files that were imported or exported lie outside this dashboard; so do mailboxes and "
        "the shop itself.",
    ]
    if receipt.alike:
        lines.insert(0, alike_line(receipt))
    if receipt.database == "postgresql":
        lines.append(
            "PostgreSQL reuses the space of old rows over time; VACUUM FULL, and the end of its "
            "archived logs, removes them at once."
        )
    elif not receipt.file_clean:
        lines.append(
            "The database file was in use and may still hold old bytes: run “erase --clean”."
        )
    return lines
