"""PayPal activity, in English, German, French and Spanish."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from crm_core.intake.amounts import parse_amounts
from crm_core.intake.columns import Cells
from crm_core.intake.formats.description import REFUND, SALE, Format, Outcome, words

_SENDER = (
    "From Email Address",
    "Absender E-Mail-Adresse",
    "De l'adresse email",
    "Adresse email de l'expéditeur",
    "Correo electrónico del remitente",
    "Del correo electrónico",
)
_RECIPIENT = (
    "To Email Address",
    "Empfänger E-Mail-Adresse",
    "À l'adresse email",
    "Correo electrónico del destinatario",
    "A correo electrónico",
)
_GROSS = ("Gross", "Brutto", "Avant commission", "Brut", "Bruto")
_NUMBER = (
    "Transaction ID",
    "Transaktionscode",
    "Numéro de transaction",
    "Id. de transacción",
    "Identificador de transacción",
)
_REFERENCE = (
    "Reference Txn ID",
    "Zugehöriger Transaktionscode",
    "Numéro de la transaction de référence",
    "Id. de referencia de trans.",
    "Id. de transacción de referencia",
)
_TYPE = ("Type", "Typ", "Tipo", "Description", "Beschreibung", "Descripción")
_STATUS = ("Status", "État", "Estado")

_TYPES = (
    ("refund", REFUND),
    ("ruckzahlung", REFUND),
    ("ruckerstattung", REFUND),
    ("remboursement", REFUND),
    ("reembolso", REFUND),
    ("hold", "hold"),
    ("reserve", "hold"),
    ("einbehalt", "hold"),
    ("autorisierung", "hold"),
    ("authorization", "hold"),
    ("autorisation", "hold"),
    ("autorizacion", "hold"),
    ("retencion", "hold"),
    ("blocage", "hold"),
    ("chargeback fee", "fee"),
    ("reversal", REFUND),
    ("chargeback", REFUND),
    ("ruckbuchung", REFUND),
    ("annulation", REFUND),
    ("currency conversion", "conversion"),
    ("wahrungsumrechnung", "conversion"),
    ("conversion de devise", "conversion"),
    ("conversion de divisas", "conversion"),
    ("withdrawal", "payout"),
    ("abbuchung", "payout"),
    ("auszahlung", "payout"),
    ("virement", "payout"),
    ("retiro", "payout"),
    ("bank deposit", "transfer"),
    ("bankgutschrift", "transfer"),
    ("deposit", "transfer"),
    ("transfer", "payout"),
    ("transferencia", "payout"),
    ("fee", "fee"),
    ("gebuhr", "fee"),
    ("frais", "fee"),
    ("comision", "fee"),
    ("payment", SALE),
    ("zahlung", SALE),
    ("paiement", SALE),
    ("pago", SALE),
    ("checkout", SALE),
    ("sale", SALE),
    ("donation", SALE),
    ("spende", SALE),
)


def _counterpart(cells: Cells) -> pa.ChunkedArray:
    """Take who paid as the client; for money going out, who got it."""
    sender, recipient = cells.first(*_SENDER).array(), cells.first(*_RECIPIENT).array()
    gross = cells.find(*_GROSS)
    outgoing = parse_amounts(cells.table.column(gross)).values < 0 if gross else None
    chosen = sender if outgoing is None else pc.if_else(pa.array(outgoing), recipient, sender)
    return pa.chunked_array([pc.fill_null(chosen, "")])


ACTIVITY = Format(
    key="paypal-activity",
    title="PayPal activity",
    required=(
        "Date|Datum|Fecha",
        "TimeZone|Zeitzone|Fuseau horaire|Zona horaria|Time Zone",
        "|".join(_GROSS),
        "Net|Netto|Neto",
        "|".join(_NUMBER),
    ),
    fields={
        "email": _SENDER,
        "name": ("Name", "Nom", "Nombre"),
        "country": ("Country", "Land", "Pays", "País"),
        "city": ("Town/City", "Ort", "Ville", "Ciudad"),
        "phone": ("Contact Phone Number", "Telefon", "Numéro de téléphone du contact"),
        "order": _NUMBER,
        "day": ("Date", "Datum", "Fecha"),
        "amount": _GROSS,
        "currency": ("Currency", "Währung", "Devise", "Divisa", "Moneda"),
        "status": _STATUS,
        "product": ("Item Title", "Artikelbezeichnung", "Titre de l'objet", "Título del artículo"),
        "refund_of": _REFERENCE,
    },
    amount_is=(
        "Gross, before PayPal's fee, less Shipping and Handling Amount and Sales Tax where the "
        "file has them"
    ),
    outcomes=(
        Outcome(_TYPE, phrases=_TYPES, otherwise="other"),
        Outcome(
            _STATUS,
            words(SALE, "completed", "refunded", "partially refunded", "reversed")
            | words(SALE, "abgeschlossen", "zuruckgezahlt", "teilweise zuruckgezahlt", "termine")
            | words(SALE, "terminee", "effectue", "rembourse", "completado", "reembolsado")
            | words("pending", "pending", "held", "ausstehend", "einbehalten", "en attente")
            | words("pending", "pendiente", "unclaimed", "processing", "placed")
            | words("voided", "canceled", "cancelled", "expired", "voided", "removed", "storniert")
            | words("failed", "denied", "returned", "abgelehnt", "refuse", "denegado"),
        ),
        Outcome(
            ("Balance Impact", "Auswirkung auf Guthaben", "Impact sur le solde"),
            words("memo", "memo") | words(SALE, "credit", "debit", "haben", "soll"),
            otherwise=SALE,
        ),
    ),
    identity=("email", "name"),
    less=(
        "Shipping and Handling Amount",
        "Versand- und Bearbeitungsgebühr",
        "Montant des frais d'expédition et de traitement",
        "Montant des frais de livraison et de traitement",
        "Sales Tax",
        "Umsatzsteuer",
        "TVA",
    ),
    negative="own payment",
    derive={"email": _counterpart},
    notes=(
        "A refund names its payment in Reference Txn ID; the client of a refund is its recipient.",
        "Payments you made yourself (negative, no refund) are no sales.",
        "Refunded payments stay sales: the refund is a row of its own.",
    ),
)
