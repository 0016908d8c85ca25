"""HubSpot: deals, contacts and companies."""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

from crm_core.intake.columns import Cells
from crm_core.intake.formats.description import SALE, Format, Outcome, words

_COMPANY = (
    "Associated Company",
    "Associated Company (Primary)",
    "Associated Company IDs",
    "Company name",
)
_SEPARATOR = re.compile(r"\s+[-–—|:]\s+|:\s+")


def company_of_deal(name: str) -> str:
    """Return the client a deal's name begins with.

    Examples
    --------
    >>> company_of_deal("Acme - New Business"), company_of_deal("Globex")
    ('Acme', 'Globex')
    """
    return _SEPARATOR.split(name, maxsplit=1)[0].strip()


def _client(cells: Cells) -> pa.ChunkedArray:
    company = cells.first(*_COMPANY, "Associated Contact").array()
    from_name = cells.first("Deal Name").map(company_of_deal).array()
    return pa.chunked_array([pc.fill_null(pc.coalesce(company, from_name), "")])


DEALS = Format(
    key="hubspot-deals",
    title="HubSpot deals",
    required=("Record ID", "Deal Name", "Deal Stage", "Amount", "Close Date"),
    fields={
        "name": (*_COMPANY, "Deal Name"),
        "manager": ("Deal owner",),
        "order": ("Record ID",),
        "day": ("Close Date",),
        "amount": ("Amount",),
        "currency": ("Currency", "Deal currency code"),
        "status": ("Deal Stage",),
        "category": ("Deal Type", "Pipeline"),
        "source": ("Original Source Type", "Original Traffic Source"),
    },
    amount_is="Amount of a won deal, as agreed; the file does not say whether tax is in it",
    outcomes=(
        Outcome(
            ("Deal Stage",),
            words(SALE, "closedwon", "closed won", "won")
            | words("lost deal", "closedlost", "closed lost", "lost"),
            phrases=(("closed won", SALE), ("closed lost", "lost deal")),
            otherwise="open deal",
        ),
    ),
    identity=("name",),
    derive={"name": _client},
    notes=(
        "Only deals closed as won are sales, on their Close Date.",
        "The client is the associated company; where the file has none, what stands before the "
        "dash in Deal Name.",
    ),
)

CONTACTS = Format(
    key="hubspot-contacts",
    title="HubSpot contacts",
    required=("Record ID", "First Name", "Last Name", "Email", "Lifecycle Stage"),
    fields={
        "client": ("Record ID",),
        "email": ("Email",),
        "phone": ("Phone Number", "Mobile Phone Number"),
        "country": ("Country/Region", "Country"),
        "region": ("State/Region", "State"),
        "city": ("City",),
        "segment": ("Lifecycle Stage",),
        "manager": ("Contact owner",),
        "known_on": ("Create Date",),
        "birthday": ("Date of birth",),
        "source": ("Original Source", "Original Source Type", "Original Traffic Source"),
    },
    amount_is="none: every row is a client without a sale (a lead)",
    name_parts=("First Name", "Last Name"),
    identity=("email", "client", "name"),
    leads=True,
    notes=("The e-mail comes before Record ID, so that contacts meet the shop's clients.",),
)

COMPANIES = Format(
    key="hubspot-companies",
    title="HubSpot companies",
    required=("Record ID", "Company name", "Company owner"),
    fields={
        "name": ("Company name",),
        "phone": ("Phone Number",),
        "country": ("Country/Region", "Country"),
        "region": ("State/Region",),
        "city": ("City",),
        "segment": ("Industry",),
        "manager": ("Company owner",),
        "known_on": ("Create Date",),
    },
    amount_is="none: every row is a client without a sale (a lead)",
    identity=("name",),
    leads=True,
    notes=("The company's name is the client, so that companies meet their deals.",),
)
